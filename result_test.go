package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

const resultSchemaFile = "internal/action/result.schema.json"

// resultSchema is the JSON Schema of what --json prints. What it lets pass for
// readers of later versions, members that it does not name, this one refuses.
func resultSchema() (*jsonschema.Schema, error) {
	data, err := os.ReadFile(resultSchemaFile)
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	root := document.(map[string]any) //nolint:errcheck // a panic ends the test
	root["additionalProperties"] = false
	for _, definition := range root["$defs"].(map[string]any) { //nolint:errcheck // the same
		if object := definition.(map[string]any); object["properties"] != nil { //nolint:errcheck // the same
			object["additionalProperties"] = false
		}
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertContent()
	if err := compiler.AddResource(resultSchemaFile, document); err != nil {
		return nil, err
	}
	return compiler.Compile(resultSchemaFile)
}

// checkResult says what is wrong with a result of the command, - where the inputs
// were too bad to tell, that ended with the code.
func checkResult(schema *jsonschema.Schema, stdout, command, code string) error {
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(stdout))
	if err != nil {
		return err
	}
	if err := schema.Validate(instance); err != nil {
		return err
	}
	var got struct {
		Command string `json:"command"`
		Code    int    `json:"exit_code"`
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		return err
	}
	if got.Command == "" {
		got.Command = "-"
	}
	if text := fmt.Sprint(got.Code); got.Command != command || text != code {
		return fmt.Errorf("it is of command %s with exit code %s", got.Command, text)
	}
	return nil
}

// readResult is the script command "result COMMAND CODE".
func readResult(ts *testscript.TestScript, args []string) {
	schema, err := resultSchema()
	ts.Check(err)
	if err := checkResult(schema, ts.ReadFile("stdout"), args[0], args[1]); err != nil {
		ts.Fatalf("the result of --json: %v", err)
	}
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
	data, err := os.ReadFile(resultSchemaFile)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &schema))
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
	data, err = os.ReadFile("action.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(data, &action))
	assert.Equal(t, slices.Sorted(maps.Keys(action.Outputs)), slices.Sorted(maps.Keys(named)))
}

// Each kind of result is made by a script, for each command that has it.
func TestScriptsMakeEveryKindOfResult(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	files, err := filepath.Glob("testdata/script/result*.txtar")
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
	schema, err := resultSchema()
	require.NoError(t, err)
	const digest = "sha256:2f1e1db955bf0e0a16e4635023e68dbf1b9a49115e66eb461bca961f0d25dae1"
	const good = `{"command": "diff", "ok": true, "exit_code": 0, "outputs": {"weaviate-version": "", "schema-digest": "` + digest + `",
		"drift": "false", "breaking": "false", "change-count": "0", "changes": "[]", "not-compared": "[]", "report-path": "backups/diff.md"}}`
	require.NoError(t, checkResult(schema, good, "diff", "0"))
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
		assert.Error(t, checkResult(schema, bad, "diff", "0"), name)
	}
}
