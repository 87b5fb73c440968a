package ci

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// Escape turns any text into a single line that is safe in any log: what it
// prints is what the reader sees, and no runner takes it for a command.
//
//   - Line breaks, control characters (so ANSI sequences), bidirectional controls
//     and characters without a shape become visible: \n, \x1b, \u202e.
//   - "::" at the start, after blanks too, becomes "\x3a:".
//   - "[" after "#" and any letters becomes "\x5b" anywhere: so end the prefixes
//     "##[" of the runner, "##vso[" of Azure Pipelines and "##teamcity[" of TeamCity.
//   - A byte that is not UTF-8 becomes U+FFFD.
//
// Escaping twice gives the same as escaping once.
//
// The runner and Azure's agent look for them with .NET's culture-sensitive
// comparison, which skips characters without weight. So the shapeless ones are
// escaped wherever they stand, and combining marks don't count when the prefixes
// are looked for here (actions/runner, ActionCommand.cs: TryParseV2, TryParse;
// microsoft/azure-pipelines-agent, Command.cs: TryParse).
func Escape(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	started := false // a rune other than a blank or a mark was seen
	var sign numberSign
	for i, r := range text {
		opens := sign.opens(r)
		switch {
		case words.IsHidden(r):
			b.WriteString(words.Spell(r))
		case r == ':' && !started && nextBase(text[i+1:]) == ':':
			b.WriteString(words.Spell(r))
		case opens:
			b.WriteString(words.Spell(r))
		default:
			b.WriteRune(r)
		}
		started = started || words.IsHidden(r) || !unicode.IsMark(r) && !unicode.IsSpace(r)
	}
	return b.String()
}

// EscapeJSON makes JSON text, indented or not, as safe as [Escape] makes a line, and
// leaves its meaning: what would be hidden, or obeyed, is spelled \u202e.
func EscapeJSON(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	var sign numberSign
	for _, r := range text {
		opens := sign.opens(r) // true in strings only
		if opens || words.IsHidden(r) && r != '\n' {
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// numberSign is true after "#" and any letters. Marks don't change it.
type numberSign bool

// opens takes the next rune of a text, and tells whether it is the bracket that
// would end a command's prefix.
func (s *numberSign) opens(r rune) bool {
	opens := bool(*s) && r == '['
	if words.IsHidden(r) || !unicode.IsMark(r) {
		*s = r == '#' || *s && numberSign(unicode.IsLetter(r) && !words.IsHidden(r))
	}
	return opens
}

// nextBase returns the first rune of text that is not a combining mark, 0 when
// there is none.
func nextBase(text string) rune {
	for _, r := range text {
		if words.IsHidden(r) || !unicode.IsMark(r) {
			return r
		}
	}
	return 0
}
