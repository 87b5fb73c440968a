package config

import "strings"

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
