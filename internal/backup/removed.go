package backup

import (
	"fmt"
	"path"
	"slices"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// removed are files of the earlier run that a run with stable names takes away.
type removed struct {
	files []string
	// choice is what the earlier run was asked for.
	choice snapshot.Selection
}

// tellRemoved says which files go, and why. Where the choice of collections is
// another one it warns, and does not refuse: someone may have changed the choice on
// purpose, but two jobs that take turns would erase each other's files.
func (r *run) tellRemoved() {
	if len(r.removed.files) == 0 {
		return
	}
	verb := "removed"
	if r.options.DryRun {
		verb = "would remove"
	}
	text := fmt.Sprintf("%s %s from %s: %s", verb, few(r.removed.files), path.Clean(r.options.OutputDirectory), r.whyRemoved())
	if r.otherChoice() {
		r.log.Warn(text)
	} else {
		r.log.Info(text)
	}
}

// whyRemoved is a sentence for the log and the summary; empty where nothing goes.
func (r *run) whyRemoved() string {
	switch {
	case len(r.removed.files) == 0:
		return ""
	case r.otherChoice():
		return fmt.Sprintf("the run that wrote them chose %s, and this one, whose manifest.json takes the place of that run's, %s; "+
			"if both are to stay, give each choice a folder of its own",
			choice(r.removed.choice.Collections, r.removed.choice.Excluded), choice(r.options.Collections, r.options.Exclude))
	default:
		return "the server does not have their collections any more"
	}
}

// otherChoice says whether the earlier run was asked for something else, whatever
// the order.
func (r *run) otherChoice() bool {
	same := func(a, b []string) bool {
		return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
	}
	return !same(r.removed.choice.Collections, r.options.Collections) || !same(r.removed.choice.Excluded, r.options.Exclude)
}

// choice tells what was asked for.
func choice(collections, excluded []string) string {
	text := "all collections"
	if len(collections) > 0 {
		text = few(collections)
	}
	if len(excluded) > 0 {
		text += " without " + few(excluded)
	}
	return text
}

// few names some of many.
func few(names []string) string { return words.Few(names, 10, ", ") }
