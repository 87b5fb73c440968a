package action

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// errDamaged is a backup that is not used, because it is not whole.
var errDamaged = errors.New("the backup is not whole, so it was not used")

// readFiles reads the files of a backup. What verify finds
// wrong with them is an error; what it warns of, or notes, is told, and kept for the
// summary.
func (r *runner) readFiles(ctx context.Context, options verify.Options) (verify.Result, error) {
	checked, err := verify.Run(ctx, r.workspace, options)
	if err != nil {
		return verify.Result{}, err
	}
	for _, warning := range checked.Warnings {
		r.ci.Logger().Warn(warning)
	}
	for _, note := range checked.Notes {
		r.ci.Logger().Info("note: " + note)
	}
	r.noted = slices.Concat(r.noted, checked.Warnings, checked.Notes)
	for _, finding := range checked.Findings {
		r.ci.Logger().Info(fmt.Sprintf("%s: %s: %s", finding.File, finding.Kind, finding.Text))
	}
	if len(checked.Findings) > 0 {
		return verify.Result{}, fmt.Errorf("%w: %s", errDamaged, findings(len(checked.Findings), checked.Findings[0]))
	}
	return checked, nil
}

// findings says in short what verify found: how many, and the one to begin with.
func findings(n int, first verify.Finding) string {
	text := fmt.Sprintf("%s: %s: %s", first.File, first.Kind, first.Text)
	if n > 1 {
		text = words.Count(n, "finding") + ", the first of them: " + text
	}
	return text
}

// earlierRun gives the snapshots of a run that is whole; see backup.Options.
func (r *runner) earlierRun(ctx context.Context, manifest string) ([]snapshot.Snapshot, error) {
	checked, err := verify.Run(ctx, r.workspace, verify.Options{Path: manifest})
	if err != nil {
		return nil, err
	}
	if len(checked.Findings) > 0 {
		return nil, fmt.Errorf("it is not whole: %s", findings(len(checked.Findings), checked.Findings[0]))
	}
	snapshots := make([]snapshot.Snapshot, len(checked.Snapshots))
	for i, loaded := range checked.Snapshots {
		snapshots[i] = loaded.Snapshot
	}
	return snapshots, nil
}

// savedVersion is that of the server which was saved; empty where the files do
// not tell.
func savedVersion(checked verify.Result) string {
	switch {
	case checked.Run != nil:
		return checked.Run.Source.WeaviateVersion
	case len(checked.Snapshots) > 0:
		return checked.Snapshots[0].Metadata.WeaviateVersion
	default:
		return ""
	}
}
