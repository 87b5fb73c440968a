package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// entity returns the way in which a character that can mean something in GitHub's
// Markdown is written instead, "" for any other.
//
// A zero-width space follows where GitHub reads the rendered text again and so
// sees through the entity: "@name" is a mention, "#12" an issue. [startsLink] has
// the others.
func entity(r rune) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '|', '`', '\\', '[', ']', '*', '_', '~', '$':
		return fmt.Sprintf("&#%d;", r)
	case '@', '#':
		return fmt.Sprintf("&#%d;&#8203;", r)
	}
	return ""
}

// EscapeMarkdown makes any text fit for a place inside a line of Markdown, a table
// cell too: it is shown as it is and can't start markup, HTML, a link, a mention,
// math or a list. Line breaks and tabs become blanks, other control characters
// and those without a shape (bidirectional controls) visible escapes like \u202e,
// bytes that are not UTF-8 U+FFFD. Blanks at both ends are dropped.
func EscapeMarkdown(s string) string {
	text := []rune(oneLine(s))
	var b strings.Builder
	for i, r := range text {
		switch {
		case entity(r) != "":
			b.WriteString(entity(r))
		case words.IsHidden(r):
			b.WriteString("&#92;" + strings.TrimPrefix(words.Spell(r), `\`))
		case startsBlock(text, i):
			fmt.Fprintf(&b, "&#%d;", r)
		case startsLink(text, i):
			fmt.Fprintf(&b, "&#8203;&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// oneLine turns line breaks and tabs into blanks and drops blanks at both ends.
func oneLine(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(s))
}

// startsBlock tells whether text[i] would make text a list item, a heading's
// underline or a rule: "-", "+" and "=" in front, "." and ")" between digits in
// front and a blank.
func startsBlock(text []rune, i int) bool {
	switch text[i] {
	case '-', '+', '=':
		return i == 0
	case '.', ')':
		notDigit := func(r rune) bool { return r < '0' || r > '9' }
		return i > 0 && !slices.ContainsFunc(text[:i], notDigit) && (i+1 == len(text) || text[i+1] == ' ')
	}
	return false
}

// startsLink tells whether text[i] is what GitHub knows a bare link by: the ":" of
// "scheme://" or the "." of "www.".
func startsLink(text []rune, i int) bool {
	switch text[i] {
	case ':':
		return i+1 < len(text) && text[i+1] == '/'
	case '.':
		return i >= 3 && strings.EqualFold(string(text[i-3:i]), "www")
	}
	return false
}

// code shows s in a code span, where it can be copied as it is; escaped text when
// a code span could not hold it, in a table or elsewhere.
func code(s string) string {
	if s == "" || strings.TrimSpace(s) != s || strings.ContainsAny(s, "`|\\") || strings.ContainsFunc(s, unfit) {
		return EscapeMarkdown(s)
	}
	return "`" + s + "`"
}

// unfit tells whether r can't be shown in a code span or a code block as it is.
func unfit(r rune) bool { return words.IsHidden(r) || r == unicode.ReplacementChar }

// shellQuote quotes s for a POSIX shell.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// yamlQuote quotes s, which must be one printable line, for YAML.
func yamlQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// mermaidLabel makes s the text of a node or an edge: all but letters, digits,
// blanks and a few signs as Mermaid's entity codes.
func mermaidLabel(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range oneLine(s) {
		switch {
		case words.IsHidden(r):
			b.WriteString("#92;" + strings.TrimPrefix(words.Spell(r), `\`))
		case unicode.IsLetter(r), unicode.IsMark(r), r >= '0' && r <= '9', strings.ContainsRune(" _.-", r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
