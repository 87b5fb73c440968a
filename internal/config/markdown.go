package config

import (
	"fmt"
	"strings"
)

// InputTable gives the inputs of action.yml as a Markdown table, in the order
// of the file: name, default, environment alias, description. It ends with a
// line break, and is the same for the same file.
func InputTable() (string, error) {
	act, err := parseAction(actionJSON)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| Input | Default | Environment | Description |\n|---|---|---|---|\n")
	for _, in := range act.inputs {
		def := ""
		switch {
		case len(in.neededBy) > 0:
			def = "**required** by `" + strings.Join(in.neededBy, "`, `") + "`"
		case in.def != "":
			def = "`" + in.def + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s |\n", in.id, cell(def), in.alias(), cell(in.description))
	}
	return b.String(), nil
}

// OutputTable gives the outputs of action.yml as a Markdown table: name and
// description. It ends with a line break, and is the same for the same file.
func OutputTable() (string, error) {
	act, err := parseAction(actionJSON)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| Output | Description |\n|---|---|\n")
	for _, out := range act.outputs {
		fmt.Fprintf(&b, "| `%s` | %s |\n", out.id, cell(out.description))
	}
	return b.String(), nil
}

// cell keeps the text in one cell of a table; code spans stay as they are.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
