package scripttest

import (
	"regexp"
	"slices"
	"strings"
)

// Command is one workflow command, its escapes undone.
type Command struct {
	Name string
	// Properties are "key=value", in the order of the log.
	Properties []string
	Message    string
}

// String is the command on one line: name, properties in brackets, message.
// Line breaks show as \n.
func (c Command) String() string {
	text := c.Name
	if len(c.Properties) > 0 {
		text += "[" + strings.Join(c.Properties, ",") + "]"
	}
	return strings.ReplaceAll(text+": "+c.Message, "\n", `\n`)
}

// Log is what a runner makes of a step's standard output and standard error.
type Log struct {
	// Commands are in the order of the log, without the masks.
	Commands []Command
	// Masks are the values of add-mask.
	Masks []string
	// Text are the lines that are no command.
	Text []string
}

// Printed is everything in the log but the masks.
func (l Log) Printed() string {
	var b strings.Builder
	for _, command := range l.Commands {
		b.WriteString(command.String() + "\n")
	}
	for _, line := range l.Text {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// Count is the number of commands of that name.
func (l Log) Count(name string) int {
	count := 0
	for _, command := range l.Commands {
		if command.Name == name {
			count++
		}
	}
	return count
}

// ReadLog reads a log line by line. A line ends at LF or CR, as terminals and
// runners have it.
func ReadLog(text string) Log {
	var log Log
	for _, line := range strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == '\r' }) {
		command, ok := parse(line)
		switch {
		case !ok:
			log.Text = append(log.Text, line)
		case command.Name == "add-mask":
			log.Masks = append(log.Masks, command.Message)
		default:
			log.Commands = append(log.Commands, command)
		}
	}
	slices.Sort(log.Masks)
	return log
}

// bracketed is the prefix of a command that counts anywhere in a line.
var bracketed = regexp.MustCompile(`##\pL*\[`)

// parse reads "::name key=value,key=value::message", after blanks too, and the
// older "##[name key=value;key=value]message", which counts anywhere in a line,
// as do "##vso[…]" of Azure Pipelines and "##teamcity[…]".
func parse(line string) (Command, bool) {
	if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "::"); ok {
		if head, message, ok := strings.Cut(rest, "::"); ok {
			return newCommand(head, ",", message), true
		}
	}
	if at := bracketed.FindStringIndex(line); at != nil {
		if head, message, ok := strings.Cut(line[at[1]:], "]"); ok {
			return newCommand(head, ";", message), true
		}
	}
	return Command{}, false
}

func newCommand(head, separator, message string) Command {
	name, properties, _ := strings.Cut(head, " ")
	command := Command{Name: name, Message: unescape(message)}
	for property := range strings.SplitSeq(properties, separator) {
		if property = strings.TrimSpace(property); property != "" {
			command.Properties = append(command.Properties, unescape(property))
		}
	}
	return command
}

func unescape(text string) string {
	return strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%3B", ";", "%5D", "]", "%25", "%").Replace(text)
}
