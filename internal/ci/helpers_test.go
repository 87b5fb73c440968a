package ci_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
)

// world is a CI with its surroundings in memory.
type world struct {
	*ci.CI
	stdout, stderr bytes.Buffer
}

// newWorld makes a CI that sees env.
func newWorld(tb testing.TB, env map[string]string) *world {
	tb.Helper()
	w := &world{}
	w.CI = ci.New(ci.Options{Stdout: &w.stdout, Stderr: &w.stderr, Getenv: getenv(env)})
	return w
}

// getenv looks names up in env.
func getenv(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// onGitHub is the environment of a runner, with more added.
func onGitHub(more ...string) map[string]string {
	env := map[string]string{"GITHUB_ACTIONS": "true"}
	for i := 0; i+1 < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

// lines splits printed text into its lines.
func lines(text string) []string {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// brokenPipe is a writer whose reader went away. It counts what was tried.
type brokenPipe struct {
	err    error
	writes int
}

func (b *brokenPipe) Write([]byte) (int, error) {
	b.writes++
	return 0, b.err
}
