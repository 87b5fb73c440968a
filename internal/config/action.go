package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
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
	required             bool
	traits
}

// output is one output of action.yml.
type output struct{ id, description string }

// parseAction reads action.yml. It is an error when its inputs are not exactly
// those that this package reads, or when something lacks a description.
func parseAction(text []byte) (action, error) {
	var file struct {
		Description string        `yaml:"description"`
		Inputs      yaml.MapSlice `yaml:"inputs"`
		Outputs     yaml.MapSlice `yaml:"outputs"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return action{}, fmt.Errorf("read action.yml: %w", err)
	}
	result := action{description: strings.TrimSpace(file.Description)}
	known := inputTraits()
	for _, item := range file.Inputs {
		in, err := parseInput(item)
		if err != nil {
			return action{}, fmt.Errorf("read action.yml: %w", err)
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
	for _, item := range file.Outputs {
		id, fields, err := parseItem(item)
		if err != nil {
			return action{}, fmt.Errorf("read action.yml: %w", err)
		}
		result.outputs = append(result.outputs, output{id: id, description: fields["description"]})
	}
	return result, nil
}

func parseInput(item yaml.MapItem) (input, error) {
	id, fields, err := parseItem(item)
	if err != nil {
		return input{}, err
	}
	return input{
		id: id, description: fields["description"], def: fields["default"], required: fields["required"] == "true",
	}, nil
}

// parseItem gives the id and the fields of an input or output. GitHub takes
// every default as a string, so anything else (an unquoted true) is refused.
func parseItem(item yaml.MapItem) (id string, fields map[string]string, err error) {
	id, ok := item.Key.(string)
	if !ok {
		return "", nil, fmt.Errorf("id %v is not a string", item.Key)
	}
	raw, ok := item.Value.(map[string]any)
	if !ok {
		return "", nil, fmt.Errorf("%s is not a mapping", id)
	}
	fields = make(map[string]string, len(raw))
	for key, value := range raw {
		switch value := value.(type) {
		case string:
			fields[key] = strings.TrimSpace(value)
		case bool:
			if key != "required" {
				return "", nil, fmt.Errorf("%s: %s is not a string", id, key)
			}
			fields[key] = strconv.FormatBool(value)
		default:
			return "", nil, fmt.Errorf("%s: %s is not a string", id, key)
		}
	}
	if fields["description"] == "" {
		return "", nil, fmt.Errorf("%s has no description", id)
	}
	return id, fields, nil
}
