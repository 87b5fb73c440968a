package verify

import (
	"fmt"
	"path"
	"slices"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// lookBeside tells what else is in a folder that was given as a whole, and is no
// part of the run that was checked.
func (r *run) lookBeside() {
	var temporary []string
	newest := "" // manifest with a time stamp
	for _, name := range r.names {
		switch {
		case r.reader.IsTemporary(name):
			temporary = append(temporary, name)
		case isManifestName(name) && stampOf(name) >= stampOf(newest):
			newest = name
		}
	}
	if len(temporary) > 0 {
		r.note("the folder has %s of a run that was killed, or that is still writing; not part of any backup: %s",
			words.Count(len(temporary), "temporary file"), few(temporary))
	}
	if r.result.Manifest == "" {
		return // a finding says so
	}
	last := stampOf(newest)
	if run := r.result.Run; run != nil && !run.Timestamp.IsZero() { // its manifest may have got another name
		last = max(last, stampOf(snapshot.ManifestName(run.Timestamp, 1)))
	}
	r.findUnended(last)
	if checked := path.Base(r.result.Manifest); stampOf(checked) == "" && stampOf(newest) != "" {
		r.note("%s stands for the folder, whatever its age; %s is the newest of those with a time: give its path for that run", checked, newest)
	}
}

// findUnended looks for snapshots that are newer than every manifest. A nightly run
// that died leaves such, and the one of the night before is whole: that must not
// look as if the last one was. It is a warning and no finding, because what was
// checked is whole, and the next run that ends makes up for it, while the files stay.
func (r *run) findUnended(newest string) {
	var stamps []string
	for _, name := range r.names {
		if stamp := stampOf(name); isSnapshotName(name) && stamp > newest {
			stamps = append(stamps, stamp)
		}
	}
	slices.Sort(stamps)
	stamps = slices.Compact(stamps)
	slices.Reverse(stamps)
	if len(stamps) > 0 {
		r.result.Warnings = append(r.result.Warnings, fmt.Sprintf("the newest run in the folder did not end, or has not yet: "+
			"there are snapshots of %s without a manifest; what counts instead is %s, of an earlier run", few(stamps), r.result.Manifest))
	}
}

func (r *run) note(format string, args ...any) {
	r.result.Notes = append(r.result.Notes, fmt.Sprintf(format, args...))
}

// few names some of many files.
func few(names []string) string { return words.Few(names, 3, ", ") }
