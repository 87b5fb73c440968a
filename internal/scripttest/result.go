package scripttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// ResultSchema compiles the JSON Schema of what --json prints. What it lets pass for
// readers of later versions, members that it does not name, this one refuses.
func ResultSchema(text []byte) (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
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
	const name = "result.schema.json"
	if err := compiler.AddResource(name, document); err != nil {
		return nil, err
	}
	return compiler.Compile(name)
}

// CheckResult says what is wrong with a result of the command, - where the inputs
// were too bad to tell, that ended with the code.
func CheckResult(schema *jsonschema.Schema, stdout, command, code string) error {
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
	if text := strconv.Itoa(got.Code); got.Command != command || text != code {
		return fmt.Errorf("it is of command %s with exit code %s", got.Command, text)
	}
	return nil
}
