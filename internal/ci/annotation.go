package ci

import (
	"strconv"
	"strings"

	githubactions "github.com/sethvargo/go-githubactions"
)

const (
	// maxErrors is the number of error annotations that [CI.Annotate] makes: of the
	// ten that the runner keeps per step, one is left for [CI.Failure].
	maxErrors = 9
	// maxPlaced is that of warnings, with those of the log: all that the runner keeps.
	maxPlaced = 10
)

// Annotation is a message that belongs to a place in a file.
type Annotation struct {
	// Error makes it an error, which by itself ends nothing; else it is a warning.
	Error bool
	// Title may be empty. Message may have several lines.
	Title, Message string
	// File is relative to the workspace, with slashes; empty: no file.
	File string
	// Line counts from 1; 0: the file as a whole.
	Line int
}

// Annotate shows a message at its place: on GitHub by an annotation, whose text is
// cut near 4000 characters, elsewhere by plain lines
// "error: title: file:line: message". The runner keeps ten annotations of a kind
// per step: after nine errors, which leaves one for [CI.Failure], and after ten
// warnings, with those of the log, Annotate prints plain lines there too.
func (c *CI) Annotate(a Annotation) {
	title, file := c.clean(a.Title), c.clean(a.File)
	message := c.cleanLines(a.Message)
	kind, spent, limit := "warning", &c.warnings, maxPlaced
	if a.Error {
		kind, spent, limit = "error", &c.errors, maxErrors
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.onGitHub && *spent < limit {
		*spent++
		c.annotateAt(kind, title, strings.Join(message, "\n"), place{file, a.Line})
		return
	}
	head := kind + ": "
	if title != "" {
		head += title + ": "
	}
	if file != "" {
		head += place{file, a.Line}.String() + ": "
	}
	c.paragraph(head, message)
}

// place is where an annotation is shown; none without a file.
type place struct {
	file string
	line int
}

// String gives file:line, as compilers do.
func (p place) String() string {
	if p.line < 1 {
		return p.file
	}
	return p.file + ":" + strconv.Itoa(p.line)
}

// annotate issues an annotation command that has no place. The caller holds mu.
func (c *CI) annotate(kind, title, text string) { c.annotateAt(kind, title, text, place{}) }

// annotateAt issues an annotation command; text, which is cut, may have line
// breaks, which the library escapes. The caller holds mu.
func (c *CI) annotateAt(kind, title, text string, at place) {
	properties := make(githubactions.CommandProperties)
	if title != "" {
		properties["title"] = cut(title, maxTitle)
	}
	if at.file != "" {
		properties["file"] = at.file
		if at.line > 0 {
			properties["line"] = strconv.Itoa(at.line)
		}
	}
	c.runner.IssueCommand(&githubactions.Command{Name: kind, Message: cut(text, maxAnnotation), Properties: properties})
}
