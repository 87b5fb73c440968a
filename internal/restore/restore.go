package restore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// Reader is what is read of the server.
type Reader interface {
	Meta(ctx context.Context) (weaviate.Meta, error)
	Nodes(ctx context.Context) (int, error)
	Rights(ctx context.Context) (weaviate.Rights, error)
	CanReadAll(ctx context.Context, rights weaviate.Rights) (bool, error)
	Schema(ctx context.Context) ([]schema.Collection, error)
	SteadySchema(ctx context.Context) ([]schema.Collection, error)
	Steady(ctx context.Context, read func() error) error
	Collection(ctx context.Context, name string) (schema.Collection, bool, error)
	Aliases(ctx context.Context) (map[string]string, error)
	Tenants(ctx context.Context, collection string) ([]weaviate.Tenant, error)
	Counts(ctx context.Context, targets []weaviate.CountTarget, done func(settled int)) ([]weaviate.Count, error)
}

// Writer is what is changed on it. Nothing of it is called in a dry run.
type Writer interface {
	CreateCollection(ctx context.Context, collection schema.Collection) (settled bool, err error)
	UpdateCollection(ctx context.Context, collection schema.Collection) error
	AddProperty(ctx context.Context, collection, name string, property jsontext.Value) error
	CreateTenants(ctx context.Context, collection string, tenants []jsontext.Value) error
	CreateAlias(ctx context.Context, alias, collection string) error
	DeleteCollection(ctx context.Context, name string) error
	DeleteAlias(ctx context.Context, alias string) error
}

// Server is the target.
type Server interface {
	Reader
	Writer
}

// Progress is told how far the run is.
type Progress interface {
	// Stage begins a part of the work with so many steps; 0 is not known.
	Stage(name string, steps int)
	// Step ends so many steps of it.
	Step(steps int)
}

// OnExisting says what becomes of a collection that the server has already.
type OnExisting string

// The ways to treat a collection that is there.
const (
	OnExistingFail   OnExisting = "fail"   // a problem of the plan
	OnExistingSkip   OnExisting = "skip"   // it stays as it is, and is compared
	OnExistingUpdate OnExisting = "update" // it is changed where that can be done in place
)

// Backup is what there is to restore, checked already.
type Backup struct {
	// Path is the manifest or the snapshot, relative to the workspace.
	Path string
	// Version is that of the server that was saved; may be empty.
	Version string
	// Snapshots are sorted by collection.
	Snapshots []snapshot.Snapshot
	// Complete says that these are all collections that the server had.
	Complete bool
}

// Options is what a run is asked to do.
type Options struct {
	// Collections and Exclude choose of the backup, by its names.
	Collections, Exclude []string
	// Names are new names by old ones; Template, where not empty, makes one of
	// each name in place of {name}.
	Names    map[string]string
	Template string

	OnExisting OnExisting
	// ReplicationFactor replaces the saved ones; 0: as saved.
	ReplicationFactor int
	Tenants, Aliases  bool
	// KeepPartial leaves what a failed run has created.
	KeepPartial bool
	DryRun      bool
	// Target is the server's address without credentials, for the report.
	Target string
	// Stopped is closed by a signal, which may come after another end of the run: the
	// time for the clean-up is short from then on. nil: there are no signals.
	Stopped <-chan struct{}
}

// ErrDiffers is a collection that was there already and is not what the backup
// has.
var ErrDiffers = errors.New("what the server has differs from the backup")

// Run restores the backup. The result tells plan and outcome, also beside an
// error.
func Run(ctx context.Context, server Server, backup Backup, options Options, progress Progress, log *slog.Logger) (Result, error) {
	r := &run{server: server, backup: backup, options: options, progress: progress, log: log}
	err := r.plan(ctx)
	switch {
	case err != nil:
	case options.DryRun:
		err = r.differs() // as the run would end
	default:
		err = r.carryOut(ctx)
	}
	return r.result(err), err
}

// run is the state of one Run.
type run struct {
	server   Server
	backup   Backup
	options  Options
	progress Progress
	log      *slog.Logger

	target   target
	items    []*item // in the order of the backup
	steps    []schema.Step
	problems []string
	advice   []string // about the problems
	notes    []string
	// warnings are of what was asked for and can't be brought; notBrought are they and
	// what the inputs leave out of the backup.
	warnings, notBrought []string

	created   created
	leftovers []Leftover
}

// item is one collection on its way.
type item struct {
	saved snapshot.Snapshot
	// source is the definition as saved, wanted as it should be on the server.
	source, wanted schema.Collection
	plan           report.Plan
	// live is what the server has; for skip and update.
	live schema.Collection
	// changes bring live to wanted; for update.
	changes []schema.Change
	// tenants and aliases are those to create.
	tenants []jsontext.Value
	aliases []string
	// differences count, allowed do not: the server's own defaults.
	differences, allowed []schema.Difference

	outcome report.Outcome
	// done are the changes that were made so far, in words, and maybe those of which
	// that is not certain.
	done, maybe []string
}

// changed notes what the run has done to the collection, in words.
func (i *item) changed(what ...string) {
	i.done = append(i.done, what...)
	if i.outcome == report.OutcomeUnchanged {
		i.outcome = report.OutcomeUpdated
	}
}

// isIdle says whether an update has nothing to do.
func (i *item) isIdle() bool {
	return i.plan == report.PlanUpdate && len(i.changes) == 0 && len(i.tenants) == 0 && len(i.aliases) == 0
}

// name is that of the collection on the server.
func (i *item) name() string { return i.wanted.Name }

func (r *run) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// warn tells of what was asked for, and is not in the backup.
func (r *run) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.warnings, r.notBrought = append(r.warnings, text), append(r.notBrought, text)
}

// leaveOut tells of what is in the backup, and was not asked for.
func (r *run) leaveOut(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.notes, r.notBrought = append(r.notes, text), append(r.notBrought, text)
}
