package config

import (
	"errors"
	"strconv"
	"strings"
)

// ErrHelp is what [Load] returns when help was asked for, whatever else is wrong.
var ErrHelp = errors.New("help requested")

// ErrVersion is what [Load] returns when the version was asked for.
var ErrVersion = errors.New("version requested")

// maxShown is how many bytes of a value a problem shows.
const maxShown = 120

// Problem is one thing that is wrong with an input.
type Problem struct {
	// Input is the id in action.yml, "json", or "argument" for one that is neither.
	Input string
	// From is where the value came from: a flag or an environment variable.
	// Empty for the action's own input, and when nothing was given.
	From string
	// Value is what was given; empty for secrets, and when nothing was given.
	Value string
	// Text goes on after the value and says what is allowed.
	Text string
}

// String gives one line: input, where it came from, value, what is allowed.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.Input)
	if p.From != "" {
		b.WriteString(" (from " + p.From + ")")
	}
	b.WriteString(": ")
	if p.Value != "" {
		b.WriteString(quote(p.Value) + " ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// quote shows a value on one line, cut when it is long.
func quote(value string) string {
	if len(value) > maxShown {
		return strconv.Quote(strings.ToValidUTF8(value[:maxShown], "")) + "…"
	}
	return strconv.Quote(value)
}

// Error holds everything that is wrong with the inputs, at least one problem.
type Error struct{ Problems []Problem }

// Error gives one line per problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
