package backup

import (
	"context"
	"fmt"
	"log/slog"
	"path"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// Options is what a run is asked to do.
type Options struct {
	// Collections are exact names or globs; none means all. Exclude takes away
	// from them.
	Collections, Exclude []string
	// CountObjects, IncludeTenants and IncludeAliases ask for more than the
	// definitions.
	CountObjects, IncludeTenants, IncludeAliases bool
	// DryRun reads everything and writes nothing.
	DryRun bool
	// OutputDirectory is where the files go, in the workspace.
	OutputDirectory string
	// StableNames gives the files names without a time, which replace those of the
	// earlier run.
	StableNames bool
	// SkipUnchanged writes nothing where an earlier run says the same.
	SkipUnchanged bool
	// Verify gives the snapshots of the run of a manifest, sorted by collection. It
	// is an error where that run is not whole. nil: there is no comparing, and every
	// run counts as changed.
	Verify func(ctx context.Context, manifest string) ([]snapshot.Snapshot, error)
	// Source is the server's URL for manifest and report, without credentials.
	Source string
	// Tool is this program's name and version.
	Tool string
	// Scrub takes secrets out of the server's words, which may echo them, before
	// they get into a file.
	Scrub func(text string) string
	// Holds says whether data hold a credential. Nothing is written then: the server's
	// words are kept as they are in the files, or not at all. nil: none is known.
	Holds func(data []byte) bool
	// Started is when the run began: the time stamp of its files.
	Started time.Time
	// WithoutSync is for benchmarks: see files.Batch.WithoutSync.
	WithoutSync bool
}

// Progress is told how far a run is. Its methods may be called from several
// goroutines.
type Progress interface {
	// Stage begins a part of the work that has so many steps; 0 is not known.
	Stage(name string, steps int)
	// Step ends so many steps of it.
	Step(steps int)
}

// Result is what a run did.
type Result struct {
	// Report is the run for people.
	Report report.Backup
	// Collections are the selected ones, sorted by name.
	Collections []Saved
	// Manifest is the path of the manifest, relative to the workspace; empty on
	// a dry run. Directory is that of the files.
	Manifest, Directory string
	// WeaviateVersion is the server's.
	WeaviateVersion string
	// Changed says whether anything differs from the newest whole run of the same
	// choice; true where there is none.
	Changed bool
}

// Saved is one collection of a run.
type Saved struct {
	schema.Collection
	// Digest is that of the definition.
	Digest string
	Count  snapshot.Count
	// Tenants are nil where they were not saved.
	Tenants []weaviate.Tenant
	// Aliases are nil where they were not saved.
	Aliases []string
	// Path is that of the snapshot, relative to the workspace; on a dry run, the
	// one that it would have got.
	Path string
	// Bytes is the size of the snapshot; 0 on a dry run.
	Bytes int64

	// earlier is the snapshot with a stable name that says the same already.
	earlier []byte
}

// Run saves what the options ask for from the server to the workspace.
func Run(ctx context.Context, server *weaviate.Client, workspace *files.Workspace, options Options, progress Progress, log *slog.Logger) (Result, error) {
	run := &run{
		server:    server,
		workspace: workspace,
		options:   options,
		progress:  progress,
		log:       log,
	}
	if err := run.read(ctx); err != nil {
		return Result{}, err
	}
	same, err := run.compareEarlier(ctx)
	if err != nil {
		return Result{}, err
	}
	run.changed = same == nil
	if !options.SkipUnchanged {
		same = nil // it is not kept in the place of this run
	}
	switch {
	case same != nil:
		run.kept = true
		err = run.keep(same)
	case options.DryRun:
		err = run.name()
	default:
		err = run.write(ctx)
	}
	if err != nil {
		return Result{}, err
	}
	for _, sentence := range run.notSaved {
		log.Warn(sentence)
	}
	run.tellRemoved()
	return run.result(), nil
}

// run is the state of one Run.
type run struct {
	server    *weaviate.Client
	workspace *files.Workspace
	options   Options
	progress  Progress
	log       *slog.Logger

	meta   weaviate.Meta
	rights rights
	saved  []Saved
	unused []string // patterns of Options.Exclude that no collection fits
	// aliases are collections by alias, of the saved collections; nil where they
	// were not saved.
	aliases map[string]string
	// notSaved are sentences: what the run leaves out although it was asked for,
	// and why.
	notSaved            []string
	directory, manifest string
	removed             removed
	// changed is Result.Changed; kept says that nothing was written for that.
	changed, kept bool
}

func (r *run) leaveOut(format string, args ...any) {
	r.notSaved = append(r.notSaved, r.options.Scrub(fmt.Sprintf(format, args...)))
}

// bySchemaOnly is what no run of this kind saves.
const bySchemaOnly = "Objects and their vectors: a snapshot holds the schema only."

// completeness is what the files leave out, in sentences.
func (r *run) completeness() []string {
	all := append([]string{bySchemaOnly}, r.notSaved...)
	if !r.options.IncludeTenants {
		all = append(all, "Tenants: include-tenants is false.")
	}
	if !r.options.IncludeAliases {
		all = append(all, "Aliases: include-aliases is false.")
	}
	return all
}

func (r *run) result() Result {
	result := Result{
		Collections:     r.saved,
		Directory:       r.directory,
		WeaviateVersion: r.meta.Version,
		Changed:         r.changed,
		Report: report.Backup{
			DryRun:        r.options.DryRun && !r.kept, // what is kept is told as the real run tells it
			Unchanged:     r.kept,
			Source:        r.options.Source,
			ServerVersion: r.meta.Version,
			Tool:          r.options.Tool,
			Timestamp:     r.options.Started,
			Directory:     r.directory,
			ManifestPath:  r.manifest,
			Aliases:       r.aliases,
			NotSaved:      r.completeness(),
			Removed:       r.removed.files,
			WhyRemoved:    r.whyRemoved(),
		},
	}
	if !r.options.DryRun {
		result.Manifest = r.manifest
	}
	for _, saved := range r.saved {
		line := report.Collection{
			Name:              saved.Name,
			Objects:           report.Count{Exact: saved.Count.Objects, AtLeast: saved.Count.AtLeast, Reason: saved.Count.Reason},
			Properties:        saved.Properties,
			Vectors:           saved.Vectors,
			ReplicationFactor: saved.ReplicationFactor,
			MultiTenant:       saved.MultiTenant,
			File:              path.Base(saved.Path),
			Bytes:             saved.Bytes,
		}
		if saved.Tenants != nil {
			tenants := len(saved.Tenants)
			line.Tenants = &tenants
		}
		result.Report.Collections = append(result.Report.Collections, line)
		for _, reference := range saved.References {
			result.Report.References = append(result.Report.References,
				report.Reference{From: saved.Name, Property: reference.Property, To: reference.Target})
		}
	}
	return result
}
