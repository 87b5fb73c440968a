package verify

import (
	"fmt"
	"regexp"
	"strings"
)

// temporaryName is what package files calls a file that has no name yet.
var temporaryName = regexp.MustCompile(`^\.[A-Z2-7]{26}\.(?:lock|\d+)\.tmp$`)

// lookBeside tells what else is in a folder that was given as a whole, and is no
// part of the run that was checked.
func (r *run) lookBeside() {
	var temporary []string
	for _, name := range r.names {
		if temporaryName.MatchString(name) {
			temporary = append(temporary, name)
		}
	}
	if len(temporary) > 0 {
		r.note("the folder has %d temporary file(s) of a run that was killed, or that is still writing; they are part of no backup: %s",
			len(temporary), few(temporary))
	}
}

func (r *run) note(format string, args ...any) {
	r.result.Notes = append(r.result.Notes, fmt.Sprintf(format, args...))
}

// few names some of many files.
func few(names []string) string {
	const shown = 3
	text := strings.Join(names[:min(len(names), shown)], ", ")
	if more := len(names) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
