package config

import (
	"fmt"
	"slices"
	"strings"
)

// width is how many columns the help text has at most.
const width = 80

const helpIntro = `

Usage:
  weaviate-backup [command] [flags]
  weaviate-backup help [command] | --help | --version

Commands, of which each has a help text of its own:
`

const helpSources = `
An input comes from its flag, from the variable INPUT_<NAME> that the GitHub
runner sets, or from the environment variable that the help of a command names:
the first of these that is not empty counts, else the default. Other users of
the machine can see flags: give secrets by the environment. The flag of a list
may be repeated. The GitHub runner sets INPUT_<NAME> to the default, too: there,
an environment variable only counts for an input without a default.
`

const helpCodes = `
Exit codes:
  0    done
  1    failed
  2    bad input
  3    a difference was found
  130  cancelled by a signal
`

// about says what a command does, in a line.
func about(command string) string {
	return map[string]string{
		CommandBackup:  "save the schema of the chosen collections to files",
		CommandVerify:  "prove that the files of a backup are whole",
		CommandRestore: "create collections, without objects, from the files of a backup",
		CommandDiff:    "compare two schemas: what differs, and what each difference takes",
	}[command]
}

// examples are command lines for each command, "" for the overview.
func examples(command string) string {
	return map[string]string{
		"": `
Examples:
  weaviate-backup --weaviate-url http://localhost:8080

  export WEAVIATE_URL=https://weaviate.example.com WEAVIATE_API_KEY=…
  weaviate-backup backup --dry-run --collections 'UserDocuments,Doc*'
  weaviate-backup verify --backup-path backups
  weaviate-backup diff --backup-path backups --fail-on breaking
`,
		CommandBackup: `
Examples, with WEAVIATE_URL and WEAVIATE_API_KEY set:
  weaviate-backup
  weaviate-backup backup --dry-run --collections 'Article,Auth*'
  weaviate-backup backup --output-directory schema --file-name stable
  weaviate-backup backup --exclude-collections 'Test*' --json
`,
		CommandVerify: `
Examples, where the second one compares with a server too:
  weaviate-backup verify --backup-path backups
  weaviate-backup verify --backup-path schema --weaviate-url "$WEAVIATE_URL"
`,
		CommandRestore: `
Examples, with WEAVIATE_URL and WEAVIATE_API_KEY set:
  weaviate-backup restore --backup-path backups --dry-run \
    --collections Article,Author --rename '{name}_restored'
  weaviate-backup restore --backup-path backups --on-existing skip
`,
		CommandDiff: `
Examples, with WEAVIATE_URL, WEAVIATE_API_KEY and STAGING_URL set:
  weaviate-backup diff --backup-path schema
  weaviate-backup diff --backup-path schema --fail-on breaking \
    --ignore '*.replicationConfig.factor'
  weaviate-backup diff --backup-path schema --against backups
  weaviate-backup diff --against-url "$STAGING_URL"
`,
	}[command]
}

// Help gives the usage text of a command: its inputs as flag and environment
// alias with their defaults, its outputs, the exit codes and examples, at most 80
// columns wide. Without a command it is an overview, with the names of all inputs.
func Help(command string) (string, error) {
	act, err := parseAction(actionJSON)
	if err != nil {
		return "", err
	}
	act.inputs = append(act.inputs, jsonInput())
	if command == "" {
		return act.overview(), nil
	}
	return act.help(command), nil
}

// overview is the help text of no command.
func (a action) overview() string {
	var b strings.Builder
	b.WriteString(wrap(a.description, ""))
	b.WriteString(helpIntro)
	for _, command := range commands() {
		text := about(command)
		if command == CommandBackup {
			text += " (default)"
		}
		fmt.Fprintf(&b, "  %-9s %s\n", command, text)
	}
	b.WriteString("\nFlags of every command:\n" + wrap(a.flags(func(in input) bool { return in.commands == nil }), "  ") + "\n")
	for _, command := range commands() {
		b.WriteString("\nFlags of " + command + ":\n" + wrap(a.flags(func(in input) bool { return slices.Contains(in.commands, command) }), "  ") + "\n")
	}
	b.WriteString(helpSources + helpCodes + examples(""))
	return b.String()
}

// flags names those that fit.
func (a action) flags(fits func(input) bool) string {
	var names []string
	for _, in := range a.inputs {
		if fits(in) {
			names = append(names, "--"+in.id)
		}
	}
	return strings.Join(names, " ")
}

// help is the text of one command: what it reads, and what it sets.
func (a action) help(command string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage:\n  weaviate-backup %s [flags]\n%s", wrap("weaviate-backup "+command+": "+about(command), ""), command, examples(command))
	b.WriteString("\nEach input is a flag and an environment variable; weaviate-backup --help says\nwhich of them counts. Flags of other commands are refused, their variables\nignored. A flag of true or false that stands alone is true; a value goes behind\na =, as in --dry-run=false.\n")
	for _, g := range groups() {
		heading := fmt.Sprintf("\n%s:\n", g)
		for _, in := range a.inputs {
			if in.group == g && in.usedBy(command) && in.id != idCommand {
				b.WriteString(heading + in.help(command))
				heading = ""
			}
		}
	}
	b.WriteString("\nOutputs:\n")
	for _, out := range a.outputs {
		if slices.Contains(out.commands, command) {
			fmt.Fprintf(&b, "  %s\n%s\n", out.id, wrap(out.description, "      "))
		}
	}
	b.WriteString(helpCodes)
	return b.String()
}

// help gives the flag, its alias and default on one line, and what it means.
func (in input) help(command string) string {
	facts := "env " + in.alias()
	switch {
	case slices.Contains(in.neededBy, command):
		facts += ", required"
	case in.def != "":
		facts += ", default " + in.def
	}
	return fmt.Sprintf("  --%s (%s)\n%s\n", in.id, facts, wrap(in.description, "      "))
}

// wrap breaks the text at blanks into lines of at most 80 columns, each behind
// the indent. A word that is longer than that stays whole.
func wrap(text, indent string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		length := len([]rune(word))
		switch {
		case i == 0:
			b.WriteString(indent)
			column = len(indent)
		case column+1+length > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += length
	}
	return b.String()
}
