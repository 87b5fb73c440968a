package verify

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// ErrRights is a key that can't tell a collection that is gone from one that it
// may not read.
var ErrRights = errors.New("the key may not read every collection")

// Whole says whether nothing is wrong with the files, whatever the server has, and
// however old they are.
func (r Result) Whole() bool {
	return !slices.ContainsFunc(r.Findings, Finding.OfFiles)
}

// compare compares with the server. Where there is a finding of the files or their age,
// that is the verdict, and a server that can't be read is not compared; but a run that
// was stopped has none.
func (r *run) compare(ctx context.Context) error {
	err := r.compareLive(ctx)
	judged := slices.ContainsFunc(r.result.Findings, func(f Finding) bool { return !f.Live() })
	if err == nil || !judged || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	r.leaveOut("Whether the server has this schema: " + err.Error() + ".")
	return nil
}

// compareLive compares the definitions with those of the server.
func (r *run) compareLive(ctx context.Context) error {
	if r.options.Connect == nil {
		r.leaveOut("Whether a server still has this schema: no weaviate-url was given.")
		return nil
	}
	if len(r.good) == 0 && r.manifest == nil {
		r.leaveOut("Whether the server has this schema: there is no file that can be relied on to compare with it.")
		return nil
	}
	server, err := r.options.Connect(ctx)
	if err != nil {
		return err
	}
	live, err := server.Schema(ctx)
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	all, err := server.CanReadAll(ctx)
	if err != nil {
		return fmt.Errorf("find out whether the key may read every collection: %w", err)
	}
	collections := make(map[string]schema.Collection, len(live))
	for _, c := range live {
		collections[c.Name] = c
	}
	var gone []definition
	var names []string // of those
	var pairs []pair
	for _, d := range r.good {
		there, ok := collections[d.collection.Name]
		if !ok {
			gone, names = append(gone, d), append(names, d.collection.Name)
			continue
		}
		differences, err := schema.Compare(d.collection, there)
		if err != nil {
			return fmt.Errorf("compare %s with the server: %w", d.file, err)
		}
		if len(differences) > 0 {
			pairs = append(pairs, pair{d, differences})
		}
	}
	if err := r.judge(ctx, server, pairs); err != nil {
		return err
	}
	if !all && len(gone) > 0 {
		return fmt.Errorf("%w, so there is no telling whether the server lacks these, or hides them: %s", ErrRights, strings.Join(names, ", "))
	}
	for _, d := range gone {
		r.find(LiveGone, d.file, "the server has no collection %q", d.collection.Name)
	}
	if !all && r.savedAll() && len(r.result.Findings) == 0 {
		return fmt.Errorf("%w, so there is no telling whether the server has more of them than this backup of all collections", ErrRights)
	}
	r.findUnsaved(live, all)
	r.leaveOut("Tenants and aliases on the server: the command diff compares them, and tells what differs in a definition.")
	r.result.Source = r.options.Source
	return nil
}

// pair is a saved definition and where that of the server differs from it.
type pair struct {
	saved       definition
	differences []schema.Difference
}

// judge tells in which pairs a difference counts, and which are only what is
// expected of another version of the server, as diff does.
func (r *run) judge(ctx context.Context, server Server, pairs []pair) error {
	if len(pairs) == 0 {
		return nil
	}
	version, err := server.Version(ctx)
	if err != nil {
		return fmt.Errorf("read the server's version: %w", err)
	}
	var expected []string
	for _, p := range pairs {
		name := p.saved.collection.Name
		counting, _ := schema.Judge(p.differences, version)
		if len(counting) == 0 {
			expected = append(expected, name)
			continue
		}
		r.find(LiveDiffer, p.saved.file, "the server's definition of %q differs: %s", name, places(counting))
	}
	if len(expected) > 0 {
		r.result.Notes = append(r.result.Notes, fmt.Sprintf(
			"Weaviate %s shows these otherwise than they were saved, as is expected of it (the command diff with verbose tells how): %s", version, strings.Join(expected, ", ")))
	}
	return nil
}

// maxPlaces is how many places of one definition a finding names.
const maxPlaces = 3

// places are the first paths of the differences.
func places(differences []schema.Difference) string {
	var paths []string
	for _, d := range differences {
		paths = append(paths, d.Path.String())
	}
	return words.Few(paths, maxPlaces, ", ")
}

// savedAll says that the run saved all collections that there were.
func (r *run) savedAll() bool {
	return r.manifest != nil && len(r.manifest.Completeness.Selection.Collections) == 0
}

// findUnsaved looks for collections that only the server has. They are wrong
// where the run saved all that there were.
func (r *run) findUnsaved(live []schema.Collection, all bool) {
	if r.manifest == nil {
		return
	}
	if !all {
		r.leaveOut("Whether the server has collections that are not in the backup: the key may not read every collection.")
	}
	selection := r.manifest.Completeness.Selection
	var unsaved []string
	for _, c := range live {
		saved := slices.Contains(r.result.Collections, c.Name)
		excluded := slices.ContainsFunc(selection.Excluded, func(pattern string) bool { return schema.Match(pattern, c.Name) })
		if !saved && !excluded {
			unsaved = append(unsaved, c.Name)
		}
	}
	if r.savedAll() {
		for _, name := range unsaved {
			r.find(LiveExtra, path.Base(r.result.Manifest), "the server has the collection %q, which is not in this backup of all collections", name)
		}
		return
	}
	if len(unsaved) > 0 {
		r.result.Notes = append(r.result.Notes, "the server has collections that were not chosen for this backup: "+strings.Join(unsaved, ", "))
	}
}
