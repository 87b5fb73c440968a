package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// Count is a number of objects that may not be known.
type Count struct {
	// Exact is the number; nil when it is unknown.
	Exact *int64
	// AtLeast is the part that could be counted when Exact is nil; nil when none could.
	AtLeast *int64
	// Reason says why Exact is nil.
	Reason string
}

// Collection is what one snapshot holds.
type Collection struct {
	Name       string
	Objects    Count
	Properties int
	// Vectors describe each vector: "name (index type)", or the index type alone for the
	// unnamed one of older collections.
	Vectors []string
	// ReplicationFactor is the number of replicas; 0 when the server names none.
	ReplicationFactor int
	MultiTenant       bool
	// Tenants is the number of tenants; nil when they were not read.
	Tenants *int
	// File is the snapshot's file name in the backup's directory.
	File string
	// Bytes is the size of the file; 0 in a dry run.
	Bytes int64
}

// Reference is a property of one collection that points to another.
type Reference struct{ From, Property, To string }

// Backup is the result of the command backup.
type Backup struct {
	// DryRun tells that nothing was written: all is told as what would be.
	DryRun bool
	// Unchanged tells that nothing was written, because the files that are there say
	// the same.
	Unchanged bool
	// Source is the server's address without credentials: scheme://host:port/base.
	Source string
	// ServerVersion is Weaviate's version, Tool this program's name and version.
	ServerVersion, Tool string
	// Timestamp is the time of the backup.
	Timestamp time.Time
	// Directory and ManifestPath are relative to the workspace.
	Directory, ManifestPath string
	// Collections are sorted by name.
	Collections []Collection
	// Aliases map each alias to its collection.
	Aliases map[string]string
	// References are the cross-references of all collections.
	References []Reference
	// NotSaved are sentences: what is not in this backup, and why.
	NotSaved []string
	// Removed are the names of earlier files that this run took away, WhyRemoved is
	// a sentence on all of them.
	Removed    []string
	WhyRemoved string
}

// maxLines is the number of collections that the log names one by one.
const maxLines = 50

// Lines tells the result in plain text for the log: a line per collection when
// there are at most 50, and a line that sums up. The lines are not escaped.
func (b Backup) Lines() []string {
	var lines []string
	if len(b.Collections) <= maxLines {
		for _, c := range b.Collections {
			lines = append(lines, c.line())
		}
	}
	what := fmt.Sprintf("%s, %s, from %s (Weaviate %s)", words.Count(len(b.Collections), "collection"), b.total(), b.Source, b.ServerVersion)
	if b.DryRun {
		return append(lines, fmt.Sprintf("dry run: would save %s to %s; nothing was written", what, b.Directory))
	}
	if b.Unchanged {
		return append(lines, fmt.Sprintf("unchanged: %s says the same of %s; nothing was written", b.ManifestPath, what))
	}
	return append(lines, fmt.Sprintf("saved %s to %s: %s", what, b.Directory, b.ManifestPath))
}

// line describes the collection in one line.
func (c Collection) line() string {
	parts := []string{c.Objects.words(), words.Count(c.Properties, "property")}
	if len(c.Vectors) > 0 {
		parts = append(parts, words.Count(len(c.Vectors), "vector"))
	}
	if c.ReplicationFactor > 0 {
		parts = append(parts, words.Count(c.ReplicationFactor, "replica"))
	}
	if c.Tenants != nil && c.MultiTenant {
		parts = append(parts, words.Count(*c.Tenants, "tenant"))
	}
	text := c.Name + ": " + strings.Join(parts, ", ") + " -> " + c.File
	if c.Bytes > 0 {
		text += " (" + words.Count(int(c.Bytes), "byte") + ")"
	}
	return text
}

// words tells the count with its unit.
func (c Count) words() string {
	switch {
	case c.Exact != nil && *c.Exact == 1:
		return "1 object"
	case c.Exact != nil:
		return words.Number(*c.Exact) + " objects"
	case c.AtLeast != nil:
		return "at least " + words.Number(*c.AtLeast) + " objects" + inBrackets(c.Reason)
	}
	return "objects unknown" + inBrackets(c.Reason)
}

// total adds up the counts of all collections. When some are unknown it says in
// how many, or why, when it is the same reason for all.
func (b Backup) total() string {
	var sum int64
	var reasons []string
	counted := false
	for _, c := range b.Collections {
		switch {
		case c.Objects.Exact != nil:
			sum += *c.Objects.Exact
			counted = true
			continue
		case c.Objects.AtLeast != nil:
			sum += *c.Objects.AtLeast
			counted = true
		}
		reasons = append(reasons, c.Objects.Reason)
	}
	if len(reasons) == 0 {
		return Count{Exact: &sum}.words()
	}
	total := Count{Reason: "in " + words.Count(len(reasons), "collection")}
	if counted {
		total = Count{AtLeast: &sum, Reason: "not all known " + total.Reason}
	}
	if same := slices.Compact(reasons); len(same) == 1 && same[0] != "" {
		total.Reason += ": " + same[0]
	}
	return total.words()
}

// sortedAliases returns the aliases in order.
func (b Backup) sortedAliases() []string { return slices.Sorted(maps.Keys(b.Aliases)) }

// inBrackets returns " (reason)", or nothing when there is none.
func inBrackets(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}
