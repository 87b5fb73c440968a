package config_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

func TestActionFileThatDoesNotFit(t *testing.T) {
	t.Parallel()
	good := string(actionYAML(t))
	tests := []struct{ name, text, want string }{
		{"no YAML", "inputs: [", "read action.yml: "},
		{"no inputs", "name: x\n", "read action.yml: 0 inputs, but the program reads 37"},
		{"an input too many", strings.Replace(good, "inputs:\n", "inputs:\n  extra: {description: x}\n", 1), "input extra is not one that the program reads"},
		{"an input renamed", strings.Replace(good, "  timeout:\n", "  time-out:\n", 1), "input time-out is not one that the program reads"},
		{"a default that is no string", strings.Replace(good, `default: "true"`, `default: true`, 1), "restore-tenants: default is not a string"},
		{"a default that is a number", strings.Replace(good, `default: "5"`, `default: 5`, 1), "max-attempts: default is not a string"},
		{"an input that is text", strings.Replace(good, "inputs:\n", "inputs:\n  extra: x\n", 1), "extra is not a mapping"},
		{"an output without description", strings.Replace(good, "outputs:\n", "outputs:\n  extra: {}\n", 1), "extra has no description"},
		{"an id that is a number", strings.Replace(good, "outputs:\n", "outputs:\n  1: {description: x}\n", 1), "id 1 is not a string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(config.Source{ActionYAML: []byte(tt.text)})
			require.ErrorContains(t, err, tt.want)
			for _, render := range []func([]byte) (string, error){config.Help, config.InputTable, config.OutputTable} {
				text, err := render([]byte(tt.text))
				require.ErrorContains(t, err, tt.want)
				assert.Empty(t, text)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	text, err := config.Help(actionYAML(t))
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
	again, err := config.Help(actionYAML(t))
	require.NoError(t, err)
	assert.Equal(t, text, again)
}

func TestTables(t *testing.T) {
	t.Parallel()
	file := readAction(t)
	inputs, err := config.InputTable(actionYAML(t))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(inputs, "| Input | Default | Environment | Description |\n|---|---|---|---|\n| `command` | `backup` | `WEAVIATE_BACKUP_COMMAND` | What to do."))
	assert.Contains(t, inputs, "\n| `weaviate-url` | **required** by `backup`, `restore` | `WEAVIATE_URL` | Address of")
	assert.Contains(t, inputs, "\n| `api-key` |  | `WEAVIATE_API_KEY` | ")
	assert.Equal(t, len(file.Inputs)+2, strings.Count(inputs, "\n"))

	outputs, err := config.OutputTable(actionYAML(t))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(outputs, "| Output | Description |\n|---|---|\n| `backup-path` | "))
	assert.Equal(t, len(file.Outputs)+2, strings.Count(outputs, "\n"))

	piped := strings.Replace(string(actionYAML(t)), "Version of the server.", "Version | of\n      the server.", 1)
	outputs, err = config.OutputTable([]byte(piped))
	require.NoError(t, err)
	assert.Contains(t, outputs, "| `weaviate-version` | Version \\| of the server. Example: `1.39.0` |\n")
}
