package config

import (
	"fmt"
	"strings"
)

// width is how many columns the help text has at most.
const width = 80

const helpIntro = `

Usage:
  weaviate-backup [command] [flags]
  weaviate-backup --help | --version

Commands:
  backup    save the schema of the chosen collections to files (default)
  verify    prove that the files of a backup are whole
  restore   create collections, without objects, from the files of a backup
  diff      compare two schemas: what differs, and what each difference takes

An input comes from its flag, from the variable INPUT_<NAME> that the GitHub
runner sets, or from the environment variable named here: the first of these
that is not empty counts, else the default. Other users of the machine can see
flags: give secrets by the environment. The flag of a list may be repeated.
The GitHub runner sets INPUT_<NAME> to the default, too: there, an environment
variable only counts for an input without a default.
`

const helpEnd = `
Exit codes:
  0    done
  1    failed
  2    bad input
  3    a difference was found
  130  cancelled by a signal

Examples:
  weaviate-backup --weaviate-url http://localhost:8080

  WEAVIATE_URL=https://weaviate.example.com WEAVIATE_API_KEY=… \
    weaviate-backup backup --dry-run --collections 'UserDocuments,Doc*'

  weaviate-backup verify --backup-path backups

  weaviate-backup restore --backup-path backups --dry-run \
    --collections Article --rename '{name}_restored'

  weaviate-backup diff --backup-path backups --fail-on breaking \
    --weaviate-url http://localhost:8080
`

// Help gives the usage text: every input as flag and environment alias with its
// default, the outputs, the exit codes and examples, at most 80 columns wide.
func Help() (string, error) {
	act, err := parseAction(actionJSON)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(wrap(act.description, ""))
	b.WriteString(helpIntro)
	inputs := append(act.inputs, jsonInput())
	for _, g := range groups() {
		fmt.Fprintf(&b, "\n%s:\n", g)
		for _, in := range inputs {
			if in.group == g {
				b.WriteString(inputHelp(in))
			}
		}
	}
	b.WriteString("\nOutputs:\n")
	for _, out := range act.outputs {
		fmt.Fprintf(&b, "  %s\n%s\n", out.id, wrap(out.description, "      "))
	}
	b.WriteString(helpEnd)
	return b.String(), nil
}

// inputHelp gives the flag, its alias and default on one line, and what it means.
func inputHelp(in input) string {
	facts := "env " + in.alias()
	switch {
	case len(in.neededBy) > 0:
		facts += ", required by " + strings.Join(in.neededBy, ", ")
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
