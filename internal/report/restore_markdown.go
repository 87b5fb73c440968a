package report

import (
	"fmt"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

const (
	// maxProblems, maxDifferences and maxRestorePart (each of the other parts) bound
	// what stands around the table of collections, in bytes.
	maxProblems    = 150 << 10
	maxDifferences = 200 << 10
	maxRestorePart = 50 << 10
	// maxRowAliases is the number of aliases that a row names.
	maxRowAliases = 10
)

// Markdown tells plan and result for the step summary: a verdict, the problems, a
// table of the collections, the steps of updates, the differences, what a failed
// run has left, and the notes. It is under 900 KiB: rows that don't fit are left
// out, and their number is told.
func (r Restore) Markdown() string {
	head := r.heading() + section("Problems", r.Problems, maxProblems)
	tail := r.stepDetails() + r.differenceDetails() + r.expectedDetails() +
		section("Left on the server", r.Stands, maxRestorePart) + section("Notes", r.Notes, maxRestorePart)
	return head + r.table(maxMarkdown-len(head)-len(tail)) + tail
}

// heading says what was restored to where, or why not.
func (r Restore) heading() string {
	head := "## " + r.verdict(code(cut(r.Path, maxPath)), code(cut(r.Target, maxPath))) + "\n"
	if facts := r.facts(); len(facts) > 0 {
		head += "\n" + EscapeMarkdown(strings.Join(facts, " · ")) + "\n"
	}
	if r.Failure != "" {
		head += "\n" + EscapeMarkdown(cut(r.Failure, maxPath)) + "\n"
	}
	return head
}

// table lists the collections in at most room bytes.
func (r Restore) table(room int) string {
	const head = "\n| Collection | As | Plan | Result | Tenants | Aliases | Differences |\n" +
		"| --- | --- | --- | --- | ---: | --- | ---: |\n"
	if len(r.Collections) == 0 {
		return ""
	}
	return head + rows(len(r.Collections), room-len(head), func(i int) string {
		c := r.Collections[i]
		cells := []string{
			code(short(c.Name)), c.targetCell(), text(string(c.Plan)), orDash(text(string(c.Result))), c.restoredTenants(), c.restoredAliases(), c.differenceCell(),
		}
		return "| " + strings.Join(cells, " | ") + " |\n"
	})
}

// orDash shows a dash in an empty cell.
func orDash(cell string) string {
	if cell == "" {
		return "–"
	}
	return cell
}

// targetCell shows the name on the server where it is another.
func (c Restored) targetCell() string {
	if c.Target == c.Name {
		return "–"
	}
	return orDash(code(short(c.Target)))
}

func (c Restored) restoredTenants() string {
	if c.Tenants == 0 {
		return "–"
	}
	return words.Number(int64(c.Tenants))
}

func (c Restored) restoredAliases() string {
	var names []string
	for i, alias := range c.Aliases {
		if i == maxRowAliases {
			names = append(names, "and "+words.Number(int64(len(c.Aliases)-i))+" more")
			break
		}
		names = append(names, code(short(alias)))
	}
	return orDash(strings.Join(names, ", "))
}

// differenceCell shows their number; a 0 only where the server's definition was
// there to compare.
func (c Restored) differenceCell() string {
	if n := len(c.Differences); n > 0 {
		return words.Number(int64(n))
	}
	switch c.Result {
	case OutcomeCreated, OutcomeUpdated, OutcomeUnchanged:
		return "0"
	default:
		return "–"
	}
}

// stepDetails lists what updates do.
func (r Restore) stepDetails() string {
	steps := flatten(r.Collections, func(c Restored) []string { return c.Steps })
	return details(words.Count(len(steps), "step")+" of updates", "Collection | Step", len(steps), maxRestorePart, func(i int) string {
		return code(short(steps[i].collection)) + " | " + EscapeMarkdown(cut(steps[i].value, maxPath))
	})
}

// differenceDetails lists the differences that count.
func (r Restore) differenceDetails() string {
	all := flatten(r.Collections, func(c Restored) []Difference { return c.Differences })
	return differenceTable(words.Count(len(all), "difference")+" between backup and server", all, maxDifferences)
}

// expectedDetails lists those that do not.
func (r Restore) expectedDetails() string {
	all := flatten(r.Collections, func(c Restored) []Difference { return c.Expected })
	return differenceTable(words.Count(len(all), "expected difference")+": the server's own defaults and decisions", all, maxRestorePart)
}

func differenceTable(summary string, all []of[Difference], room int) string {
	return details(summary, "Collection | Path | Backup | Server", len(all), room, func(i int) string {
		d := all[i].value
		return strings.Join([]string{
			code(short(all[i].collection)), code(short(d.Path)), orDash(code(short(d.Backup))), orDash(code(short(d.Server))),
		}, " | ")
	})
}

// of is a value and the name of its collection in the backup.
type of[T any] struct {
	collection string
	value      T
}

// flatten puts the values of all collections into one list, in order.
func flatten[T any](collections []Restored, values func(Restored) []T) []of[T] {
	var all []of[T]
	for _, c := range collections {
		for _, value := range values(c) {
			all = append(all, of[T]{c.Name, value})
		}
	}
	return all
}

// details folds a table of n rows away: its summary in plain words, its columns,
// and its rows without the outer bars, in at most room bytes.
func details(summary, columns string, n, room int, row func(i int) string) string {
	if n == 0 {
		return ""
	}
	rule := strings.Repeat("| --- ", strings.Count(columns, "|")+1) + "|"
	head := fmt.Sprintf("\n<details><summary>%s</summary>\n\n| %s |\n%s\n", summary, columns, rule)
	return head + rows(n, room, func(i int) string { return "| " + row(i) + " |\n" }) + "\n</details>\n"
}
