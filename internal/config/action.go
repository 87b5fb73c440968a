package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// action is what this package needs of action.yml.
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

// output is one output of action.yml.
type output struct{ id, description string }

// parseAction reads action.yml. It is an error when its inputs are not exactly
// those that this package reads, or when something lacks a description.
func parseAction(text []byte) (action, error) {
	var file struct {
		Description string    `yaml:"description"`
		Inputs      yaml.Node `yaml:"inputs"` // nodes keep the order
		Outputs     yaml.Node `yaml:"outputs"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return action{}, fmt.Errorf("read action.yml: %w", err)
	}
	result := action{description: strings.TrimSpace(file.Description)}
	known := inputTraits()
	inputs, err := items(file.Inputs)
	if err != nil {
		return action{}, fmt.Errorf("read action.yml: inputs: %w", err)
	}
	for _, item := range inputs {
		in := input{
			id: item.id, description: item.fields["description"], def: item.fields["default"],
		}
		var found bool
		if in.traits, found = known[in.id]; !found {
			return action{}, fmt.Errorf("read action.yml: input %s is not one that the program reads", in.id)
		}
		result.inputs = append(result.inputs, in)
	}
	if len(result.inputs) != len(known) {
		return action{}, fmt.Errorf("read action.yml: %d inputs, but the program reads %d", len(result.inputs), len(known))
	}
	outputs, err := items(file.Outputs)
	if err != nil {
		return action{}, fmt.Errorf("read action.yml: outputs: %w", err)
	}
	for _, item := range outputs {
		result.outputs = append(result.outputs, output{id: item.id, description: item.fields["description"]})
	}
	return result, nil
}

// item is one input or output as it stands in the file.
type item struct {
	id     string
	fields map[string]string
}

// items reads a mapping of ids to fields, in order. GitHub takes every default as
// a string, so anything else (an unquoted true) is refused.
func items(mapping yaml.Node) ([]item, error) {
	var all []item
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		id := mapping.Content[i].Value
		if mapping.Content[i].ShortTag() != "!!str" {
			return nil, fmt.Errorf("id %s is not a string", id)
		}
		var raw map[string]any
		if err := mapping.Content[i+1].Decode(&raw); err != nil {
			return nil, fmt.Errorf("%s is not a mapping: %w", id, err)
		}
		fields := make(map[string]string, len(raw))
		for key, value := range raw {
			text, ok := value.(string)
			if !ok {
				return nil, fmt.Errorf("%s: %s is not a string", id, key)
			}
			fields[key] = strings.TrimSpace(text)
		}
		if fields["description"] == "" {
			return nil, fmt.Errorf("%s has no description", id)
		}
		all = append(all, item{id, fields})
	}
	return all, nil
}
