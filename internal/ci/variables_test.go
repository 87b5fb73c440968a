package ci_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
)

func TestVariables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.Mask("wv-key-1234")
	data, err := w.Variables([]ci.Output{{Name: "backup-path", Value: "a/b_c.json"}, {Name: "object-count", Value: ""}, {Name: "schema-digest", Value: "sha256:00ff"}})
	require.NoError(t, err)
	assert.Equal(t, "WEAVIATE_BACKUP_OUTPUT_BACKUP_PATH=a/b_c.json\nWEAVIATE_BACKUP_OUTPUT_OBJECT_COUNT=\nWEAVIATE_BACKUP_OUTPUT_SCHEMA_DIGEST=sha256:00ff\n", string(data))
	require.NoError(t, ci.CheckVariables(data))

	for value, shown := range map[string]string{
		"a b": `"a b"`, "$(evil)": `"$(evil)"`, "`evil`": "\"`evil`\"", "a;b": `"a;b"`, "a\nb": `"a\nb"`, "~": `"~"`, `"a"`: `"\"a\""`, "ü": `"ü"`, "a\xff": `"a\xff"`,
		"wv-key-1234": `"***"`, "#": `"#"`, "a&": `"a&"`, "*": `"*"`, `\`: `"\\"`, "a\r": `"a\r"`, "\x00": `"\x00"`,
	} {
		_, err := w.Variables([]ci.Output{{Name: "good", Value: "1"}, {Name: "bad-one", Value: value}})
		require.EqualError(t, err, "the output bad-one is "+shown+", which a shell would not take as it is; allowed: letters, digits and _ . / : @ % + , = -")
	}
	for _, outs := range [][]ci.Output{{{Name: "a b", Value: "1"}}, {{Name: "a", Value: "1"}, {Name: "A", Value: "1"}}} {
		_, err := w.Variables(outs)
		require.Error(t, err)
	}
}

// Whatever the values are: a file that is made is known again, and a shell has the
// values as they are.
func TestVariablesInShell(t *testing.T) {
	t.Parallel()
	shells := []string{"sh", "bash"}
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.OneOf(rapid.StringMatching(`[A-Za-z0-9_./:@%+,=~-]{0,20}`), rapid.String()).Draw(rt, "value")
		w := newWorld(t, nil)
		data, err := w.Variables([]ci.Output{{Name: "first", Value: value}, {Name: "last", Value: "end"}})
		require.Equal(rt, ci.IsPlain(value), err == nil, "%v", err)
		if err != nil {
			return
		}
		require.NoError(rt, ci.CheckVariables(data))
		require.LessOrEqual(rt, len(data), ci.MaxVariables)
		for _, shell := range shells {
			command := exec.CommandContext(t.Context(), shell, "-euc", string(data)+`printf '%s\n' "$WEAVIATE_BACKUP_OUTPUT_FIRST" "$WEAVIATE_BACKUP_OUTPUT_LAST"`)
			got, err := command.Output()
			require.NoError(rt, err, "%s: %s", shell, data)
			require.Equal(rt, value+"\nend\n", string(got), shell)
		}
	})
}

func TestCheckVariables(t *testing.T) {
	t.Parallel()
	const good = "WEAVIATE_BACKUP_OUTPUT_CHANGED=true\n"
	for _, text := range []string{"", good, strings.TrimSuffix(good, "\n"), good + "WEAVIATE_BACKUP_OUTPUT_NEW_2=\n"} {
		require.NoError(t, ci.CheckVariables([]byte(text)), "%q", text)
	}
	for text, line := range map[string]string{
		"A=b\n":          "line 1",
		good + "A=b\n":   "line 2",
		good + "\n":      "line 2",
		"\n":             "line 1",
		"# " + good:      "line 1",
		" " + good:       "line 1",
		"export " + good: "line 1",
		"WEAVIATE_BACKUP_OUTPUT_CHANGED=\"true\"":  "line 1",
		"WEAVIATE_BACKUP_OUTPUT_CHANGED=true\r\n":  "line 1",
		"WEAVIATE_BACKUP_OUTPUT_CHANGED":           "line 1",
		"WEAVIATE_BACKUP_OUTPUT_=1":                "line 1",
		"WEAVIATE_BACKUP_OUTPUT_changed=1":         "line 1",
		"WEAVIATE_BACKUP_OUTPUTS_FILE=out.env":     "line 1",
		"WEAVIATE_BACKUP_OUTPUT_DIRECTORY=backups": "line 1", // settings of someone's runs
		"WEAVIATE_URL=http://weaviate:8080":        "line 1",
	} {
		err := ci.CheckVariables([]byte(text))
		require.ErrorContains(t, err, "its "+line+" is not one that this program writes", "%q", text)
	}
}
