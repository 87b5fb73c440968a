package config

import (
	"cmp"
	"errors"
	"flag"
	"io"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

const (
	flagVersion = "version"
	// inputArgument stands in a Problem for an argument that is no known input.
	inputArgument = "argument"
)

// flagValue holds the text of one flag. It takes every text, so that the checks
// are the same for all sources and one bad flag does not hide the next.
type flagValue struct {
	traits
	text string
}

// String is the value as package flag wants to see it; nothing prints it.
func (v *flagValue) String() string { return "" }

// Set takes one appearance of the flag.
func (v *flagValue) Set(text string) error {
	if v.lines && v.text != "" {
		text = v.text + "\n" + text
	}
	v.text = text
	return nil
}

// IsBoolFlag lets package flag accept --dry-run without a value.
func (v *flagValue) IsBoolFlag() bool { return v.boolean }

// arguments is the command line, taken apart.
type arguments struct {
	// command is the first positional argument.
	command string
	flags   map[string]*flagValue
	// help and version are set by the flags of these names, and by the words; topic is
	// what follows the word help.
	help, version bool
	topic         string
	// bare is the name of the boolean flag just before, if it came without a value.
	bare     string
	problems []Problem
}

// parseArguments reads the command line to its end, collecting what is wrong.
func parseArguments(args []string, inputs []input) arguments {
	parsed := arguments{flags: make(map[string]*flagValue, len(inputs))}
	if len(args) > 0 && args[0] == "help" {
		parsed.help = true
		if len(args) > 1 && flagName(args[1]) == "" {
			parsed.topic = args[1]
		}
		return parsed
	}
	if len(args) == 1 && args[0] == flagVersion {
		parsed.version = true
		return parsed
	}
	set := flag.NewFlagSet("", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	set.BoolVar(&parsed.version, flagVersion, false, "")
	for _, in := range inputs {
		value := &flagValue{traits: in.traits}
		parsed.flags[in.id] = value
		set.Var(value, in.id, "")
	}
	onlyPositional := false
	for len(args) > 0 {
		switch {
		case onlyPositional || len(args[0]) < 2 || args[0][0] != '-':
			parsed.positional(args[0])
			parsed.bare, args = "", args[1:]
		case args[0] == "--":
			onlyPositional = true
			args = args[1:]
		default:
			args = args[parsed.flag(set, args):]
		}
	}
	return parsed
}

// helpWanted is ErrHelp, and the command that help is wanted for: that after the
// word help, else the one that is called.
func (a *arguments) helpWanted() (Config, error) {
	if a.topic != "" && !isCommand(a.topic) {
		return Config{}, &Error{Problems: []Problem{{Input: inputArgument, Value: a.topic, Text: noCommand()}}}
	}
	topics := []string{a.topic, a.command}
	if called := a.flags[idCommand]; called != nil {
		topics = append(topics, called.text)
	}
	for _, topic := range topics {
		if isCommand(topic) {
			return Config{Command: topic}, ErrHelp
		}
	}
	return Config{}, ErrHelp
}

// flag reads the flag at the start of args, and says how many arguments it
// took. Package flag stops at the first bad one, so it gets them one by one.
func (a *arguments) flag(set *flag.FlagSet, args []string) (taken int) {
	name, _, hasValue := strings.Cut(flagName(args[0]), "=")
	known, taken := a.flags[name], 1
	a.bare = ""
	if known != nil && known.boolean && !hasValue {
		a.bare = name
	}
	if known != nil && !known.boolean && !hasValue && len(args) > 1 && !isFlag(set, args[1]) {
		taken = 2
	}
	err := set.Parse(args[:taken])
	switch {
	case errors.Is(err, flag.ErrHelp):
		a.help = true
	case err != nil:
		a.problems = append(a.problems, flagProblem(args[0], set))
		if set.Lookup(name) == nil && !hasValue && len(args) > 1 && args[1] != "" && args[1][0] != '-' && !isCommand(args[1]) {
			taken = 2 // most likely the bad flag's value
		}
	}
	return taken
}

// isFlag says whether the argument is a flag that exists, and so most likely
// not meant as the value of the flag before it.
func isFlag(set *flag.FlagSet, argument string) bool {
	name, _, _ := strings.Cut(flagName(argument), "=")
	return set.Lookup(name) != nil || name == "help" || name == "h"
}

// flagName is what follows the hyphens of --name or -name; empty when the
// argument is no flag.
func flagName(argument string) string {
	name, found := strings.CutPrefix(argument, "-")
	if !found {
		return ""
	}
	return strings.TrimPrefix(name, "-")
}

// flagProblem says what is wrong with an argument that package flag refused.
// It never shows what follows a =, which may be a secret.
func flagProblem(argument string, set *flag.FlagSet) Problem {
	given, _, _ := strings.Cut(argument, "=")
	name := flagName(given)
	text := "is not a flag; --help lists them"
	if set.Lookup(name) != nil {
		text = "needs a value"
		if name == flagVersion {
			text = "takes no value"
		}
		return Problem{Input: inputArgument, Value: given, Text: text}
	}
	var names []string
	set.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if near := schema.Near(name, names); len(near) > 0 {
		text = "is not a flag; did you mean --" + strings.Join(near, " or --") + "?"
	}
	return Problem{Input: inputArgument, Value: given, Text: text}
}

// positional takes an argument that is no flag. Only a command is expected; a
// second one is most often a piece of a value that lacks its quotes, so it is
// not shown.
func (a *arguments) positional(argument string) {
	switch {
	case argument == "":
	case isBoolean(argument) || slices.Contains([]string{"yes", "no", "on", "off", "1", "0"}, strings.ToLower(argument)):
		a.problems = append(a.problems, Problem{
			Input: inputArgument, Value: argument,
			Text: "is not expected; write true or false right after its flag and a =, as in --" + cmp.Or(a.bare, "dry-run") + "=true",
		})
	case a.command != "" || a.secretGiven():
		a.problems = append(a.problems, Problem{
			Input: inputArgument,
			Text:  "one that is neither a flag nor the command (not shown); the command comes first, a path is given by its flag, such as --backup-path, and a value with spaces needs quotes",
		})
	default:
		a.command = argument
	}
}

// secretGiven says whether a secret came by a flag so far.
func (a *arguments) secretGiven() bool {
	for _, value := range a.flags {
		if value.secret && value.text != "" {
			return true
		}
	}
	return false
}
