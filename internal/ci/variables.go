package ci

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// variablePrefix begins the names of the variables in an outputs file. The shorter
// WEAVIATE_BACKUP_ is that of the inputs.
const variablePrefix = "WEAVIATE_BACKUP_OUTPUT_"

// inputVariable is the one input whose variable begins as an output's does.
const inputVariable = variablePrefix + "DIRECTORY"

// MaxVariables is the size, in bytes, from which GitLab refuses a report of
// variables (app/services/ci/parse_dotenv_artifact_service.rb, and the default of
// dotenv_size in its limits).
const MaxVariables = 5 << 10

// plainMarks are what a plain text may have beside letters and digits. A shell
// takes these as they are (they are those that Python's shlex.quote leaves
// alone), and so does every reader of dotenv files.
const plainMarks = "_./:@%+,=-"

// IsPlain says whether text means the same to a shell, unquoted after a NAME=, and
// to readers of dotenv files, which disagree about quotes, escapes and all the rest.
func IsPlain(text string) bool { return firstNotPlain(text) < 0 }

func firstNotPlain(text string) int {
	return strings.IndexFunc(text, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(plainMarks, r)
	})
}

// PlainText says for people what IsPlain lets pass.
const PlainText = "letters, digits and _ . / : @ % + , = -"

// Variables gives outs as lines WEAVIATE_BACKUP_OUTPUT_NAME=value, for a shell to
// source and for a CI to take as a report of variables. Masked values are replaced
// by ***. It is an error when a name is malformed or given twice, and when a value
// is not plain: a server's words must never be a command.
func (c *CI) Variables(outs []Output) ([]byte, error) {
	if err := checkNames(outs); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, out := range outs {
		value := c.Scrub(out.Value)
		if !IsPlain(value) {
			return nil, fmt.Errorf("the output %s is %q, which a shell would not take as it is; allowed: %s", out.Name, value, PlainText)
		}
		b.WriteString(Variable(out.Name) + "=" + value + "\n")
	}
	return b.Bytes(), nil
}

// Variable is the name of an output's variable.
func Variable(output string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(output, "-", "_"))
}

var variableLine = regexp.MustCompile(`^(` + variablePrefix + `[A-Z0-9_]+)=(.*)$`)

// CheckVariables says whether data are what Variables gives, of this or of another
// release; nothing at all is too. What is not could be anyone's.
func CheckVariables(data []byte) error {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		match := variableLine.FindSubmatch(bytes.TrimSuffix(line, []byte("\n")))
		if match == nil || string(match[1]) == inputVariable || !IsPlain(string(match[2])) {
			return fmt.Errorf("its line %d is not one that this program writes (%sNAME=value), so it is left as it is", number, variablePrefix)
		}
	}
	return nil
}
