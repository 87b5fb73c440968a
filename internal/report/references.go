package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

const (
	// maxNodes is the number of collections up to which a diagram is drawn.
	maxNodes = 50
	// maxEdges and maxDiagram (in bytes) are Mermaid's own limits.
	maxEdges   = 500
	maxDiagram = 50_000
	// maxMissing is the number of absent collections that are named.
	maxMissing = 10
)

// referenceSection draws the references between collections, if there are any and
// not too many, and names what they need and the backup has not.
func (b Backup) referenceSection() string {
	if len(b.References) == 0 {
		return ""
	}
	names := b.referring()
	diagram := ""
	if len(names) <= maxNodes && len(b.References) <= maxEdges {
		diagram = b.diagram(names)
	}
	section := "\n### References between collections\n\n"
	if diagram == "" || len(diagram) > maxDiagram {
		return section + fmt.Sprintf("%s among %s: too many for a diagram.\n",
			words.Count(len(b.References), "reference"), words.Count(len(names), "collection")) + b.missing()
	}
	return section + "```mermaid\n" + diagram + "```\n" + b.missing()
}

// diagram draws names and the references between them as a Mermaid flowchart. The
// nodes have made-up ids, so no name is read as Mermaid's syntax.
func (b Backup) diagram(names []string) string {
	var d strings.Builder
	d.WriteString("flowchart LR\n")
	ids := make(map[string]int, len(names))
	for i, name := range names {
		ids[name] = i
		label := name
		if !b.holds(name) {
			label += " - not saved"
		}
		fmt.Fprintf(&d, "  c%d[%s]\n", i, mermaidLabel(label))
	}
	for _, r := range b.References {
		fmt.Fprintf(&d, "  c%d -->|%s| c%d\n", ids[r.From], mermaidLabel(r.Property), ids[r.To])
	}
	return d.String()
}

// referring returns the names of all collections that take part in a reference,
// sorted.
func (b Backup) referring() []string {
	var names []string
	for _, r := range b.References {
		names = append(names, r.From, r.To)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// holds tells whether the backup has a snapshot of the collection name.
func (b Backup) holds(name string) bool {
	return slices.ContainsFunc(b.Collections, func(c Collection) bool { return c.Name == name })
}

// missing names the collections that are referred to and not in the backup: a
// restore needs them on the server.
func (b Backup) missing() string {
	var missing []string
	for _, name := range b.referring() {
		if !b.holds(name) {
			missing = append(missing, code(short(name)))
		}
	}
	if len(missing) == 0 {
		return ""
	}
	if more := len(missing) - maxMissing; more > 0 {
		missing = append(missing[:maxMissing], "and "+words.Number(int64(more))+" more")
	}
	return "\nReferred to, but not in this backup: " + strings.Join(missing, ", ") + ".\n"
}
