package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

func TestDemoShowsABackupFromEndToEnd(t *testing.T) {
	weaviatetest.Need(t, weaviatetest.DefaultVersion)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	var out bytes.Buffer
	d := demo{out: &out, version: weaviatetest.DefaultVersion}
	require.NoError(t, d.show(t.Context()))
	for _, part := range []string{
		"Article   250 objects", "Article: 250 objects", "backups/Order_schema_", `"version": "1.0"`,
		"\nobject-counts: {\"Article\":250,\"Author\":40,\"Order\":null,\"Product\":120}\n", "| `Author` | 40 |",
		"All is as it should be",
	} {
		assert.Contains(t, out.String(), part)
	}
	assert.NotContains(t, out.String(), "::debug::")
	_, summary, ok := strings.Cut(out.String(), "\n== Step summary\n")
	require.True(t, ok)
	shown, err := os.ReadFile(filepath.Join("../..", summaryFile))
	require.NoError(t, err)
	assert.Equal(t, string(shown), shownSummary(summary), "go run ./internal/demo -picture")
	assertEmpty(t, temp)
}

func TestDemoThatIsCancelledLeavesNothing(t *testing.T) {
	weaviatetest.Need(t, weaviatetest.DefaultVersion)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	d := demo{
		out: writerFunc(func(p []byte) {
			if bytes.Contains(p, []byte("Loading sample collections")) {
				cancel()
			}
		}),
		version: weaviatetest.DefaultVersion,
	}
	require.ErrorIs(t, d.show(ctx), context.Canceled)
	assertEmpty(t, temp)
}

func TestStepFailsWithTheActionsExitCode(t *testing.T) {
	t.Parallel()
	r := stubRunner(t, "exit 3")
	assert.EqualError(t, r.step(t.Context(), nil, &bytes.Buffer{}), "the action failed with exit code 3")
}

func TestStepSeesWhatARunnerGives(t *testing.T) {
	t.Parallel()
	r := stubRunner(t, `echo "$GITHUB_ACTIONS|$GITHUB_WORKSPACE|$(pwd)"; echo "a<<E
1
E" > "$GITHUB_OUTPUT"; echo "# done" > "$GITHUB_STEP_SUMMARY"`)
	var log bytes.Buffer
	require.NoError(t, r.step(t.Context(), nil, &log))
	assert.Equal(t, "true|"+r.workspace+"|"+r.workspace+"\n", log.String())
	outputs, err := readOutputs(r.output)
	require.NoError(t, err)
	assert.Equal(t, []output{{"a", "1"}}, outputs)
	assert.FileExists(t, r.summary)
}

func TestInputsAreThoseOfActionYML(t *testing.T) {
	t.Parallel()
	r := stubRunner(t, "exit 0")
	pairs, err := r.inputs(map[string]string{"weaviate-url": "http://h:1"})
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"INPUT_WEAVIATE-URL=http://h:1", "INPUT_OUTPUT-DIRECTORY=backups", "INPUT_API-KEY="}, pairs)
	_, err = r.inputs(map[string]string{"weaviate_url": "http://h:1"})
	assert.EqualError(t, err, "action.yml has no input weaviate_url")
}

func TestOutputsAreReadAsARunnerDoes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text    string
		want    []output
		problem string
	}{
		"two":       {text: "a<<E\n1\n2\nE\nb<<F\n\nF\n", want: []output{{"a", "1\n2"}, {"b", ""}}},
		"no lines":  {text: "a<<E\nE\n", want: []output{{"a", ""}}},
		"unended":   {text: "a<<E\n1\n", problem: "a has no end"},
		"one-liner": {text: "a=1\n", problem: "no name<<word"},
		"nothing":   {text: "", problem: "the action set no outputs"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "output")
			require.NoError(t, os.WriteFile(file, []byte(c.text), 0o600))
			got, err := readOutputs(file)
			if c.problem != "" {
				require.ErrorContains(t, err, c.problem)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestVerifyFindsAWrongBackup(t *testing.T) {
	t.Parallel()
	snapshot := func(name, count string) string {
		return `{"metadata":{"collection":"` + name + `","object_count":` + count + `},"schema":{"class":"` + name + `"}}`
	}
	cases := map[string]struct {
		change  map[string]string
		problem string
	}{
		"right":               {},
		"a wrong count":       {map[string]string{"Author": snapshot("Author", "41")}, "Author_schema_1.json: its object count is 41, not 40"},
		"an unknown count":    {map[string]string{"Author": snapshot("Author", "null")}, "its object count is unknown"},
		"a count of the cold": {map[string]string{"Order": snapshot("Order", "50")}, "though a cold tenant can't be counted"},
		"another's schema":    {map[string]string{"Author": snapshot("Article", "40")}, `it is of collection "Article"`},
		"no JSON":             {map[string]string{"Author": "{"}, "unexpected end of JSON input"},
		"none":                {map[string]string{"Author": ""}, "Author has 0 snapshots, not one"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			texts := map[string]string{
				"Author": snapshot("Author", "40"), "Article": snapshot("Article", "250"),
				"Product": snapshot("Product", "120"), "Order": snapshot("Order", "null"),
			}
			for collection, text := range c.change {
				texts[collection] = text
			}
			for collection, text := range texts {
				if text != "" {
					require.NoError(t, os.WriteFile(filepath.Join(folder, collection+"_schema_1.json"), []byte(text), 0o600))
				}
			}
			if err := verify(folder); c.problem == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.problem)
			}
		})
	}
}

func TestRunnerLogHidesWhatARunnerHides(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := &runnerLog{out: &out}
	for _, part := range []string{"one\n::deb", "ug::two\n::add-mask::three\nfour ::debug::\n::warning::five\n"} {
		n, err := log.Write([]byte(part))
		require.NoError(t, err)
		assert.Equal(t, len(part), n)
	}
	assert.Equal(t, "one\nfour ::debug::\n::warning::five\n", out.String())
}

// stubRunner runs a shell script as the action, with a small action.yml.
func stubRunner(t *testing.T, script string) runner {
	t.Helper()
	root := t.TempDir()
	action := "inputs:\n  weaviate-url: {required: true}\n  output-directory: {default: backups}\n  api-key: {}\n"
	require.NoError(t, os.WriteFile(filepath.Join(root, "action.yml"), []byte(action), 0o600))
	r, err := newRunner(root, t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(r.binary, []byte("#!/bin/sh\n"+script), 0o700))
	return r
}

// writerFunc is called for each write.
type writerFunc func(p []byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}

func assertEmpty(t *testing.T, folder string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(folder, "weaviate-*"))
	require.NoError(t, err)
	assert.Empty(t, left, strings.Join(left, " "))
}
