package config

import (
	"regexp"
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

// slips finds variables that no input has. Bad ones are nearly those of inputs, one
// letter apart or two in a long name, or ask for something dry: a dry run, for example,
// would write without a word. The others are named, as they may be somebody else's;
// those of Kubernetes for a service of that name surely are.
func slips(src Source, inputs []input) (bad []Problem, others []string) {
	known := make(map[string]bool, len(inputs))
	var names []string // without the prefix, of which nothing is misspelled
	for _, in := range inputs {
		known[in.alias()], known[in.runnerName()] = true, true
		if name, ok := strings.CutPrefix(in.alias(), variablePrefix); ok {
			names = append(names, name)
		}
	}
	for output := range outputCommands() { // as a shell has them after outputs-file
		known[src.OutputVariable(output)] = true
	}
	for _, set := range src.Environ() {
		name, value, _ := strings.Cut(set, "=")
		if known[name] || strings.TrimSpace(value) == "" {
			continue
		}
		rest, ours := strings.CutPrefix(name, variablePrefix)
		var near []string
		if ours {
			near = schema.NearBy(rest, names, max(1, len(rest)/4))
		}
		switch {
		case len(near) > 0:
		case dryVariable.MatchString(name):
			near = []string{"DRY_RUN"}
		case ours && !serviceVariable.MatchString(name):
			others = append(others, name)
			continue
		default:
			continue
		}
		bad = append(bad, Problem{
			Input: inputVariable, Value: name, Text: "is not one of this program; did you mean " + variablePrefix + strings.Join(near, " or "+variablePrefix) + "?",
		})
	}
	slices.SortFunc(bad, func(a, b Problem) int { return strings.Compare(a.Value, b.Value) })
	slices.Sort(others)
	return bad, others
}

var (
	dryVariable     = regexp.MustCompile(`(?i)^(weaviate|input)_(.*_)?dry(_|-|run|$)`)
	serviceVariable = regexp.MustCompile(`_SERVICE_(HOST|PORT)|_PORT(_|$)`)
)

// reader gives the inputs' values, typed, and collects what is wrong with them.
type reader struct {
	values   map[string]value
	secret   map[string]bool
	readFile func(path string) ([]byte, error)
	inside   func(path string) error
	plain    func(path string) bool
	ofBackup func(path string) bool
	problems []Problem
	// others is Config.OtherVariables.
	others []string
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
