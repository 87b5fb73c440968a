package scripttest_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/scripttest"
)

const root = "../.."

// resultSchema is the compiled schema of results, and its text.
func resultSchema(t *testing.T) (*jsonschema.Schema, []byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "internal", "action", "result.schema.json"))
	require.NoError(t, err)
	schema, err := scripttest.ResultSchema(text)
	require.NoError(t, err)
	return schema, text
}

// The schema names the outputs of action.yml, all of them and no others, each for
// the commands whose help names it.
func TestResultSchemaNamesTheOutputs(t *testing.T) {
	t.Parallel()
	var schema struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	_, text := resultSchema(t)
	require.NoError(t, json.Unmarshal(text, &schema))
	named := make(map[string]any)
	for _, command := range []string{"backup", "verify", "restore", "diff"} {
		help, err := config.Help(command)
		require.NoError(t, err)
		_, help, _ = strings.Cut(help, "\nOutputs:\n")
		var told []string
		for _, line := range regexp.MustCompile(`(?m)^  ([a-z-]+)$`).FindAllStringSubmatch(help, -1) {
			told = append(told, line[1])
		}
		slices.Sort(told)
		assert.Equal(t, slices.Sorted(maps.Keys(schema.Defs[command].Properties)), told)
		maps.Copy(named, schema.Defs[command].Properties)
	}
	var action struct {
		Outputs map[string]any `yaml:"outputs"`
	}
	data, err := os.ReadFile(filepath.Join(root, "action.yml"))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(data, &action))
	assert.Equal(t, slices.Sorted(maps.Keys(action.Outputs)), slices.Sorted(maps.Keys(named)))
}

// Each kind of result is made by a script, for each command that has it.
func TestScriptsMakeEveryKindOfResult(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	files, err := filepath.Glob(filepath.Join(root, "testdata", "script", "result*.txtar"))
	require.NoError(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(data)
	}
	for _, command := range []string{"backup", "verify", "restore", "diff"} {
		for _, code := range []string{"0", "1", "3", "130"} {
			if command != "backup" || code != "3" {
				assert.Contains(t, all.String(), "\nresult "+command+" "+code+"\n")
			}
		}
	}
	assert.Contains(t, all.String(), "\nresult - 2\n")
}

func TestResultsThatAreNotAccepted(t *testing.T) {
	t.Parallel()
	schema, _ := resultSchema(t)
	const digest = "sha256:2f1e1db955bf0e0a16e4635023e68dbf1b9a49115e66eb461bca961f0d25dae1"
	const good = `{"command": "diff", "ok": true, "exit_code": 0, "outputs": {"weaviate-version": "", "schema-digest": "` + digest + `",
		"drift": "false", "breaking": "false", "change-count": "0", "changes": "[]", "not-compared": "[]", "report-path": "backups/diff.md"}}`
	require.NoError(t, scripttest.CheckResult(schema, good, "diff", "0"))
	for name, change := range map[string][2]string{
		"ok without its code":      {`"exit_code": 0`, `"exit_code": 1`},
		"a code that there is not": {`"exit_code": 0`, `"exit_code": 4`},
		"a code as text":           {`"exit_code": 0`, `"exit_code": "0"`},
		"ok with an error":         {`"ok": true`, `"ok": true, "error": "no"`},
		"not ok without an error":  {`"ok": true, "exit_code": 0`, `"ok": false, "exit_code": 1`},
		"bad input of a command":   {`"ok": true, "exit_code": 0`, `"ok": false, "exit_code": 2, "error": "no"`},
		"no command":               {`"command": "diff", `, ``},
		"another command":          {`"diff"`, `"verify"`},
		"no outputs":               {`"outputs"`, `"output"`},
		"an output too few":        {`"drift": "false", `, ``},
		"an output too many":       {`"drift"`, `"valid": "true", "drift"`},
		"a number":                 {`"change-count": "0"`, `"change-count": 0`},
		"no JSON":                  {`"changes": "[]"`, `"changes": "["`},
		"a word":                   {`"drift": "false"`, `"drift": "no"`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		require.NotEqual(t, good, bad, name)
		assert.Error(t, scripttest.CheckResult(schema, bad, "diff", "0"), name)
	}
}
