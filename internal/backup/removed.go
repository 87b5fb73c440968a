package backup

import (
	"fmt"
	"path"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// removed are files of the earlier run that a run with stable names takes away.
type removed struct {
	files []string
	// choice is what the earlier run was asked for.
	choice snapshot.Selection
}

// tellRemoved says which files go, and why: two jobs of different choices that take
// turns would erase each other's files. It does not refuse, as someone may have changed
// the choice, or deleted the collections, on purpose.
func (r *run) tellRemoved() {
	if len(r.removed.files) == 0 {
		return
	}
	verb := "removed"
	if r.options.DryRun {
		verb = "would remove"
	}
	r.log.Warn(fmt.Sprintf("%s %s from %s: %s", verb, few(r.removed.files), path.Clean(r.options.OutputDirectory), r.whyRemoved()))
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
	case len(r.removed.files) == 1:
		return "the server does not have its collection any more"
	default:
		return "the server does not have their collections any more"
	}
}

// otherChoice says whether the earlier run was asked for something else.
func (r *run) otherChoice() bool {
	return !sameChoice(r.removed.choice.Collections, r.options.Collections) || !sameChoice(r.removed.choice.Excluded, r.options.Exclude)
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
