package config_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

// allCommands are those that have a help text.
var allCommands = []string{"backup", "verify", "restore", "diff"}

// help gives the text, which fits a terminal.
func help(t *testing.T, command string) string {
	t.Helper()
	text, err := config.Help(command)
	require.NoError(t, err)
	for line := range strings.Lines(text) {
		assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)
		assert.Equal(t, strings.TrimRight(line, " \n")+"\n", line, "blanks at the end")
	}
	assert.Contains(t, text, "\n  0    done\n  1    failed\n  2    bad input\n  3    a difference was found\n  130  cancelled by a signal\n")
	assert.Contains(t, text, "\nExamples")
	return text
}

// shown gives the ids that stand in a help text in the way of inputs or outputs.
func shown(text, pattern string) []string {
	var ids []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		ids = append(ids, match[1])
	}
	return ids
}

const (
	inputLine  = `(?m)^  --([a-z-]+) \(env WEAVIATE_`
	outputLine = `(?m)^  ([a-z-]+)$`
)

// The pages of the commands together tell all of action.yml, and the overview
// names each input under the commands that read it.
func TestHelp(t *testing.T) {
	t.Parallel()
	file := readAction(t)
	overview := help(t, "")
	inputs, outputs := map[string]bool{"command": true}, make(map[string]bool)
	for _, command := range allCommands {
		assert.Contains(t, overview, "\n  "+command+" ")
		_, flags, ok := strings.Cut(overview, "\nFlags of "+command+":\n")
		require.True(t, ok)
		flags, _, _ = strings.Cut(flags, "\n\n")
		text := help(t, command)
		words := strings.Join(strings.Fields(text), " ")
		for _, id := range shown(text, inputLine) {
			if id == "json" {
				continue
			}
			in, known := file.Inputs[id]
			require.True(t, known, id)
			inputs[id] = true
			assert.Contains(t, words, "--"+id+" (env WEAVIATE_")
			assert.Contains(t, words, strings.Join(strings.Fields(in.Description), " "), id)
			if in.Default != "" {
				assert.Contains(t, text, "--"+id+" (env WEAVIATE_BACKUP_"+strings.ToUpper(strings.ReplaceAll(id, "-", "_"))+", default "+in.Default+")\n")
			}
		}
		_, list, ok := strings.Cut(text, "\nOutputs:\n")
		require.True(t, ok)
		for _, id := range shown(list, outputLine) {
			out, known := file.Outputs[id]
			require.True(t, known, id)
			outputs[id] = true
			assert.Contains(t, words, strings.Join(strings.Fields(out.Description), " "), id)
		}
		for _, flag := range strings.Fields(flags) {
			assert.Contains(t, text, "\n  "+flag+" (env ")
		}
	}
	for id := range file.Inputs {
		assert.True(t, inputs[id], "no page has the input %s", id)
		assert.Regexp(t, `(?s)\nFlags of .* --`+id+`\s`, overview)
	}
	for id := range file.Outputs {
		assert.True(t, outputs[id], "no page has the output %s", id)
	}
}

func TestHelpOfACommand(t *testing.T) {
	t.Parallel()
	for command, parts := range map[string][]string{
		"backup":  {"\n  --weaviate-url (env WEAVIATE_URL, required)\n", "\n  --api-key (env WEAVIATE_API_KEY)\n", "\nConnection:\n", "\nTiming:\n", "\nOutput:\n"},
		"verify":  {"\n  --weaviate-url (env WEAVIATE_URL)\n", "\n  --backup-path (env WEAVIATE_BACKUP_BACKUP_PATH, required)\n", "\nSelection:\n"},
		"restore": {"\n  --weaviate-url (env WEAVIATE_URL, required)\n", "\n  --on-existing (env WEAVIATE_BACKUP_ON_EXISTING, default fail)\n", "\nRestore:\n"},
		"diff":    {"\n  --backup-path (env WEAVIATE_BACKUP_BACKUP_PATH)\n", "\n  --against (env WEAVIATE_BACKUP_AGAINST, default live)\n", "\nDiff:\n"},
	} {
		text := help(t, command)
		assert.True(t, strings.HasPrefix(text, "weaviate-backup "+command+": "), text[:40])
		for _, part := range append(parts, "\n  --json (env WEAVIATE_BACKUP_JSON, default false)\n", "\nUsage:\n  weaviate-backup "+command+" [flags]\n") {
			assert.Contains(t, text, part)
		}
	}
	assert.NotContains(t, help(t, "verify"), "\nRestore:\n")
}

func TestTables(t *testing.T) {
	t.Parallel()
	file := readAction(t)
	inputs, err := config.InputTable()
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(inputs, "| Input | Default | Environment | Description |\n|---|---|---|---|\n| `command` | `backup` | `WEAVIATE_BACKUP_COMMAND` | What to do."))
	assert.Contains(t, inputs, "\n| `weaviate-url` | **required** by `backup`, `restore` | `WEAVIATE_URL` | Address of")
	assert.Contains(t, inputs, "\n| `api-key` |  | `WEAVIATE_API_KEY` | ")
	assert.Equal(t, len(file.Inputs)+2, strings.Count(inputs, "\n"))

	outputs, err := config.OutputTable()
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(outputs, "| Output | Description |\n|---|---|\n| `backup-path` | "))
	assert.Equal(t, len(file.Outputs)+2, strings.Count(outputs, "\n"))
}
