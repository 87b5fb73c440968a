package backup

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// compareEarlier finds out whether anything differs from the newest whole run in
// the output directory that has the same kind of names, the same server and the same
// choice. It gives the paths of that run where nothing does.
func (r *run) compareEarlier(ctx context.Context) (same *earlier, err error) {
	names, err := r.workspace.List(r.options.OutputDirectory)
	if err != nil || r.options.Verify == nil {
		return nil, nil //nolint:nilerr // no folder, no earlier run; what else is wrong with it, the writing tells
	}
	// The newest of all runs, where it is another than is looked for.
	later := ""
	for _, name := range r.manifests(names) {
		manifest, err := r.readManifest(name)
		if err != nil {
			continue
		}
		if !r.isLike(manifest) {
			later = cmp.Or(later, name)
			continue
		}
		manifestPath := path.Join(r.options.OutputDirectory, name)
		snapshots, err := r.options.Verify(ctx, manifestPath)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			r.log.Info(manifestPath + " is not compared with: " + err.Error())
			continue
		}
		r.warnOfGone(manifestPath, manifest)
		if !r.hasTheSame(manifest) || !r.saysTheSame(manifest, snapshots) {
			return nil, nil
		}
		return &earlier{name, manifest, later}, nil
	}
	return nil, nil
}

// earlier is a run that says what this one would.
type earlier struct {
	name     string
	manifest snapshot.Manifest
	// later is the manifest of a later run, which was asked for something else; empty:
	// there is none.
	later string
}

// warnOfGone names the collections of an earlier run that the server does not have any
// more. Of stable files that go with them, tellRemoved tells.
func (r *run) warnOfGone(manifestPath string, m snapshot.Manifest) {
	if r.options.StableNames {
		return
	}
	var gone []string
	for _, entry := range m.Snapshots {
		if _, found := r.find(entry.Collection); !found {
			gone = append(gone, entry.Collection)
		}
	}
	if len(gone) == 0 {
		return
	}
	text := fmt.Sprintf("not on the server any more, but in %s: %s", manifestPath, few(gone))
	if !r.rights.all {
		text += "; or the key may not read them, which looks the same"
	}
	r.log.Warn(text)
}

// readManifest reads a manifest in the output directory.
func (r *run) readManifest(name string) (snapshot.Manifest, error) {
	data, err := r.workspace.Read(path.Join(r.options.OutputDirectory, name))
	if err != nil {
		return snapshot.Manifest{}, err
	}
	return snapshot.DecodeManifest(data)
}

// manifests gives those of the names that a run like this one gives to its manifest, the
// newest first.
func (r *run) manifests(names []string) []string {
	names = slices.DeleteFunc(names, func(name string) bool {
		parsed := snapshot.ParseName(name)
		return parsed.Kind != snapshot.ManifestFile || (parsed.Stamp == "") != r.options.StableNames
	})
	sort.Slice(names, func(i, j int) bool { // a generic sort would be larger
		a, b := snapshot.ParseName(names[i]), snapshot.ParseName(names[j])
		return cmp.Or(strings.Compare(a.Stamp, b.Stamp), a.Try-b.Try) > 0
	})
	return names
}

// isLike says whether a run asked the same server for the same. Files with stable names
// do not tell their server.
func (r *run) isLike(m snapshot.Manifest) bool {
	selection := m.Completeness.Selection
	return m.Timestamp.IsZero() == r.options.StableNames && (r.options.StableNames || m.Source.URL == r.options.Source) &&
		sameChoice(selection.Collections, r.options.Collections) && sameChoice(selection.Excluded, r.options.Exclude)
}

// hasTheSame says whether a run had the collections of this one.
func (r *run) hasTheSame(m snapshot.Manifest) bool {
	return slices.EqualFunc(m.Snapshots, r.saved, func(entry snapshot.Entry, saved Saved) bool { return entry.Collection == saved.Name })
}

// sameChoice says whether the same names and patterns were given, in any order and
// however often. Others may fit the same collections today, but not tomorrow.
func sameChoice(a, b []string) bool {
	set := func(all []string) []string { return slices.Compact(slices.Sorted(slices.Values(all))) }
	return slices.Equal(set(a), set(b))
}

// saysTheSame compares definitions, tenants, aliases, and what is left out.
func (r *run) saysTheSame(m snapshot.Manifest, snapshots []snapshot.Snapshot) bool {
	return slices.Equal(m.Completeness.NotSaved, r.completeness()) &&
		(m.Aliases == nil) == (r.aliases == nil) && maps.Equal(m.Aliases, r.aliases) &&
		slices.EqualFunc(snapshots, r.saved, func(s snapshot.Snapshot, saved Saved) bool {
			return s.Metadata.SchemaDigest == saved.Digest && sameTenants(s, saved)
		})
}

// sameTenants compares names and states. Both sides are sorted by name.
func sameTenants(s snapshot.Snapshot, saved Saved) bool {
	before, err := snapshot.ParseTenants(s.Tenants)
	if err != nil || (s.Tenants == nil) != (saved.Tenants == nil) || len(before) != len(saved.Tenants) {
		return false
	}
	for i, tenant := range saved.Tenants {
		if before[i].Name != tenant.Name || before[i].Status != tenant.Status {
			return false
		}
	}
	return true
}

// keep makes the files of the earlier run those of this one.
func (r *run) keep(e *earlier) error {
	directory, err := r.workspace.Relative(r.options.OutputDirectory)
	if err != nil {
		return err
	}
	r.directory, r.manifest = directory, path.Join(directory, e.name)
	if r.options.DryRun {
		r.log.Info(fmt.Sprintf("note: a run would keep %s, which says the same, as skip-unchanged asks for", r.manifest))
	}
	if e.later != "" {
		r.log.Warn(fmt.Sprintf("%s stands for %s, the run of another choice, or of another server, that came later: name %s where this one is meant, or give each a folder of its own",
			directory, path.Join(directory, e.later), r.manifest))
	}
	for i, entry := range e.manifest.Snapshots {
		r.saved[i].Path, r.saved[i].Bytes = path.Join(directory, entry.File), entry.Bytes
	}
	return nil
}
