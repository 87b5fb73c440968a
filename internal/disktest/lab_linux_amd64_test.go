//go:build !race

package disktest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/disktest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// kind is what a run that gets broken is asked to do, and over what.
type kind struct {
	name string
	// stable names, or such with a time; over an earlier run, or in no folder.
	stable, over bool
	// noLinks makes it a file system without hard links.
	noLinks bool
	// outputsFile asks for one.
	outputsFile bool
}

var kinds = []kind{
	{name: "times"},
	{name: "times over times", over: true},
	{name: "times without links", over: true, noLinks: true},
	{name: "stable", stable: true},
	{name: "stable over stable", stable: true, over: true},
}

// lab has what all runs of one kind begin with.
type lab struct {
	t    *testing.T
	kind kind
	url  string
	// start is a folder with the workspace ws, where the earlier run's files are;
	// old are these, and want those of a run that nothing breaks, if the names are
	// stable.
	start     string
	old, want map[string]string
	runs      int
}

// newLab makes the earlier run. Since then one collection has changed, one is
// gone, one is new and one is as it was.
func newLab(t *testing.T, k kind) *lab {
	t.Helper()
	before := weaviatetest.NewFake(t)
	now := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Classes[0] = bytes.Replace(c.Classes[0], []byte("the headline"), []byte("the title"), 1)
		c.Classes[2] = bytes.ReplaceAll(c.Classes[2], []byte(`"Shop"`), []byte(`"Zoo"`))
		c.Tenants = nil
	})
	l := &lab{t: t, kind: k, url: now.URL, start: t.TempDir()}
	require.NoError(t, os.Mkdir(filepath.Join(l.start, "ws"), 0o755))
	if k.over {
		code, log := l.inside(l.start, 2024, l.args(before.URL)...)
		require.Equal(t, 0, code, log)
		l.old = visible(t, l.start)
	}
	if k.stable {
		c := l.open()
		code, log := l.inside(c.root, 2025, l.args(l.url)...)
		require.Equal(t, 0, code, log)
		l.want = visible(t, c.root)
		require.NotContains(t, l.want, "Shop_schema.json")
		c.close()
	}
	return l
}

func (l *lab) args(url string) []string {
	name := "timestamped"
	if l.kind.stable {
		name = "stable"
	}
	args := []string{"backup", "--weaviate-url", url, "--file-name", name}
	if l.kind.outputsFile {
		args = append(args, "--outputs-file", "outputs.env")
	}
	return args
}

// inside runs the program in this process, in a year, on what root has.
func (l *lab) inside(root string, year int, args ...string) (code int, log string) {
	var out bytes.Buffer
	code = action.Run(l.t.Context(), action.Process{
		Args:      args,
		Getenv:    func(string) string { return "" },
		Directory: filepath.Join(root, "ws"),
		Stdout:    &out,
		Stderr:    &out,
		Version:   "v0.0.0",
		Now:       func() time.Time { return time.Date(year, 1, 2, 3, 4, 5, 0, time.UTC) },
	})
	return code, out.String()
}

// broken is a run that was broken, and what it left.
type broken struct {
	*lab
	root   string
	report disktest.Report
	code   int
	log    string
	// files are those of the backups, by name; temporary are names.
	files     map[string]string
	temporary []string
}

// open copies what the runs begin with.
func (l *lab) open() *broken {
	l.t.Helper()
	root, err := os.MkdirTemp(l.start, "run")
	require.NoError(l.t, err)
	require.NoError(l.t, os.CopyFS(filepath.Join(root, "ws"), os.DirFS(filepath.Join(l.start, "ws"))))
	return &broken{lab: l, root: root}
}

func (b *broken) close() { require.NoError(b.t, os.RemoveAll(b.root)) }

// run runs the program under a plan.
func (l *lab) run(plan disktest.Plan) *broken {
	l.t.Helper()
	b := l.open()
	l.runs++
	plan.Root, plan.Report = b.root, filepath.Join(b.root, "report.json")
	if l.kind.noLinks {
		plan.Refuse = []string{"linkat"}
	}
	for i := range plan.Run {
		plan.Run[i] = strings.ReplaceAll(plan.Run[i], "ROOT", b.root)
	}
	text, err := json.Marshal(plan)
	require.NoError(l.t, err)
	b.finish([]string{"GITHUB_OUTPUT=" + filepath.Join(b.root, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(b.root, "summary")},
		append([]string{"break-disk", string(text), "weaviate-backup"}, l.args(l.url)...)...)
	require.NotEqual(l.t, 99, b.code, b.log)
	data, err := os.ReadFile(plan.Report)
	require.NoError(l.t, err)
	require.NoError(l.t, json.Unmarshal(data, &b.report))
	b.look()
	return b
}

// finish runs a command in the workspace, with these variables.
func (b *broken) finish(env []string, command ...string) {
	b.t.Helper()
	cmd := programtest.Command(b.t.Context(), filepath.Join(b.root, "ws"), command...)
	cmd.Env = append(cmd.Env, env...)
	done := programtest.Finish(b.t, cmd)
	b.code, b.log = done.Code, done.Log()
}

// temporaryName is what the product says that a kill may leave.
var temporaryName = regexp.MustCompile(`^\.[A-Z2-7]{26}\.(?:lock|\d+)\.tmp$`)

func (b *broken) look() {
	b.t.Helper()
	b.files, b.temporary = visible(b.t, b.root), nil
	for name := range b.files {
		if strings.HasPrefix(name, ".") {
			b.temporary = append(b.temporary, name)
			delete(b.files, name)
			require.Regexp(b.t, temporaryName, name, b)
		}
	}
}

// visible are the contents of the files in the folder of the backups, which need
// not be there.
func visible(t *testing.T, root string) map[string]string {
	t.Helper()
	folder := filepath.Join(root, "ws", "backups")
	entries, err := os.ReadDir(folder)
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(t, err)
	}
	files := make(map[string]string)
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		require.NoError(t, err)
		files[entry.Name()] = string(data)
	}
	return files
}

// String is the run for messages.
func (b *broken) String() string {
	at := "none"
	if n := len(b.report.Operations); n > 0 {
		at = fmt.Sprintf("%d %+v", n, b.report.Operations[n-1])
	}
	return fmt.Sprintf("%s: exit code %d, last operation %s, has %q and %q, log:\n%s",
		b.kind.name, b.code, at, slices.Sorted(maps.Keys(b.files)), b.temporary, b.log)
}

// verify checks a path, and gives the exit code and the manifest that was found.
func (b *broken) verify(path string) (code int, manifest string) {
	b.t.Helper()
	code, log := b.inside(b.root, 2025, "verify", "--backup-path", path)
	for line := range strings.Lines(log) {
		if value, ok := strings.CutPrefix(line, "manifest-path=backups/"); ok {
			manifest = strings.TrimSpace(value)
		}
	}
	return code, manifest
}

// added are the names of files that the earlier run has not, sorted; every file of
// that must be as it was.
func (b *broken) added() []string {
	b.t.Helper()
	var names []string
	for name := range b.files {
		if _, ok := b.old[name]; !ok {
			names = append(names, name)
		}
	}
	for name, content := range b.old {
		require.Equal(b.t, content, b.files[name], "%s of the earlier run, %v", name, b)
	}
	slices.Sort(names)
	return names
}
