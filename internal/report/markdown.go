package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

const (
	// maxMarkdown is the size of the whole text in bytes, a little under the 900 KiB
	// at which the step summary would be cut.
	maxMarkdown = 895 << 10
	// maxAliases and maxNotSaved bound these sections, in bytes.
	maxAliases  = 150 << 10
	maxNotSaved = 100 << 10
	// maxText bounds a name or a reason, in runes; maxPath a path or an address.
	maxText = 300
	maxPath = 4096
	// maxVectors is the number of named vectors that a row names.
	maxVectors = 10
)

// tableHead is the head of the table of collections.
const tableHead = "| Collection | Objects | Properties | Vectors | Replicas | Tenants | File |\n" +
	"| --- | ---: | ---: | --- | ---: | ---: | --- |\n"

// Markdown tells the result for the step summary: what was saved from where, a
// table of the collections, what was not saved, the aliases, the references
// between collections and how to restore it. It is under 900 KiB: rows that don't
// fit are left out, and their number is told.
func (b Backup) Markdown() string {
	head := b.heading()
	tail := b.removedSection() + b.notSavedSection() + b.aliasSection() + b.referenceSection() + b.restoreSection()
	return head + b.table(maxMarkdown-len(head)-len(tail)) + tail
}

// heading says what was saved from where.
func (b Backup) heading() string {
	verb := "saved"
	if b.DryRun {
		verb = "would be saved"
	}
	if b.Unchanged {
		verb = "unchanged"
	}
	facts := []string{
		"Weaviate " + text(b.ServerVersion),
		words.Time(b.Timestamp),
		text(b.total()),
	}
	if b.ManifestPath != "" && !b.DryRun {
		facts = append(facts, "manifest "+code(cut(b.ManifestPath, maxPath)))
	}
	if b.Tool != "" {
		facts = append(facts, text(b.Tool))
	}
	head := fmt.Sprintf("## %s %s from %s\n\n%s\n", words.Count(len(b.Collections), "collection"), verb, code(cut(b.Source, maxPath)), strings.Join(facts, " · "))
	if b.Unchanged {
		head += "\nNothing has changed since these files were written: nothing was written again.\n"
	}
	if b.DryRun {
		head += "\nThis was a dry run: nothing was written.\n"
	}
	return head
}

// table lists the collections in at most room bytes.
func (b Backup) table(room int) string {
	if len(b.Collections) == 0 {
		return ""
	}
	return "\n" + tableHead + rows(len(b.Collections), room-len(tableHead)-1, func(i int) string {
		c := b.Collections[i]
		cells := []string{
			code(short(c.Name)), c.Objects.cell(), words.Number(int64(c.Properties)), c.vectorCell(),
			c.replicaCell(), c.tenantCell(), code(short(c.File)),
		}
		return "| " + strings.Join(cells, " | ") + " |\n"
	})
}

// removedSection lists the files that are gone.
func (b Backup) removedSection() string {
	title := "Removed"
	if b.DryRun {
		title = "Would be removed"
	}
	var sentences []string
	for i, name := range b.Removed {
		if i == 0 {
			sentences = append(sentences, "Why: "+b.WhyRemoved+".")
		}
		sentences = append(sentences, name)
	}
	return section(title, sentences, maxNotSaved)
}

// cell shows the count in a table cell.
func (c Count) cell() string {
	switch {
	case c.Exact != nil:
		return words.Number(*c.Exact)
	case c.AtLeast != nil:
		return "≥ " + words.Number(*c.AtLeast) + inBrackets(text(c.Reason))
	}
	return "unknown" + inBrackets(text(c.Reason))
}

// vectorCell names the vectors.
func (c Collection) vectorCell() string {
	if len(c.Vectors) == 0 {
		return "–"
	}
	var names []string
	for i, name := range c.Vectors {
		if i == maxVectors {
			names = append(names, "and "+words.Number(int64(len(c.Vectors)-i))+" more")
			break
		}
		names = append(names, text(name))
	}
	return strings.Join(names, ", ")
}

// replicaCell shows the replication factor.
func (c Collection) replicaCell() string {
	if c.ReplicationFactor == 0 {
		return "–"
	}
	return strconv.Itoa(c.ReplicationFactor)
}

// tenantCell shows the number of tenants.
func (c Collection) tenantCell() string {
	switch {
	case !c.MultiTenant:
		return "–"
	case c.Tenants == nil:
		return "not read"
	}
	return words.Number(int64(*c.Tenants))
}

// notSavedSection lists what is missing from the backup.
func (b Backup) notSavedSection() string {
	if len(b.NotSaved) == 0 {
		return ""
	}
	return "\n### Not saved\n\n" + rows(len(b.NotSaved), maxNotSaved, func(i int) string {
		return "- " + EscapeMarkdown(b.NotSaved[i]) + "\n"
	})
}

// aliasSection lists the aliases.
func (b Backup) aliasSection() string {
	names := b.sortedAliases()
	if len(names) == 0 {
		return ""
	}
	return "\n### Aliases\n\n| Alias | Collection |\n| --- | --- |\n" + rows(len(names), maxAliases, func(i int) string {
		return "| " + code(short(names[i])) + " | " + code(short(b.Aliases[names[i]])) + " |\n"
	})
}

// restoreSection shows how this program restores the backup.
func (b Backup) restoreSection() string {
	if b.DryRun || len(b.Collections) == 0 {
		return ""
	}
	file := b.ManifestPath
	if len(file) > maxPath || strings.ContainsFunc(file, unfit) {
		file = "manifest.json" // the heading has its visible form
	}
	if strings.HasPrefix(file, "-") {
		file = "./" + file
	}
	text := "\n### Restore\n\nA step of this action creates these collections again, without objects, with these inputs beside those for the " +
		"server. `dry-run: true` tells first what it would do; a snapshot as `backup-path` restores one collection alone.\n\n" +
		"```yaml\nwith:\n  command: restore\n  backup-path: " + yamlQuote(file) + "\n```\n\n" +
		"By hand, or in any other CI:\n\n```sh\nweaviate-backup restore --backup-path " + shellQuote(file) + "\n```\n"
	if len(b.Aliases) > 0 {
		text += "\nThe aliases come along with `restore-aliases: true`.\n"
	}
	return text
}

// rows joins the first of n rows, as many as fit into room bytes, and says how
// many are left out.
func rows(n, room int, row func(i int) string) string {
	var b strings.Builder
	for i := range n {
		next := row(i)
		if b.Len()+len(next) > room {
			return b.String() + "\nand " + words.Number(int64(n-i)) + " more\n"
		}
		b.WriteString(next)
	}
	return b.String()
}

// text shortens s and escapes it.
func text(s string) string { return EscapeMarkdown(short(s)) }

// short cuts s to maxText runes.
func short(s string) string { return cut(s, maxText) }

// cut shortens s to at most limit runes and an ellipsis.
func cut(s string, limit int) string {
	runes := 0
	for i := range s {
		if runes++; runes > limit {
			return s[:i] + "…"
		}
	}
	return s
}

// Failure tells for the step summary why a run ended, and what to do: an empty summary
// would be taken for that of a step that had nothing to tell, and one that was written
// before the end for that of a run which went well. Each line of message and hint is a
// paragraph.
func Failure(title, message, hint string) string {
	parts := []string{"## " + title + "\n"}
	for line := range strings.Lines(message + "\n" + hint) {
		if line = EscapeMarkdown(cut(line, maxPath)); line != "" {
			parts = append(parts, line+"\n")
		}
	}
	return strings.Join(parts, "\n")
}
