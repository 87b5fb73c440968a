package faulttest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
)

// finished is one run of the program, seen from outside.
type finished struct {
	folder string // its workspace
	code   int
	log    string
	// What --json prints.
	Error   string            `json:"error"`
	Outputs map[string]string `json:"outputs"`
}

// start is the time of all runs, so that their files can be compared.
var start = time.Date(2024, 2, 1, 10, 30, 0, 0, time.UTC)

// program runs the program in a folder, as `weaviate-backup ARGS...` does.
func program(t *testing.T, folder string, args ...string) finished {
	t.Helper()
	var stdout, stderr bytes.Buffer
	run := finished{folder: folder}
	run.code = action.Run(t.Context(), action.Process{
		Args:      append(args, "--json"),
		Getenv:    func(string) string { return "" },
		Directory: folder,
		Stdout:    &stdout,
		Stderr:    &stderr,
		Version:   "v0.0.0-test",
		Now:       func() time.Time { return start },
	})
	run.log = stderr.String()
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &run), "%s\n%s", &stdout, &stderr)
	return run
}

// limits are inputs that make a run give up soon.
func limits(attempts, requestTimeout string) []string {
	return []string{"--wait-for-ready", "0s", "--retry-max-wait", "1ms", "--max-attempts", attempts, "--request-timeout", requestTimeout}
}

// aFailure is what an error of a run says: what was being done, the request, and
// why it did not work out; or what was wrong though each request was answered.
var aFailure = regexp.MustCompile(`^[a-z][^\n]*: (GET|POST|PUT|DELETE) http://127\.0\.0\.1:\d+/v1/\S+( \(\d+ attempts\))?: \S+` +
	`|^the key may not read every|: the server answered with success, and `)

// assertFailure holds a failed run against what each must be: an exit code of a
// failure, and words that name what went wrong, on the log and in the result.
func assertFailure(t *testing.T, run finished, says string) {
	t.Helper()
	assert.Equal(t, action.ExitFailed, run.code)
	assert.Regexp(t, aFailure, run.Error)
	assert.Regexp(t, says, run.Error)
	assert.Contains(t, run.log, "error: ")
}

// files are what a folder and those in it hold, by path.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil || entry.IsDir() {
			all[name] = "a folder"
			return err
		}
		data, err := os.ReadFile(path)
		all[name] = string(data)
		return err
	})
	require.NoError(t, err)
	return all
}
