package action_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// cgroup is a control group whose processes may use so much memory.
type cgroup struct {
	folder string
	// seen is where the processes of a container see the folder.
	seen string
	// limit is the file that holds the limit.
	limit string
}

// newCgroup makes a control group, below the one of this process where version 1 of
// the kernel's interface rules memory, and beside it where version 2 does: there, only
// groups without processes have others below them.
func newCgroup(t *testing.T, mib int) cgroup {
	t.Helper()
	parent, c, err := findCgroup(os.ReadFile)
	require.NoError(t, err)
	c.folder = filepath.Join(parent, fmt.Sprintf("weaviate-backup-test-%d-%d", os.Getpid(), mib))
	require.NoError(t, os.Mkdir(c.folder, 0o755), "a control group can't be made")
	t.Cleanup(func() { assert.NoError(t, os.Remove(c.folder)) })
	require.NoError(t, os.WriteFile(filepath.Join(c.folder, c.limit), []byte(strconv.Itoa(mib<<20)), 0o600))
	return c
}

// findCgroup says where a group for a test can be made, by /proc/self/cgroup: lines
// NUMBER:CONTROLLERS:PATH, of version 2 without number and controllers.
func findCgroup(readFile func(string) ([]byte, error)) (parent string, c cgroup, err error) {
	text, err := readFile("/proc/self/cgroup")
	if err != nil {
		return "", cgroup{}, err
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) == 3 && slices.Contains(strings.Split(parts[1], ","), "memory") {
			const root = "/sys/fs/cgroup/memory"
			return filepath.Join(root, parts[2]), cgroup{seen: root, limit: "memory.limit_in_bytes"}, nil
		}
	}
	for line := range strings.Lines(string(text)) {
		own, ok := strings.CutPrefix(strings.TrimSpace(line), "0::")
		for ok && own != "/" {
			own = filepath.Dir(own)
			const root = "/sys/fs/cgroup"
			controllers, err := readFile(filepath.Join(root, own, "cgroup.subtree_control"))
			if err == nil && slices.Contains(strings.Fields(string(controllers)), "memory") {
				return filepath.Join(root, own), cgroup{seen: root, limit: "memory.max"}, nil
			}
		}
	}
	return "", cgroup{}, errors.New("no control group that this process is in, or below, rules memory: see /proc/self/cgroup")
}

// inside is the program as a container runs it: as a process of the group, which sees
// the group's files where the kernel shows a container its own.
func (p program) inside(c cgroup, env ...string) program {
	const enter = `echo $$ >"$0/cgroup.procs" && mount --bind "$0" "$1" && shift && exec "$@"`
	p.before = []string{"unshare", "--mount", "sh", "-c", enter, c.folder, c.seen}
	p.env = append(slices.Clone(p.env), env...)
	return p
}

// goal is the most that the garbage collector let the heap grow to in a run with
// GODEBUG=gctrace=1, in MiB (package runtime).
func (f finished) goal(t *testing.T) int {
	t.Helper()
	var goals []int
	for _, match := range regexp.MustCompile(`, (\d+) MB goal`).FindAllStringSubmatch(f.stderr, -1) {
		goal, err := strconv.Atoi(match[1])
		require.NoError(t, err)
		goals = append(goals, goal)
	}
	require.NotEmpty(t, goals, f.stderr)
	return slices.Max(goals)
}

// killed is the exit code of a run that the kernel has ended, as programtest gives it.
const killed = -1

// In a container of 256 MiB nothing is killed, however large a schema. In a smaller one
// the garbage collector keeps below nine tenths of it, and a backup that was killed all
// the same left nothing that verify calls whole.
func TestMemoryOfContainer(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a control group; .ci/run runs as root")
	}
	compiled := newProgram(t)
	for _, test := range []struct {
		name, definition string
		mib              int
		ends             bool // by itself
	}{
		{"a description of 24 MB in 256 MiB", described(strings.Repeat("x", 79)), 256, true},
		{"10,000 properties in 256 MiB", wide("before"), 256, true},
		{"a description of 24 MB in 208 MiB", described(strings.Repeat("x", 79)), 208, true},
		{"a description of 24 MB in 64 MiB", described(strings.Repeat("x", 79)), 64, false},
		{"10,000 properties in 64 MiB", wide("before"), 64, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
				c.Classes, c.Tenants, c.Counts, c.Aliases = []json.RawMessage{[]byte(test.definition)}, nil, nil, map[string]string{}
			})
			p := compiled.onGitHub(t).inside(newCgroup(t, test.mib), "GODEBUG=gctrace=1")
			done := p.run(t, "backup", "--weaviate-url", fake.URL)
			t.Logf("backup: exit code %d, %.0f MiB", done.code, done.peakMiB)
			if !test.ends {
				require.Equal(t, killed, done.code, done.stderr)
				assert.Equal(t, action.ExitFailed, compiled.at(p.workspace).run(t, "verify", "--backup-path", "backups").code, "it left something that looks whole")
				return
			}
			require.Equal(t, action.ExitDone, done.code, done.stderr)
			most := min(192, test.mib*9/10)
			for _, command := range []string{"verify", "diff"} {
				done := p.run(t, command, "--backup-path", "backups", "--weaviate-url", fake.URL)
				require.Equal(t, action.ExitDone, done.code, done.stderr)
				assert.LessOrEqual(t, done.goal(t), most, command)
				t.Logf("%s: %.0f MiB", command, done.peakMiB)
			}
		})
	}
}

// It is the limit of the container that makes the garbage collector run, and nothing
// else: four collections of 10,000 properties make twice the garbage that the container
// holds.
func TestMemoryOfContainerCollects(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a control group; .ci/run runs as root")
	}
	const mib = 64 // it passes from 48 to 96
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Classes, c.Tenants, c.Counts, c.Aliases = nil, nil, nil, map[string]string{}
		for i := range 4 {
			c.Classes = append(c.Classes, []byte(strings.Replace(wide("before"), "Doc", fmt.Sprintf("Doc%d", i), 1)))
		}
	})
	p := newProgram(t).onGitHub(t)
	done := p.run(t, "backup", "--weaviate-url", fake.URL)
	require.Equal(t, action.ExitDone, done.code, done.stderr)

	p = p.inside(newCgroup(t, mib), "GODEBUG=gctrace=1", "GOGC=off")
	done = p.run(t, "verify", "--backup-path", "backups", "--weaviate-url", fake.URL)
	require.Equal(t, action.ExitDone, done.code, done.stderr)
	assert.LessOrEqual(t, done.goal(t), mib*9/10)

	p.env = append(p.env, "GOMEMLIMIT=off")
	done = p.run(t, "verify", "--backup-path", "backups", "--weaviate-url", fake.URL)
	assert.Equal(t, killed, done.code, done.stderr)
}

// at is the program in another workspace.
func (p program) at(workspace string) program {
	p.workspace = workspace
	return p
}

func TestFindCgroup(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ lines, controllers, parent, seen string }{
		{"9:name=systemd:/\n4:cpu,memory:/docker/1\n0::/\n", "", "/sys/fs/cgroup/memory/docker/1", "/sys/fs/cgroup/memory"},
		{"0::/system.slice/runner.service\n", "cpu memory pids\n", "/sys/fs/cgroup/system.slice", "/sys/fs/cgroup"},
		{"0::/user.slice/user-0.slice/session-1.scope\n", "cpu memory\n", "/sys/fs/cgroup/user.slice/user-0.slice", "/sys/fs/cgroup"},
		{"0::/system.slice/runner.service\n", "cpu pids\n", "", ""},
		{"0::/\n", "cpu memory\n", "", ""},
		{"3:cpu:/\n", "", "", ""},
	} {
		parent, c, err := findCgroup(func(path string) ([]byte, error) {
			if path == "/proc/self/cgroup" {
				return []byte(test.lines), nil
			}
			return []byte(test.controllers), nil
		})
		assert.Equal(t, test.parent == "", err != nil, test.lines)
		assert.Equal(t, test.parent, parent)
		assert.Equal(t, test.seen, c.seen)
	}
}
