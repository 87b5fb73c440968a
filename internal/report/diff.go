package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// Diff is the result of the command diff.
type Diff struct {
	// Base and Against are what was compared: paths relative to the workspace, or
	// addresses without credentials. BaseVersion and AgainstVersion are Weaviate's;
	// either may be empty.
	Base, Against, BaseVersion, AgainstVersion string
	// Collections is the number of collections that were compared.
	Collections int
	// Changes lead from Base to Against: the worst class first, then by collection
	// and path.
	Changes []Change
	// Ignored is the number of changes that were left out as asked.
	Ignored int
	// Renames are suggestions, Notes are worth knowing, NotCompared is what nothing
	// could tell. All are sentences.
	Renames, Notes, NotCompared []string
}

// Change is one difference.
type Change struct {
	// Path is empty where the collection as a whole came or went.
	Collection, Path string
	// Kind is added, removed or changed.
	Kind string
	// Class is a schema.Class.
	Class string
	// Before and After are JSON texts, large ones by [JSON]; empty where the side has
	// nothing there.
	Before, After string
	// Reason is why the change has its class.
	Reason string
	// Instead is what to do instead of a breaking change; may be empty.
	Instead string
}

// Breaking says whether the change needs its collection created again.
func (c Change) Breaking() bool { return c.Class == string(schema.Recreate) }

// Lines tells the result in plain text for the log: a line for each change, up to
// 50, the possible renames, the notes, what was not compared, and a verdict. The
// lines are not escaped.
func (d Diff) Lines() []string {
	changes := make([]string, 0, len(d.Changes))
	for _, c := range d.Changes {
		changes = append(changes, c.line())
	}
	lines := first(changes, "more change")
	for _, part := range []struct {
		label     string
		sentences []string
	}{{"possible rename", d.Renames}, {"note", d.Notes}, {"not compared", d.NotCompared}} {
		for _, sentence := range part.sentences {
			lines = append(lines, part.label+": "+cut(sentence, maxPath))
		}
	}
	return append(lines, d.verdict(d.Base, d.Against)+" ("+strings.Join(d.facts(), ", ")+")")
}

// line tells the change in one line.
func (c Change) line() string {
	what := c.Collection + ": " + c.words(short(c.Path))
	if c.Path != "" {
		switch {
		case c.Before != "" && c.After != "":
			what += " from " + short(c.Before) + " to " + short(c.After)
		case c.Before != "" || c.After != "":
			what += ": " + short(c.Before+c.After)
		}
	}
	if c.Reason != "" {
		what += " (" + c.Reason + ")"
	}
	return c.classWords() + ": " + what
}

// words say what happened to what, with the path as it is to be shown.
func (c Change) words(path string) string {
	if c.Path == "" {
		return "collection " + c.Kind
	}
	return c.Kind + " " + path
}

// classWords name the class, and say of a breaking change that it is one.
func (c Change) classWords() string {
	if c.Breaking() {
		return "breaking, " + c.Class
	}
	return c.Class
}

// verdict is the result in a line, with both sides as they are to be shown.
func (d Diff) verdict(base, against string) string {
	between := fmt.Sprintf(" between %s and %s", base, against)
	if len(d.Changes) == 0 && len(d.NotCompared) > 0 {
		return "No difference in what could be compared" + between
	}
	if len(d.Changes) == 0 {
		return "No difference" + between
	}
	breaking := 0
	for _, c := range d.Changes {
		if c.Breaking() {
			breaking++
		}
	}
	text := words.Count(len(d.Changes), "change") + ", "
	switch {
	case breaking == 0:
		text += "none breaking,"
	case breaking == len(d.Changes) && breaking == 1:
		text += "breaking,"
	default:
		text += words.Number(int64(breaking)) + " of them breaking,"
	}
	return text + between
}

// facts are the versions of both sides, what was compared, and how many changes
// have which class, in the order of the changes.
func (d Diff) facts() []string {
	var facts []string
	switch base, against := short(d.BaseVersion), short(d.AgainstVersion); {
	case base == against && base == "":
	case base == against:
		facts = append(facts, "Weaviate "+base)
	default:
		facts = append(facts, "Weaviate "+orUnknown(base)+" to "+orUnknown(against))
	}
	facts = append(facts, words.Count(d.Collections, "collection")+" compared")
	var classes []string
	for _, c := range d.Changes {
		if !slices.Contains(classes, c.Class) {
			classes = append(classes, c.Class)
		}
	}
	for _, class := range classes {
		n := 0
		for _, c := range d.Changes {
			if c.Class == class {
				n++
			}
		}
		facts = append(facts, words.Number(int64(n))+" "+short(class))
	}
	if d.Ignored > 0 {
		facts = append(facts, words.Number(int64(d.Ignored))+" ignored")
	}
	return facts
}

// orUnknown shows a version that is not known.
func orUnknown(version string) string {
	if version == "" {
		return "unknown"
	}
	return version
}
