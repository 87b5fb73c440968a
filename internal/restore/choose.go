package restore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// choose takes the collections of the backup that are asked for, and gives each
// its definition on the server. It finds problems and goes on.
func (r *run) choose() error {
	names := make([]string, len(r.backup.Snapshots))
	for i, s := range r.backup.Snapshots {
		names[i] = s.Metadata.Collection
	}
	selected, unmatched := schema.Select(names, r.options.Collections, r.options.Exclude)
	for _, pattern := range unmatched {
		r.problem(adviceNames, "the backup has no collection %s%s", pattern, schema.DidYouMean(pattern, names))
	}
	if len(selected) == 0 && len(unmatched) == 0 {
		r.problem(adviceNames, "exclude-collections takes away every collection of the backup that was chosen")
	}
	for _, pattern := range schema.Unmatched(names, r.options.Exclude) {
		r.problem(adviceNames, "exclude-collections: the backup has no collection %s%s", pattern, schema.DidYouMean(pattern, names))
	}
	destination := schema.Destination{Names: r.newNames(selected), ReplicationFactor: r.options.ReplicationFactor}
	for _, s := range r.backup.Snapshots {
		if !slices.Contains(selected, s.Metadata.Collection) {
			continue
		}
		source, err := s.Definition()
		if err != nil {
			return fmt.Errorf("read the snapshot of %s: %w", s.Metadata.Collection, err)
		}
		wanted, err := source.For(destination)
		if err != nil {
			return fmt.Errorf("read the snapshot of %s: %w", s.Metadata.Collection, err)
		}
		r.items = append(r.items, &item{saved: s, source: source, wanted: wanted, plan: report.PlanCreate})
	}
	r.checkNames()
	return nil
}

// newNames gives the names on the server by those in the backup.
func (r *run) newNames(selected []string) map[string]string {
	names := make(map[string]string, len(selected))
	for _, name := range selected {
		if r.options.Template != "" {
			names[name] = strings.Replace(r.options.Template, "{name}", name, 1)
		}
	}
	for old, renamed := range r.options.Names {
		if !slices.Contains(selected, old) {
			r.problem(adviceNames, "rename: %s is not among the collections to restore%s", old, schema.DidYouMean(old, selected))
			continue
		}
		names[old] = renamed
	}
	return names
}

// checkNames looks for names that are no names, and for two of one name, which
// the server compares without case.
func (r *run) checkNames() {
	taken := make(map[string]*item, len(r.items))
	for _, i := range r.items {
		if !schema.ValidName(i.name()) {
			r.problem(adviceRename, "rename: %s would be %s, which is no name for a collection", i.source.Name, i.name())
		}
		lower := strings.ToLower(i.name())
		if other, ok := taken[lower]; ok {
			r.problem(adviceRename, "rename: %s and %s would both be %s", other.source.Name, i.source.Name, i.name())
		}
		taken[lower] = i
	}
}
