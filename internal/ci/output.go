package ci

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	githubactions "github.com/sethvargo/go-githubactions"
)

// maxDelimiterTries bounds the search for a delimiter that a value does not hold.
// With a random one of 128 bits the first always fits.
const maxDelimiterTries = 8

// Output is one output of the action. Name is an id as in action.yml: letters,
// digits, '-' and '_', not starting with a digit or '-'. Prose is text in which a
// masked value may stand; in a path or a name *** would be another one.
type Output struct {
	Name, Value string
	Prose       bool
}

// SetOutputs hands outs to the steps that follow, in their order: appended to the
// file GITHUB_OUTPUT, or, where that is not set, printed on stdout as name=value
// (nothing with [Options].JSON). A value of several lines is printed as
//
//	name<<DELIMITER
//	value
//	DELIMITER
//
// with a random delimiter. Masked values in prose are replaced by ***, bytes that are
// not UTF-8 by U+FFFD. What stdout gets is a part of the log there, and the values are
// from servers and files: each line is made safe by [Escape], JSON by [EscapeJSON].
//
// It is an error when a name is malformed or given twice, when a value that is not
// prose holds a masked one, when the file or stdout can't be written, and when
// GITHUB_OUTPUT is not set on GitHub. Nothing was written to the file when a check
// failed.
func (c *CI) SetOutputs(outs []Output) error {
	err := checkNames(outs)
	if err == nil {
		err = c.checkMasks(outs)
	}
	if err != nil {
		return fmt.Errorf("set outputs: %w", err)
	}
	toFile := c.getenv("GITHUB_OUTPUT") != ""
	switch {
	case len(outs) == 0, !toFile && !c.onGitHub && c.json:
		return nil
	case !toFile && c.onGitHub:
		return errors.New("set outputs: GITHUB_OUTPUT is not set")
	}

	var b strings.Builder
	for _, out := range outs {
		value := strings.ToValidUTF8(c.Scrub(out.Value), "\uFFFD")
		if !toFile {
			value = escapeValue(value)
		}
		if !toFile && !strings.Contains(value, "\n") {
			b.WriteString(out.Name + "=" + value + "\n")
			continue
		}
		entry, err := outputEntry(out.Name, value, rand.Text)
		if err != nil {
			return fmt.Errorf("set outputs: %w", err)
		}
		b.WriteString(entry)
	}

	if toFile {
		if err := c.appendToFile("output", b.String()); err != nil {
			return fmt.Errorf("set outputs: %w", err)
		}
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := io.WriteString(c.stdout, b.String()); err != nil {
		return fmt.Errorf("set outputs: write to stdout: %w", err)
	}
	return nil
}

// checkMasks reports the first output that would be wrong for what is masked in it.
func (c *CI) checkMasks(outs []Output) error {
	for _, out := range outs {
		if !out.Prose && c.Scrub(out.Value) != out.Value {
			return fmt.Errorf("output %q: it holds a value that is masked, such as that of a header, and would be wrong with %s in its place", out.Name, masked)
		}
	}
	return nil
}

// outputEntry is the guard between a value and the runner's output file: it
// frames value by a delimiter from random that value does not hold, so that no
// value can set another output. The library's own SetOutput uses a constant one.
func outputEntry(name, value string, random func() string) (string, error) {
	for range maxDelimiterTries {
		delimiter := "output_" + random()
		if !strings.Contains(value, delimiter) {
			return name + "<<" + delimiter + "\n" + value + "\n" + delimiter + "\n", nil
		}
	}
	return "", fmt.Errorf("output %q: the value holds every delimiter that was tried", name)
}

// checkNames reports the first name that the runner would read differently, or
// that comes twice (the runner ignores case).
func checkNames(outs []Output) error {
	seen := make(map[string]bool, len(outs))
	for _, out := range outs {
		if !validName(out.Name) {
			return fmt.Errorf("output name %q: only letters, digits, '-' and '_' are allowed", out.Name)
		}
		key := strings.ToLower(out.Name)
		if seen[key] {
			return fmt.Errorf("output name %q is given twice", out.Name)
		}
		seen[key] = true
	}
	return nil
}

// validName tells whether name is an id as GitHub allows it in action.yml.
func validName(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}

// escapeValue makes a value safe on stdout. A string of JSON has no line feed, and
// outside of strings there is nothing that a runner obeys.
func escapeValue(value string) string {
	if json.Valid([]byte(value)) {
		return EscapeJSON(value)
	}
	lines := strings.Split(value, "\n")
	for i, line := range lines {
		lines[i] = Escape(line)
	}
	return strings.Join(lines, "\n")
}

// appendToFile appends text, which ends in a line feed, to the file of a file
// command: "output" is GITHUB_OUTPUT, "step-summary" is GITHUB_STEP_SUMMARY, both
// known to be set. The library panics when it can't write, so opening is tried
// first, and what can't be foreseen (a full disk) is caught here.
func (c *CI) appendToFile(command, text string) (err error) {
	variable := "GITHUB_" + strings.ToUpper(strings.ReplaceAll(command, "-", "_"))
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := fileSize(c.getenv(variable)); err != nil {
		return fmt.Errorf("open the file of %s: %w", variable, err)
	}
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("write the file of %s: %w", variable, cause)
		default:
			panic(cause)
		}
	}()
	c.runner.IssueFileCommand(&githubactions.Command{
		Name:    command,
		Message: strings.TrimSuffix(text, "\n"), // the library adds one
	})
	return nil
}
