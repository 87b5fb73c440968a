package verify

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// Kind of a finding.
type Kind string

// The kinds of findings.
const (
	Missing    Kind = "missing"   // a file that should be there
	Extra      Kind = "extra"     // a file that should not be there
	Damaged    Kind = "damaged"   // bytes that are not those that were written
	Malformed  Kind = "malformed" // content that is not of the format
	Mismatch   Kind = "mismatch"  // two places that should say the same
	Unsafe     Kind = "unsafe"    // a name that must not be opened
	Stale      Kind = "stale"     // a backup that is older than it may be
	LiveGone   Kind = "not-live"  // a collection that the server does not have
	LiveDiffer Kind = "differs"   // a definition that the server has differently
	LiveExtra  Kind = "unsaved"   // a collection that only the server has
)

// Finding is one thing that is wrong.
type Finding struct {
	Kind Kind
	// File is its name in the folder.
	File string
	Text string
}

// Live says whether it is the server that differs, and not the files that are wrong.
func (f Finding) Live() bool {
	return f.Kind == LiveGone || f.Kind == LiveDiffer || f.Kind == LiveExtra
}

// OfAge says whether it is the age of the backup that is wrong, and not its files.
func (f Finding) OfAge() bool { return f.Kind == Stale }

// OfFiles says whether the files are wrong.
func (f Finding) OfFiles() bool { return !f.Live() && !f.OfAge() }

// Result is what a run found.
type Result struct {
	// Path was checked, relative to the workspace.
	Path string
	// Manifest is the path of the manifest; empty where there was none.
	Manifest string
	// Collections are those of the backup, sorted.
	Collections []string
	// Snapshots are the files that can be read, sorted by collection. They are
	// worth something only where there are no findings.
	Snapshots []snapshot.File
	// Undecoded are the files that were checked by their hash only, see Options.HashOnly.
	Undecoded []snapshot.Undecoded
	// Run is what the manifest says of the run; nil where there was none.
	Run *snapshot.Manifest
	// Findings are sorted by file, kind and text, none twice.
	Findings []Finding
	// Warnings and Notes are worth knowing, the former in any case, and nothing wrong
	// with the files. NotChecked are sentences: what nothing could prove.
	Warnings, Notes, NotChecked []string
	// Checked says that the files were gone through to the end, whatever came of it.
	Checked bool
	// Source is the server that was compared with; empty: none.
	Source string
}

// sorted is the result in its order.
func (r *run) sorted() Result {
	// sort.Slice has no copy of the algorithm for each type, which takes 12 to 25 KB.
	found := r.result.Findings
	sort.Slice(found, func(i, j int) bool {
		a, b := found[i], found[j]
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Text, b.Text)) < 0
	})
	r.result.Findings = slices.Compact(found)
	loaded := r.result.Snapshots
	sort.Slice(loaded, func(i, j int) bool { return loaded[i].Metadata.Collection < loaded[j].Metadata.Collection })
	slices.Sort(r.result.Collections)
	r.result.Collections = slices.Compact(r.result.Collections)
	return r.result
}

// Report is the result for people.
func (r Result) Report() report.Verify {
	v := report.Verify{
		Path: r.Path, Manifest: r.Manifest, Source: r.Source, Collections: len(r.Collections),
		Warnings: r.Warnings, Notes: r.Notes, NotChecked: r.NotChecked,
	}
	for _, finding := range r.Findings {
		v.Findings = append(v.Findings, report.Finding{Kind: string(finding.Kind), File: finding.File, Text: finding.Text, Live: finding.Live()})
	}
	return v
}
