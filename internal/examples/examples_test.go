// Package examples_test carries out the examples for other CIs in testdata/examples
// as these CIs do, against a real server: their shell lines by a shell, with the
// real program first on PATH. Programs that fetch things, docker and curl, are
// stand-ins.
package examples_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

const (
	root     = "../.."
	examples = "testdata/examples/"
	release  = "v1.0.0"
	image    = "ghcr.io/weaviate-backup/weaviate-backup-action:" + release
)

func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "docker":
		os.Exit(told("docker", 125, docker(os.Args[1:])))
	case "curl":
		os.Exit(told("curl", 2, curl(os.Args[1:])))
	}
	os.Exit(m.Run())
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(data)
}

// machine is one of some CI: the programs on it, and what the owner has set.
type machine struct {
	t *testing.T
	// bin is first on PATH.
	bin string
	// url and key are those of the server.
	url, key string
}

// newMachine has the program, compiled, and the stand-ins.
func newMachine(t *testing.T) machine {
	t.Helper()
	m := machine{t: t, bin: t.TempDir()}
	require.NoError(t, programtest.BuildFrom(t.Context(), root, filepath.Join(m.bin, "weaviate-backup")))
	self, err := os.Executable()
	require.NoError(t, err)
	for _, name := range []string{"docker", "curl"} {
		require.NoError(t, os.Symlink(self, filepath.Join(m.bin, name)))
	}
	return m
}

// of is the machine for another test and server.
func (m machine) of(t *testing.T, url, key string) machine {
	t.Helper()
	m.t, m.url, m.key = t, url, key
	return m
}

// settings are the variables that the examples ask for.
func (m machine) settings() map[string]string {
	return map[string]string{"WEAVIATE_URL": m.url, "WEAVIATE_API_KEY": m.key}
}

// run runs a command in a folder, with these variables and no others but PATH and
// HOME. The key is in nothing that it prints.
func (m machine) run(folder string, env map[string]string, command ...string) (code int, output string) {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), m.find(command[0]), command[1:]...)
	cmd.Dir = folder
	cmd.Env = []string{"PATH=" + m.bin + ":" + os.Getenv("PATH"), "HOME=" + folder}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		cmd.Env = append(cmd.Env, name+"="+env[name])
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		_, exited := errors.AsType[*exec.ExitError](err)
		require.True(m.t, exited, "%v", err)
	}
	assert.NotContains(m.t, out.String(), m.key)
	return cmd.ProcessState.ExitCode(), out.String()
}

// find looks a program up on the machine.
func (m machine) find(name string) string {
	m.t.Helper()
	if own := filepath.Join(m.bin, name); filepath.Base(name) == name {
		if _, err := os.Stat(own); err == nil {
			return own
		}
	}
	path, err := exec.LookPath(name)
	require.NoError(m.t, err)
	return path
}

// A run of each example on a real server that asks for a key, and one with a key
// that the server refuses: then nothing comes after the backup.
func TestExamples(t *testing.T) {
	t.Parallel()
	weaviatetest.Need(t, weaviatetest.DefaultVersion)
	built := newMachine(t)
	server := newServer(t)
	for name, carryOut := range map[string]func(m machine) result{
		"gitlab-ci.yml": gitlab, "Jenkinsfile": jenkins, "azure-pipelines.yml": azure,
		"kubernetes-cronjob.yaml": kubernetes, "docker.sh": dockerScript, "binary.sh": binaryScript, "nightly.sh": nightlyScript,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := carryOut(built.of(t, server.URL, rootKey))
			require.Zero(t, got.code, got.output)
			manifests, err := filepath.Glob(filepath.Join(got.kept, "manifest_*.json"))
			require.NoError(t, err)
			require.Len(t, manifests, 1, got.output)
			code, output := built.of(t, server.URL, rootKey).run(got.kept, nil, "weaviate-backup", "verify", "--backup-path", filepath.Base(manifests[0]))
			require.Zero(t, code, output)

			refused := carryOut(built.of(t, server.URL, "another-key-0123456789"))
			require.NotZero(t, refused.code, refused.output)
			assert.Contains(t, refused.output, "error: Backup failed: ")
			assert.Equal(t, strings.Join(got.steps[:got.failed], ", "), strings.Join(refused.steps, ", "), refused.output)
			assert.Empty(t, refused.kept)
		})
	}
}

// result is what came of an example.
type result struct {
	// code is the exit code of the last step; output is of all of them.
	code   int
	output string
	// steps are the steps that were begun; failed counts those up to the backup.
	steps  []string
	failed int
	// kept is the folder with the files that the CI keeps; empty: none are.
	kept string
}

const rootKey = "root-key-0123456789"

// newServer has two collections, and lets nobody in without the key.
func newServer(t *testing.T) *weaviatetest.Server {
	t.Helper()
	server := weaviatetest.Run(t, weaviatetest.Options{Env: weaviatetest.RBACEnv(rootKey, nil), APIKey: rootKey})
	for _, name := range []string{"Document", "Author"} {
		server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": name, "properties": []any{map[string]any{"name": "name", "dataType": []string{"text"}}}})
		server.InsertObjects(t, name, "", 3)
	}
	return server
}

// The examples name one image and one release, as the workflow of the release makes
// them and as the README says.
func TestNames(t *testing.T) {
	t.Parallel()
	workflow := read(t, ".github/workflows/release.yml")
	name, _, _ := strings.Cut(image, ":")
	assert.Contains(t, workflow, "IMAGE: "+name+"\n")
	assert.Contains(t, workflow, `--tag "$IMAGE:$VERSION"`)
	assert.Contains(t, read(t, "README.md"), "uses: weaviate-backup/weaviate-backup-action@"+release+"\n")
	files, err := filepath.Glob(filepath.Join(root, examples, "*"))
	require.NoError(t, err)
	require.Len(t, files, 7)
	for _, file := range files {
		text := read(t, examples+filepath.Base(file))
		if filepath.Base(file) == "binary.sh" {
			assert.Contains(t, text, "/releases/download/"+release+"\n")
			continue
		}
		if filepath.Base(file) == "nightly.sh" {
			continue // it calls what is installed
		}
		found := regexp.MustCompile(`ghcr\.io/[\w./:@-]+`).FindAllString(text, -1)
		assert.Equal(t, []string{image}, slices.Compact(found), file)
	}
	for _, part := range regexp.MustCompile(`weaviate-backup_\S+`).FindAllString(read(t, examples+"binary.sh"), -1) {
		assert.Contains(t, workflow, strings.NewReplacer(release, "${VERSION}", "amd64", "$arch").Replace(part))
	}
}
