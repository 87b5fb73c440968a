package ci_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
)

// libraryDelimiter is the constant that go-githubactions would use.
const libraryDelimiter = "_GitHubActionsFileCommandDelimeter_"

func TestSetOutputsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "output")
	require.NoError(t, os.WriteFile(path, []byte("earlier=1\n"), 0o600))
	w := newWorld(t, onGitHub("GITHUB_OUTPUT", path))
	w.Mask("wv-key-1234")
	w.stdout.Reset() // the mask commands
	outs := []ci.Output{
		{Name: "backup-path", Value: "backups/Docs_schema_20260201_103000.json"},
		{Name: "object-count", Value: ""},
		{Name: "backup-paths", Value: "a.json\nb.json\n"},
		{Name: "Hostile_1", Value: "x\n" + libraryDelimiter + "\nevil=1\nevil<<" + libraryDelimiter + "\n::error::x"},
		{Name: "equals", Value: "a=b<<c"},
		{Name: "carriage", Value: "a\r\n\r"},
		{Name: "secret", Value: "key wv-key-1234", Prose: true},
		{Name: "bytes", Value: "a\xffb"},
	}
	require.NoError(t, w.SetOutputs(outs))

	want := append([]ci.Output{{Name: "earlier", Value: "1"}}, outs...)
	want[7].Value, want[7].Prose, want[8].Value = "key ***", false, "a\ufffdb"
	got, err := readOutputs(readFile(t, path))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Empty(t, w.stdout.String()+w.stderr.String())
}

func TestSetOutputsStdout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.Mask("wv-key-1234")
	require.NoError(t, w.SetOutputs([]ci.Output{
		{Name: "b", Value: "2"},
		{Name: "a", Value: ""},
		{Name: "paths", Value: "x\n\x1b[31my\tz\n::error::y\n##vso[task.complete]"},
		{Name: "changes", Value: `[{"path": "##vso[task.prependpath]/tmp"}]`},
		{Name: "color", Value: "\x1b[31m\r wv-key-1234", Prose: true},
	}))
	assert.Regexp(t,
		`\Ab=2\na=\npaths<<(output_[A-Z2-7]{26})\nx\n\\x1b\[31my\\tz\n\\x3a:error::y\n##vso\\x5btask.complete\]\noutput_[A-Z2-7]{26}\n`+
			`changes=\[{"path": "##vso\\u005btask.prependpath\]/tmp"}\]\ncolor=\\x1b\[31m\\r \*\*\*\n\z`,
		w.stdout.String())
	assert.Empty(t, w.stderr.String())
}

func TestSetOutputsPrintsNothingWithJSON(t *testing.T) {
	t.Parallel()
	var stdout strings.Builder
	c := ci.New(ci.Options{Stdout: &stdout, JSON: true})
	require.NoError(t, c.SetOutputs([]ci.Output{{Name: "a", Value: "b"}}))
	assert.Empty(t, stdout.String())
}

func TestSetOutputsErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := []ci.Output{{Name: "a", Value: "b"}}
	for _, tc := range []struct {
		name string
		env  map[string]string
		outs []ci.Output
		want string
	}{
		{"not set on GitHub", onGitHub(), good, "GITHUB_OUTPUT is not set"},
		{"a folder", onGitHub("GITHUB_OUTPUT", dir), good, "GITHUB_OUTPUT: open " + dir + ": is a directory"},
		{"no such folder", onGitHub("GITHUB_OUTPUT", dir+"/x/y"), good, "no such file or directory"},
		{"full disk", onGitHub("GITHUB_OUTPUT", "/dev/full"), good, "no space left on device"},
		{"name with =", nil, []ci.Output{{Name: "a=b", Value: ""}}, `output name "a=b": only letters`},
		{"name with line break", nil, []ci.Output{{Name: "a\nb", Value: ""}}, "only letters"},
		{"name with <<", nil, []ci.Output{{Name: "a<<b", Value: ""}}, "only letters"},
		{"name with digit first", nil, []ci.Output{{Name: "1a", Value: ""}}, "only letters"},
		{"no name", nil, []ci.Output{{Name: "", Value: "x"}}, "only letters"},
		{"masked", nil, []ci.Output{{Name: "path", Value: "a/masked-value/b.json"}}, `output "path": it holds a value that is masked`},
		{"name twice", nil, []ci.Output{{Name: "a-b", Value: ""}, {Name: "A-B", Value: ""}}, `output name "A-B" is given twice`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tc.env)
			w.Mask("masked-value")
			w.stdout.Reset() // the mask commands
			err := w.SetOutputs(tc.outs)
			require.ErrorContains(t, err, tc.want)
			require.ErrorContains(t, err, "set outputs: ")
			assert.Empty(t, w.stdout.String())
		})
	}
}

func TestSetOutputsReportsABrokenStdout(t *testing.T) {
	t.Parallel()
	cause := errors.New("broken pipe")
	c := ci.New(ci.Options{Stdout: &brokenPipe{err: cause}})
	require.ErrorIs(t, c.SetOutputs([]ci.Output{{Name: "a", Value: "b"}}), cause)
}

func TestSetOutputsWritesNothingWhenANameIsBad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "output")
	w := newWorld(t, onGitHub("GITHUB_OUTPUT", path))
	require.Error(t, w.SetOutputs([]ci.Output{{Name: "a", Value: "b"}, {Name: "a b", Value: "c"}}))
	assert.NoFileExists(t, path)
}

func FuzzSetOutputs(f *testing.F) {
	f.Add("a", "1", "b", "2")
	f.Add("a", "x\n"+libraryDelimiter+"\nevil=1", "b", "")
	f.Add("a", "\n", "A", "\r\n")
	f.Add("a<<b", "x", "b=c", "y")
	f.Add("a", "\xff", "b", "output_\noutput_")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		path := filepath.Join(t.TempDir(), "output")
		w := newWorld(t, onGitHub("GITHUB_OUTPUT", path))
		outs := []ci.Output{{Name: name1, Value: value1}, {Name: name2, Value: value2}}
		if err := w.SetOutputs(outs); err != nil {
			assert.NoFileExists(t, path)
			return
		}
		got, err := readOutputs(readFile(t, path))
		require.NoError(t, err)
		for i := range outs {
			outs[i].Value = strings.ToValidUTF8(outs[i].Value, "\ufffd")
		}
		assert.Equal(t, outs, got)
	})
}

// readOutputs reads an output file by the runner's rules (FileCommandManager.cs):
// lines end in LF, empty ones between the entries are skipped, the first of "="
// and "<<" decides the form, and a value goes up to a line equal to its delimiter.
func readOutputs(text string) ([]ci.Output, error) {
	var outs []ci.Output
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case line == "":
		case equals >= 0 && (heredoc < 0 || equals < heredoc):
			outs = append(outs, ci.Output{Name: line[:equals], Value: line[equals+1:]})
		case heredoc >= 0:
			name, delimiter := line[:heredoc], line[heredoc+2:]
			if name == "" || delimiter == "" {
				return nil, fmt.Errorf("no name or no delimiter: %q", line)
			}
			var value []string
			for {
				if text == "" {
					return nil, fmt.Errorf("no end of %q", name)
				}
				if line, text, _ = strings.Cut(text, "\n"); line == delimiter {
					break
				}
				value = append(value, line)
			}
			outs = append(outs, ci.Output{Name: name, Value: strings.Join(value, "\n")})
		default:
			return nil, fmt.Errorf("not an output: %q", line)
		}
	}
	return outs, nil
}

// readFile returns what path holds.
func readFile(tb testing.TB, path string) string {
	tb.Helper()
	data, err := os.ReadFile(path)
	require.NoError(tb, err)
	return string(data)
}
