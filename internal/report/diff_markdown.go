package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

const (
	// maxChanges bounds the table of changes, maxDiffPart each of the other parts but
	// the details, which get what is left, in bytes.
	maxChanges  = 300 << 10
	maxDiffPart = 50 << 10
	// maxSide bounds the lines of a change's value before, and of the one after, in
	// bytes.
	maxSide = 8 << 10
	// maxContext is the number of lines around those that differ, on each side.
	maxContext = 3
	// maxInRow is the length of a value up to which a row shows it, in runes.
	maxInRow = 40
)

// Markdown tells the result for the step summary: a verdict, a table of the
// changes, the two values of each, possible renames, notes, and what was not
// compared. It is under 900 KiB: what doesn't fit is left out, and told.
func (d Diff) Markdown() string {
	head := d.heading()
	tail := section("Possible renames", d.Renames, maxDiffPart) + section("Notes", d.Notes, maxDiffPart) +
		section("Not compared", d.NotCompared, maxDiffPart)
	head += d.table()
	return head + d.changeDetails(maxMarkdown-len(head)-len(tail)) + tail
}

// heading says what was compared, and how much differs.
func (d Diff) heading() string {
	return "## " + d.verdict(code(cut(d.Base, maxPath)), code(cut(d.Against, maxPath))) + "\n\n" +
		EscapeMarkdown(cut(strings.Join(d.facts(), " · "), maxPath)) + "\n"
}

// table lists the changes, one row each.
func (d Diff) table() string {
	if len(d.Changes) == 0 {
		return ""
	}
	return "\n| Collection | Change | Class |\n| --- | --- | --- |\n" + rows(len(d.Changes), maxChanges, func(i int) string {
		c := d.Changes[i]
		return "| " + code(short(c.Collection)) + " | " + c.cell() + " | " + c.classCell() + " |\n"
	})
}

// cell tells the change, with the values where both are short.
func (c Change) cell() string {
	if c.Path == "" {
		return text(c.words(""))
	}
	cell := text(c.Kind) + " " + code(short(c.Path))
	if c.Before != "" && c.After != "" && cut(c.Before, maxInRow) == c.Before && cut(c.After, maxInRow) == c.After {
		cell += ": " + code(c.Before) + " → " + code(c.After)
	}
	return cell
}

// classCell marks a breaking change so that it is seen.
func (c Change) classCell() string {
	if c.Breaking() {
		return "⛔ **breaking**: " + text(c.Class)
	}
	return text(c.Class)
}

// changeDetails folds the values and the reason of each change away, in at most
// room bytes.
func (d Diff) changeDetails(room int) string {
	const title = "\n### Details\n"
	if len(d.Changes) == 0 {
		return ""
	}
	const more = 64 // for the line that tells how many are left out
	return title + rows(len(d.Changes), room-len(title)-more, func(i int) string { return d.Changes[i].details() })
}

// details folds the change away: its two values, its reason, and what to do
// instead.
func (c Change) details() string {
	summary := text(c.classWords()) + ": " + text(c.Collection) + ": " + text(c.words(short(c.Path)))
	body := "\n<details><summary>" + summary + "</summary>\n" + fence(unified(pretty(c.Before), pretty(c.After)))
	if c.Reason != "" {
		body += "\nWhy " + text(c.Class) + ": " + EscapeMarkdown(cut(c.Reason, maxPath)) + "\n"
	}
	if c.Instead != "" {
		body += "\nInstead: " + EscapeMarkdown(cut(c.Instead, maxPath)) + "\n"
	}
	return body + "\n</details>\n"
}

// JSON is a JSON text for a report. One that is too large to be shown is its
// beginning, its size and its digest, so that two which differ still do.
func JSON(value []byte) string {
	const most, shown = 256 << 10, 4 << 10
	if len(value) <= most {
		return string(value)
	}
	beginning := strings.ToValidUTF8(string(value[:shown]), "")
	return fmt.Sprintf("%s… (%s bytes, %s)", beginning, words.Number(int64(len(value))), schema.SHA256(value))
}

// pretty gives the lines of a JSON text, one member each; those of any other text
// as they are, and none for none.
func pretty(value string) []string {
	if value == "" {
		return nil
	}
	var b bytes.Buffer
	if json.Indent(&b, []byte(value), "", "  ") == nil {
		value = b.String()
	}
	return strings.Split(value, "\n")
}

// unified gives the lines of a diff: those that differ, and a few around them.
// Lines are alike from both ends only, so what lies between is all told.
func unified(before, after []string) []string {
	start := 0
	for start < min(len(before), len(after)) && before[start] == after[start] {
		start++
	}
	end := 0
	for end < min(len(before), len(after))-start && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	skipped := max(0, start-maxContext)
	left := max(0, end-maxContext)
	var lines []string
	lines = append(lines, hunk(skipped, "as before")...)
	lines = append(lines, side("  ", before[skipped:start])...)
	lines = append(lines, side("- ", before[start:len(before)-end])...)
	lines = append(lines, side("+ ", after[start:len(after)-end])...)
	lines = append(lines, side("  ", before[len(before)-end:len(before)-left])...)
	return append(lines, hunk(left, "as before")...)
}

// side puts the mark in front of each line, and says how many don't fit.
func side(mark string, lines []string) []string {
	var marked []string
	size := 0
	for i, line := range lines {
		line = mark + shown(cut(line, maxPath))
		if size += len(line) + 1; size > maxSide {
			return append(marked, hunk(len(lines)-i, "more")...)
		}
		marked = append(marked, line)
	}
	return marked
}

// hunk stands for n lines that are not shown; nothing for none.
func hunk(n int, which string) []string {
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("@@ %s %s @@", words.Count(n, "line"), which)}
}

// shown spells what has no shape of its own, for a block of code.
func shown(line string) string {
	var b strings.Builder
	for _, r := range line {
		if words.IsHidden(r) {
			b.WriteString(words.Spell(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// fence puts the lines into a block that none of them can end; nothing for none.
func fence(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	body := strings.Join(lines, "\n")
	run, longest := 0, 0
	for _, r := range body {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	ticks := strings.Repeat("`", max(3, longest+1))
	return "\n" + ticks + "diff\n" + body + "\n" + ticks + "\n"
}
