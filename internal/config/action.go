package config

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// actionJSON is what this package needs of action.yml, whose order it keeps. It
// is generated, so that the program has no YAML in it (0.3 MB).
//
//go:generate go test ../readme -run TestActionJSON -update
//go:embed action.json
var actionJSON []byte

// action is action.yml, together with what only the program knows.
type action struct {
	description string
	inputs      []input
	outputs     []output
}

// input is one input as action.yml and the table of traits describe it.
type input struct {
	id, description, def string
	traits
}

// output is one output of action.yml, and the commands that set it.
type output struct {
	id, description string
	commands        []string
}

// parseAction reads what was generated from action.yml. It is an error when its
// inputs are not exactly those that this package reads, or its outputs others than
// the program sets.
func parseAction(text []byte) (action, error) {
	type item struct {
		ID          string `json:"id"`
		Description string `json:"description"`
		Default     string `json:"default"`
	}
	var file struct {
		Description string `json:"description"`
		Inputs      []item `json:"inputs"`
		Outputs     []item `json:"outputs"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return action{}, fmt.Errorf("read action.yml: %w", err)
	}
	result := action{description: file.Description}
	known := make(map[string]traits, len(inputTraits))
	for _, input := range inputTraits {
		known[input.id] = input.traits
	}
	for _, item := range file.Inputs {
		traits, found := known[item.ID]
		if !found {
			return action{}, fmt.Errorf("read action.yml: input %s is not one that the program reads", item.ID)
		}
		result.inputs = append(result.inputs, input{item.ID, item.Description, item.Default, traits})
	}
	if len(result.inputs) != len(known) {
		return action{}, fmt.Errorf("read action.yml: %d inputs, but the program reads %d", len(result.inputs), len(known))
	}
	setBy := outputCommands()
	for _, item := range file.Outputs {
		if len(setBy[item.ID]) == 0 {
			return action{}, fmt.Errorf("read action.yml: output %s is not one that the program sets", item.ID)
		}
		result.outputs = append(result.outputs, output{item.ID, item.Description, setBy[item.ID]})
	}
	if len(result.outputs) != len(setBy) {
		return action{}, fmt.Errorf("read action.yml: %d outputs, but the program sets %d", len(result.outputs), len(setBy))
	}
	return result, nil
}
