package ci_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	summaryCap = 900 * 1024
	cutLine    = "**This summary was cut: it is longer than 900 KiB.**\n"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "summary")
	w := newWorld(t, onGitHub("GITHUB_STEP_SUMMARY", path))
	w.Mask("wv-key-1234")
	require.NoError(t, w.Summary(""))
	require.NoError(t, w.Summary("# one\n"))
	require.NoError(t, w.Summary("two wv-key-1234 \xff"))
	assert.Equal(t, "# one\ntwo *** \ufffd\n", readFile(t, path))
}

func TestSummaryIsCut(t *testing.T) {
	t.Parallel()
	row := strings.Repeat("ä", 50) + "\n"
	for _, tc := range []struct{ name, before, text, wantStart, wantEnd string }{
		{"rows", "", strings.Repeat(row, 10000), row, row + "\n" + cutLine},
		{"after another summary", strings.Repeat(row, 5000), strings.Repeat(row, 10000), row, row + "\n" + cutLine},
		{"in a code block", "", "```sh\n" + strings.Repeat(row, 10000) + "```\n", "```sh\n", row + "```\n\n" + cutLine},
		{"after a code block", "", "```\na\n```\n" + strings.Repeat(row, 10000), "```\na\n```\n" + row, row + "\n" + cutLine},
		{"one endless line", "", strings.Repeat("x", summaryCap+1), "\n", "\n" + cutLine},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "summary")
			require.NoError(t, os.WriteFile(path, []byte(tc.before), 0o600))
			w := newWorld(t, onGitHub("GITHUB_STEP_SUMMARY", path))
			require.NoError(t, w.Summary(tc.text))
			written := readFile(t, path)
			assert.LessOrEqual(t, len(written), summaryCap)
			assert.True(t, strings.HasPrefix(written, tc.before+tc.wantStart))
			assert.True(t, strings.HasSuffix(written, tc.wantEnd))
			assert.Equal(t, 1, strings.Count(written, cutLine))
		})
	}
}

func TestSummaryOfExactlyTheCapIsWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "summary")
	w := newWorld(t, onGitHub("GITHUB_STEP_SUMMARY", path))
	text := strings.Repeat("x", summaryCap-1) + "\n"
	require.NoError(t, w.Summary(text))
	assert.Len(t, readFile(t, path), summaryCap)
	require.ErrorContains(t, w.Summary("more"), "write step summary: the file holds 921600 bytes already")
}

func TestSummaryErrors(t *testing.T) {
	t.Parallel()
	require.NoError(t, newWorld(t, onGitHub()).Summary("text"), "not set: nothing to do")
	for name, path := range map[string]string{
		"is a directory":            t.TempDir(),
		"no such file or directory": filepath.Join(t.TempDir(), "x", "y"),
		"no space left on device":   "/dev/full",
	} {
		w := newWorld(t, onGitHub("GITHUB_STEP_SUMMARY", path))
		require.ErrorContains(t, w.Summary("text"), name)
	}
}
