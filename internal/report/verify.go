package report

import (
	"fmt"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// Finding is one thing that is wrong with a backup or, where it is Live, in which
// the server differs from it.
type Finding struct {
	Kind, File, Text string
	Live             bool
}

// Verify is the result of the command verify.
type Verify struct {
	// Path was checked, Manifest was the measure; empty where there was none.
	// Both are relative to the workspace.
	Path, Manifest string
	// Source is the server that was compared with; empty: none.
	Source string
	// Collections is their number in the backup.
	Collections int
	Findings    []Finding
	// Warnings and Notes are worth knowing, NotChecked is what nothing could prove:
	// sentences. Lines leaves warnings out, which a log has a way of its own for.
	Warnings, Notes, NotChecked []string
}

// maxVerifyPart bounds the sections below the table of findings, in bytes.
const maxVerifyPart = 100 << 10

// Lines tells the result in plain text for the log: one line per finding, per
// note, and a verdict. The lines are not escaped.
func (v Verify) Lines() []string {
	var lines []string
	for _, f := range v.Findings {
		lines = append(lines, f.File+": "+f.Kind+": "+f.Text)
	}
	for _, note := range v.Notes {
		lines = append(lines, "note: "+note)
	}
	for _, sentence := range v.NotChecked {
		lines = append(lines, "not checked: "+sentence)
	}
	return append(lines, v.verdict(v.subject())+v.live(v.Source))
}

// Markdown tells the result for the step summary: a verdict, the findings, and
// what was not checked. It is under 900 KiB.
func (v Verify) Markdown() string {
	head := "## " + v.verdict(code(cut(v.subject(), maxPath))) + v.live(code(cut(v.Source, maxPath))) + "\n"
	tail := section("Warnings", v.Warnings, maxVerifyPart) + section("Notes", v.Notes, maxVerifyPart) + section("Not checked", v.NotChecked, maxVerifyPart)
	if len(v.Findings) > 0 {
		const table = "\n| File | Finding | What is wrong |\n| --- | --- | --- |\n"
		head += table + rows(len(v.Findings), maxMarkdown-len(head)-len(table)-len(tail), func(i int) string {
			f := v.Findings[i]
			return "| " + code(short(f.File)) + " | " + text(f.Kind) + " | " + text(f.Text) + " |\n"
		})
	}
	return head + tail
}

// subject is what was checked.
func (v Verify) subject() string {
	if v.Manifest != "" {
		return v.Manifest
	}
	return v.Path
}

// verdict is the result in a line, with the subject as it is to be shown.
func (v Verify) verdict(subject string) string {
	live := 0
	for _, finding := range v.Findings {
		if finding.Live {
			live++
		}
	}
	switch {
	case live > 0 && live == len(v.Findings):
		return fmt.Sprintf("%s is whole, but the server differs from it: %s", subject, words.Count(live, "finding"))
	case live > 0:
		return fmt.Sprintf("%s in %s, and the server differs from it: %s", words.Count(len(v.Findings)-live, "finding"), subject, words.Count(live, "finding"))
	case len(v.Findings) > 0:
		return fmt.Sprintf("%s in %s", words.Count(len(v.Findings), "finding"), subject)
	}
	return fmt.Sprintf("Nothing wrong with %s: %s", subject, words.Count(v.Collections, "collection"))
}

func (v Verify) live(source string) string {
	if v.Source == "" {
		return ""
	}
	return ", compared with " + source
}

// section lists sentences in at most room bytes.
func section(title string, sentences []string, room int) string {
	if len(sentences) == 0 {
		return ""
	}
	return "\n### " + title + "\n\n" + rows(len(sentences), room, func(i int) string {
		return "- " + EscapeMarkdown(cut(sentences[i], maxPath)) + "\n"
	})
}
