package report

import (
	"fmt"
	"slices"
	"strings"
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
// not too many.
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
			plural(len(b.References), "reference"), plural(len(names), "collection"))
	}
	return section + "```mermaid\n" + diagram + "```\n"
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

// restoreSection shows a command that restores one collection from its snapshot,
// and what it leaves to do.
//
// A server refuses the definition of a multi-tenant collection as it reads it:
// "cannot have both shardingConfig and multiTenancyConfig" (seen on 1.27.0, 1.35.2
// and 1.39.0), so the command drops the sharding settings there.
func (b Backup) restoreSection() string {
	if b.DryRun || len(b.Collections) == 0 {
		return ""
	}
	var s strings.Builder
	s.WriteString("\n### Restore\n\nThis creates one collection, without objects, from its snapshot. It needs `jq` and `curl`, " +
		"and `WEAVIATE_API_KEY` when the server asks for a key:\n\n```sh\n")
	s.WriteString(b.restoreCommand())
	s.WriteString("```\n\n")
	s.WriteString("- A collection that exists already is left as it is, and the command fails.\n")
	if b.anyMultiTenant() {
		s.WriteString("- For a multi-tenant collection the line leaves out `shardingConfig`, which servers refuse there. " +
			"Its tenants are listed in the snapshot under `tenants`; the line does not create them.\n")
	}
	if len(b.Aliases) > 0 {
		s.WriteString("- Aliases are not created by it; the snapshot lists them under `aliases`.\n")
	}
	s.WriteString(b.referenceAdvice())
	return s.String()
}

// restoreCommand is the line for the shell. It names the first collection that
// refers to no other, so that it works on an empty server; else the first.
func (b Backup) restoreCommand() string {
	refers := make(map[string]bool)
	for _, r := range b.References {
		refers[r.From] = refers[r.From] || r.From != r.To
	}
	example := b.Collections[0]
	if i := slices.IndexFunc(b.Collections, func(c Collection) bool { return !refers[c.Name] }); i >= 0 {
		example = b.Collections[i]
	}
	file := b.filePath(example)
	if !printable(file) {
		file = "snapshot.json" // the table has its visible form
	}
	if strings.HasPrefix(file, "-") {
		file = "./" + file
	}
	address := `"${WEAVIATE_URL%/}/v1/schema"`
	if b.ServerURLHint != "" && printable(b.ServerURLHint) {
		address = shellQuote(strings.TrimSuffix(b.ServerURLHint, "/") + "/v1/schema")
	}
	return "jq '.schema | if .multiTenancyConfig.enabled then del(.shardingConfig) else . end' " + shellQuote(file) +
		` | curl -sS --fail-with-body -H 'Content-Type: application/json'` +
		` ${WEAVIATE_API_KEY:+-H "Authorization: Bearer $WEAVIATE_API_KEY"}` +
		" --data-binary @- " + address + "\n"
}

// printable tells whether s can stand in a command as it is.
func printable(s string) bool { return len(s) <= maxPath && !strings.ContainsFunc(s, unfit) }

// referenceAdvice says in which order collections with references are restored,
// and which collections they need that are not in the backup.
func (b Backup) referenceAdvice() string {
	if len(b.References) == 0 {
		return ""
	}
	advice := "- A server refuses a reference to a collection that it does not have: restore the referenced collections first. " +
		"Where collections refer to each other, create one without its reference properties and add these afterwards, " +
		"each by `POST /v1/schema/{collection}/properties`.\n"
	var missing []string
	for _, name := range b.referring() {
		if !b.holds(name) {
			missing = append(missing, code(short(name)))
		}
	}
	if len(missing) == 0 {
		return advice
	}
	if more := len(missing) - maxMissing; more > 0 {
		missing = append(missing[:maxMissing], "and "+thousands(int64(more))+" more")
	}
	return advice + "- Referred to, but not in this backup: " + strings.Join(missing, ", ") + ".\n"
}

// anyMultiTenant tells whether a collection has tenants.
func (b Backup) anyMultiTenant() bool {
	return slices.ContainsFunc(b.Collections, func(c Collection) bool { return c.MultiTenant })
}
