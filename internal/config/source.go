package config

import (
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// value is what an input was given, and by what.
type value struct {
	text string
	// from is a flag or a variable; empty for the action's own input and defaults.
	from string
}

// resolve takes the first source that has a value: flag, runner, alias, default.
func resolve(in input, flags map[string]*flagValue, getenv func(string) string) value {
	if text := strings.TrimSpace(flags[in.id].text); text != "" {
		return value{text: text, from: "--" + in.id}
	}
	if in.id != idJSON {
		if text := strings.TrimSpace(getenv(in.runnerName())); text != "" {
			return value{text: text}
		}
	}
	if text := strings.TrimSpace(getenv(in.alias())); text != "" {
		return value{text: text, from: in.alias()}
	}
	return value{text: in.def}
}

// variablePrefix is that of the variables of this program alone.
const variablePrefix = "WEAVIATE_BACKUP_"

// inputVariable stands in a Problem for a variable that is no known input.
const inputVariable = "variable"

// slips finds variables whose names are nearly those of inputs: one letter apart, or
// two in a long name. What they ask for, such as a dry run, would be left undone without
// a word. Others may be somebody else's.
func slips(src Source, inputs []input) []Problem {
	known := make(map[string]bool, len(inputs))
	var names []string // without the prefix, of which nothing is misspelled
	for _, in := range inputs {
		known[in.alias()] = true
		if name, ok := strings.CutPrefix(in.alias(), variablePrefix); ok {
			names = append(names, name)
		}
	}
	for output := range outputCommands() { // as a shell has them after outputs-file
		known[src.OutputVariable(output)] = true
	}
	var problems []Problem
	for _, set := range src.Environ() {
		name, value, _ := strings.Cut(set, "=")
		rest, ours := strings.CutPrefix(name, variablePrefix)
		if !ours || known[name] || strings.TrimSpace(value) == "" {
			continue
		}
		if near := schema.NearBy(rest, names, max(1, len(rest)/4)); len(near) > 0 {
			problems = append(problems, Problem{
				Input: inputVariable, Value: name, Text: "is not one of this program; did you mean " + variablePrefix + strings.Join(near, " or "+variablePrefix) + "?",
			})
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Value, b.Value) })
	return problems
}

// reader gives the inputs' values, typed, and collects what is wrong with them.
type reader struct {
	values   map[string]value
	secret   map[string]bool
	readFile func(path string) ([]byte, error)
	inside   func(path string) error
	plain    func(path string) bool
	ofBackup func(path string) bool
	problems []Problem
}

// text gives the value as it is, without blanks around it; empty: not given.
func (r *reader) text(id string) string { return r.values[id].text }

// problem notes what is wrong with the whole value of an input.
func (r *reader) problem(id, text string) { r.problemWith(id, r.values[id].text, text) }

// problemWith is problem for a part of a value, or for one that has to be cut.
// The value of a secret is never shown.
func (r *reader) problemWith(id, shown, text string) {
	if r.secret[id] {
		shown = ""
	}
	r.problems = append(r.problems, Problem{Input: id, From: r.values[id].from, Value: shown, Text: text})
}
