package config_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

func TestHelp(t *testing.T) {
	t.Parallel()
	text, err := config.Help()
	require.NoError(t, err)
	for line := range strings.Lines(text) {
		assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)
		assert.Equal(t, strings.TrimRight(line, " \n")+"\n", line, "blanks at the end")
	}
	file := readAction(t)
	words := strings.Join(strings.Fields(text), " ")
	for id, in := range file.Inputs {
		assert.Contains(t, text, "\n  --"+id+" (env WEAVIATE_", id)
		assert.Contains(t, words, strings.Join(strings.Fields(in.Description), " "), id)
		if in.Default != "" {
			assert.Contains(t, text, "--"+id+" (env WEAVIATE_BACKUP_"+strings.ToUpper(strings.ReplaceAll(id, "-", "_"))+", default "+in.Default+")\n")
		}
	}
	for id, out := range file.Outputs {
		assert.Contains(t, text, "\n  "+id+"\n")
		assert.Contains(t, words, strings.Join(strings.Fields(out.Description), " "), id)
	}
	for _, part := range []string{
		"\n  --weaviate-url (env WEAVIATE_URL, required by backup, restore)\n", "\n  --api-key (env WEAVIATE_API_KEY)\n",
		"\n  --backup-path (env WEAVIATE_BACKUP_BACKUP_PATH, required by verify, restore)\n",
		"\n  --on-existing (env WEAVIATE_BACKUP_ON_EXISTING, default fail)\n",
		"\n  --against (env WEAVIATE_BACKUP_AGAINST, default live)\n", "\n  diff      compare two schemas",
		"\n  --json (env WEAVIATE_BACKUP_JSON, default false)\n", "\nConnection:\n", "\nSelection:\n", "\nRestore:\n", "\nDiff:\n", "\nOutput:\n", "\nTiming:\n",
		"\n  0    done\n  1    failed\n  2    bad input\n  3    a difference was found\n  130  cancelled by a signal\n",
	} {
		assert.Contains(t, text, part)
	}
	again, err := config.Help()
	require.NoError(t, err)
	assert.Equal(t, text, again)
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
