package readme_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// item is an input or an output of action.yml.
type item struct {
	ID          string `json:"id"`
	Description string `json:"description"`
	Default     string `json:"default,omitempty"`
}

// actionJSON gives action.yml as internal/config reads it. Ids, descriptions and
// defaults must be strings, since GitHub takes every default as one: an unquoted
// true is an error.
func actionJSON(text []byte) ([]byte, error) {
	var in struct {
		Description string    `yaml:"description"`
		Inputs      yaml.Node `yaml:"inputs"` // nodes keep the order
		Outputs     yaml.Node `yaml:"outputs"`
	}
	if err := yaml.Unmarshal(text, &in); err != nil {
		return nil, err
	}
	var out struct {
		Description string `json:"description"`
		Inputs      []item `json:"inputs"`
		Outputs     []item `json:"outputs"`
	}
	out.Description = strings.TrimSpace(in.Description)
	var err error
	if out.Inputs, err = items(in.Inputs); err != nil {
		return nil, fmt.Errorf("inputs: %w", err)
	}
	if out.Outputs, err = items(in.Outputs); err != nil {
		return nil, fmt.Errorf("outputs: %w", err)
	}
	data, err := json.MarshalIndent(out, "", " ")
	return append(data, '\n'), err
}

// items reads a mapping of ids to fields, in order.
func items(mapping yaml.Node) ([]item, error) {
	var all []item
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		id, value := mapping.Content[i], mapping.Content[i+1]
		if id.ShortTag() != "!!str" {
			return nil, fmt.Errorf("id %s is not a string", id.Value)
		}
		fields := make(map[string]string)
		for j := 0; j+1 < len(value.Content); j += 2 {
			if field := value.Content[j+1]; field.ShortTag() == "!!str" {
				fields[value.Content[j].Value] = strings.TrimSpace(field.Value)
			} else {
				return nil, fmt.Errorf("%s: %s is not a string", id.Value, value.Content[j].Value)
			}
		}
		if fields["description"] == "" {
			return nil, fmt.Errorf("%s has no description", id.Value)
		}
		all = append(all, item{id.Value, fields["description"], fields["default"]})
	}
	return all, nil
}

func TestActionJSON(t *testing.T) {
	t.Parallel()
	want, err := actionJSON([]byte(read(t, "action.yml")))
	require.NoError(t, err)
	const file = "internal/config/action.json"
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(root, file), want, 0o644))
	}
	assert.Equal(t, string(want), read(t, file), "go generate ./internal/config")
}

func TestActionFileThatIsNotAccepted(t *testing.T) {
	t.Parallel()
	good := read(t, "action.yml")
	tests := []struct{ name, text, want string }{
		{"no YAML", "inputs: [", "yaml: "},
		{"a default that is no string", strings.Replace(good, `default: "true"`, `default: true`, 1), "restore-tenants: default is not a string"},
		{"a default that is a number", strings.Replace(good, `default: "5"`, `default: 5`, 1), "max-attempts: default is not a string"},
		{"an input that is text", strings.Replace(good, "inputs:\n", "inputs:\n  extra: x\n", 1), "extra has no description"},
		{"an output without description", strings.Replace(good, "outputs:\n", "outputs:\n  extra: {}\n", 1), "extra has no description"},
		{"an id that is a number", strings.Replace(good, "outputs:\n", "outputs:\n  1: {description: x}\n", 1), "id 1 is not a string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := actionJSON([]byte(tt.text))
			require.ErrorContains(t, err, tt.want)
		})
	}
}
