package action_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/scripttest"
)

// step is a place where the program runs as a step of a GitHub workflow does.
type step struct {
	folder string // of the runner's files; the workspace is in it
	env    map[string]string
	args   []string
}

func newStep(folder string) step {
	return step{folder: folder, env: map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": filepath.Join(folder, "workspace"),
		"GITHUB_OUTPUT": filepath.Join(folder, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(folder, "summary"),
		"INPUT_RETRY-MAX-WAIT": "1ms", "INPUT_MAX-ATTEMPTS": "2",
	}}
}

// anywhere draws whether the step is one of GitHub's, or of another CI that reads what
// is printed.
func (s step) anywhere(t *rapid.T) step {
	if rapid.Bool().Draw(t, "on GitHub") {
		return s
	}
	env := maps.Clone(s.env)
	for _, name := range []string{"GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		delete(env, name)
	}
	return step{folder: s.folder, env: env, args: s.args}
}

// left is what a step leaves behind.
type left struct {
	code             int
	printed          string // standard output and standard error
	log              scripttest.Log
	output           string // the file
	outputs, summary string // the outputs as scripttest has them, one per line
}

// run runs one command in process; inputs are by their ids in action.yml.
func (s step) run(t require.TestingT, inputs map[string]string) left {
	workspace := s.env["GITHUB_WORKSPACE"]
	require.NoError(t, os.MkdirAll(workspace, 0o755))
	for _, file := range []string{"output", "summary"} {
		require.NoError(t, os.WriteFile(filepath.Join(s.folder, file), nil, 0o600))
	}
	env := maps.Clone(s.env)
	for id, value := range inputs {
		env["INPUT_"+strings.ToUpper(id)] = value
	}
	var printed bytes.Buffer
	var l left
	l.code = action.Run(context.Background(), action.Process{
		Args: s.args, Getenv: func(name string) string { return env[name] }, Directory: workspace, Stdout: &printed, Stderr: io.Writer(&printed),
		Version: "v1.0.0-test", Now: time.Now,
	})
	if file := inputs["outputs-file"]; file != "" {
		assertOutputsFile(t, filepath.Join(workspace, file), l.code)
	}
	l.printed, l.log = printed.String(), scripttest.ReadLog(printed.String())
	output, err := os.ReadFile(filepath.Join(s.folder, "output"))
	require.NoError(t, err)
	outputs, err := scripttest.ReadOutputs(string(output))
	require.NoError(t, err, "%s", output)
	summary, err := os.ReadFile(filepath.Join(s.folder, "summary"))
	require.NoError(t, err)
	l.output, l.outputs, l.summary = string(output), strings.Join(outputs, "\n"), string(summary)
	actionYAML, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	require.NoError(t, err)
	assertKnownOutputs(t, string(actionYAML), outputs)
	return l
}

// assertOutputsFile holds the file to its promise: it is there if and only if the
// run is done, and a shell that sources it only sets variables.
func assertOutputsFile(t require.TestingT, path string, code int) {
	if code != action.ExitDone && code != action.ExitDifference {
		assert.NoFileExists(t, path)
		return
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, ci.CheckVariables(data))
	assert.NotEmpty(t, data)
}

var (
	outputID = regexp.MustCompile(`(?m)^  ([a-z-]+):$`)
	titles   = regexp.MustCompile(`^title=(Weaviate backup|Schema drift|Bad input|(Backup|Verify|Restore|Diff) (failed|found a difference))$`)
	placed   = regexp.MustCompile(`^(file=backups/\S+\.json|line=\d+)$`)
	groups   = regexp.MustCompile(`^(Backup of http|Verify |Restore to http|Diff$)`)
)

// assertKnownOutputs holds the names to action.yml, and each is there once.
func assertKnownOutputs(t require.TestingT, actionYAML string, outputs []string) {
	_, section, _ := strings.Cut(actionYAML, "\noutputs:\n")
	section, _, _ = strings.Cut(section, "\nruns:\n")
	var known, got []string
	for _, match := range outputID.FindAllStringSubmatch(section, -1) {
		known = append(known, match[1])
	}
	require.NotEmpty(t, known)
	for _, output := range outputs {
		name, _, _ := strings.Cut(output, "=")
		assert.Contains(t, known, name)
		got = append(got, name)
	}
	slices.Sort(got)
	assert.Len(t, slices.Compact(slices.Clone(got)), len(got), "%q", got)
}

// assertHarmless holds the log and the summary to what the program itself means.
func (l left) assertHarmless(t require.TestingT) {
	for _, command := range l.log.Commands {
		switch command.Name {
		case "debug":
			assert.Empty(t, command.Properties, "%s", command)
		case "endgroup":
			assert.Equal(t, scripttest.Command{Name: "endgroup"}, command)
		case "group":
			assert.Empty(t, command.Properties, "%s", command)
			assert.Regexp(t, groups, command.Message)
		case "warning", "error":
			for _, property := range command.Properties {
				assert.True(t, titles.MatchString(property) || placed.MatchString(property), "%s", command)
			}
			assert.True(t, slices.ContainsFunc(command.Properties, titles.MatchString), "%s", command)
		default:
			assert.Fail(t, "not a command of the program", "%s", command)
		}
	}
	assert.Empty(t, l.log.Masks)
	assert.LessOrEqual(t, l.log.Count("endgroup"), 1)
	assert.LessOrEqual(t, l.log.Count("group"), 1)
	assert.LessOrEqual(t, l.log.Count("error"), 1+9)
	assertVisible(t, l.printed)
	assertVisible(t, l.summary)
	assertInert(t, l.summary)
}

// assertVisible fails at a character that has no shape or moves others.
func assertVisible(t require.TestingT, text string) {
	i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) })
	assert.Negative(t, i, "a hidden character in %q", text[max(0, i-20):min(len(text), max(0, i)+20)])
}

var (
	block    = regexp.MustCompile("(?ms)^(````*)[a-z]*\n.*?^(````*)$")
	codeSpan = regexp.MustCompile("`[^`\n|]*`")
	own      = regexp.MustCompile(`\*\*breaking\*\*|<details><summary>|</summary>|</details>`)
	active   = regexp.MustCompile("[<`*_~$\\\\\\[\\]]|@\\w|#\\d|://|(?i)www\\.")
)

// assertInert fails where Markdown that the program did not write itself is left
// once code is taken away: every mark in a text from outside is an entity.
func assertInert(t require.TestingT, summary string) {
	for _, match := range block.FindAllStringSubmatch(summary, -1) {
		assert.Equal(t, match[1], match[2], "a block of code that ends early: %s", match[0])
	}
	rest := own.ReplaceAllString(codeSpan.ReplaceAllString(block.ReplaceAllString(summary, ""), "code"), "")
	for line := range strings.Lines(rest) {
		line = strings.ReplaceAll(strings.ReplaceAll(line, "&#", "&"), "] [", "")
		assert.NotRegexp(t, active, line)
		if strings.HasPrefix(line, "|") {
			assert.True(t, strings.HasSuffix(line, "|\n"), "a row that is cut: %q", line)
		}
	}
}

// asserting is a test for another goroutine than its own, where nothing may end it.
type asserting struct{ *testing.T }

// FailNow ends the goroutine alone; the test has failed already.
func (asserting) FailNow() { runtime.Goexit() }
