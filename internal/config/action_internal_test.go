package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestActionThatDoesNotFit(t *testing.T) {
	t.Parallel()
	good := string(actionJSON)
	tests := []struct{ name, text, want string }{
		{"no JSON", "inputs: [", "read action.yml: "},
		{"no inputs", "{}", "read action.yml: 0 inputs, but the program reads "},
		{"an input too many", strings.Replace(good, `"inputs": [`, `"inputs": [{"id": "extra"},`, 1), "input extra is not one that the program reads"},
		{"an input renamed", strings.Replace(good, `"timeout"`, `"time-out"`, 1), "input time-out is not one that the program reads"},
		{"an output too many", strings.Replace(good, `"outputs": [`, `"outputs": [{"id": "extra"},`, 1), "output extra is not one that the program sets"},
		{"no outputs", good[:strings.Index(good, `"outputs": [`)] + `"outputs": []}`, "0 outputs, but the program sets "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseAction([]byte(tt.text))
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestCell(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `Version \| of the server.`, cell("Version | of\n      the server."))
}
