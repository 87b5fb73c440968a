package action

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
)

var (
	// errDamaged is a backup that is not restored, because it is not whole.
	errDamaged = errors.New("the backup is not whole, so nothing was restored")
	// errPullRequestTarget is a restore that anyone with a fork could start, with
	// files of their own and this repository's secrets.
	errPullRequestTarget = errors.New("restore does not run on pull_request_target: the workflow has secrets there, and the files may come from a fork; " +
		"run it on workflow_dispatch, schedule or push")
)

// restore carries out the command of that name.
func (r *runner) restore(ctx context.Context) error {
	if r.process.Getenv("GITHUB_EVENT_NAME") == "pull_request_target" {
		return errPullRequestTarget
	}
	backup, manifest, err := r.readBackup(ctx)
	if err != nil {
		return err
	}
	server, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer server.Close()

	end := r.ci.Group("Restore to " + r.inputs.Server.URL.String())
	defer end()
	progress := newProgress(ctx, r.ci.Logger(), r.process.Now)
	defer progress.stop()
	result, err := restore.Run(ctx, server, backup, r.restoreOptions(), progress, r.ci.Logger())
	for _, line := range result.Report.Lines() {
		r.ci.Logger().Info(line)
	}
	reportErr := r.report(result.Report.Markdown(), r.restoreOutputs(result, manifest))
	return errors.Join(err, reportErr)
}

// readBackup reads and checks the files. What verify finds wrong with them ends
// the run before the server is asked for anything.
func (r *runner) readBackup(ctx context.Context) (backup restore.Backup, manifest string, err error) {
	checked, err := verify.Run(ctx, r.workspace, verify.Options{Path: r.inputs.BackupPath})
	if err != nil {
		return restore.Backup{}, "", err
	}
	for _, finding := range checked.Findings {
		r.ci.Logger().Info(fmt.Sprintf("%s: %s: %s", finding.File, finding.Kind, finding.Text))
	}
	if n := len(checked.Findings); n > 0 {
		first := checked.Findings[0]
		return restore.Backup{}, "", fmt.Errorf("%w: %d finding(s), the first of them: %s: %s: %s", errDamaged, n, first.File, first.Kind, first.Text)
	}
	backup = restore.Backup{Path: checked.Path, Snapshots: checked.Snapshots}
	if run := checked.Run; run != nil {
		backup.Path = checked.Manifest
		backup.Version = run.Source.WeaviateVersion
		backup.Complete = len(run.Completeness.Selection.Collections) == 0 && len(run.Completeness.Selection.Excluded) == 0
	} else if len(checked.Snapshots) > 0 {
		backup.Version = checked.Snapshots[0].Metadata.WeaviateVersion
	}
	return backup, checked.Manifest, nil
}

func (r *runner) restoreOptions() restore.Options {
	names := make(map[string]string, len(r.inputs.Rename))
	for _, rename := range r.inputs.Rename {
		names[rename.Old] = rename.New
	}
	return restore.Options{
		Collections:       r.inputs.Collections,
		Exclude:           r.inputs.ExcludeCollections,
		Names:             names,
		Template:          r.inputs.RenameTemplate,
		OnExisting:        restore.OnExisting(r.inputs.OnExisting),
		ReplicationFactor: r.inputs.ReplicationFactor,
		Tenants:           r.inputs.RestoreTenants,
		Aliases:           r.inputs.RestoreAliases,
		KeepPartial:       r.inputs.KeepPartial,
		DryRun:            r.inputs.DryRun,
		Target:            r.inputs.Server.URL.String(),
	}
}

// restoreOutputs are the values for later steps, in the order of action.yml.
func (r *runner) restoreOutputs(result restore.Result, manifest string) []ci.Output {
	return []ci.Output{
		{Name: "manifest-path", Value: manifest},
		{Name: "collection-count", Value: strconv.Itoa(len(result.Collections))},
		r.list("collections", result.Collections),
		{Name: "weaviate-version", Value: result.ServerVersion},
		r.list("restored-collections", result.Restored),
		r.list("skipped-collections", result.Skipped),
		{Name: "restored-count", Value: strconv.Itoa(len(result.Restored))},
		{Name: "differences", Value: strconv.Itoa(result.Differences)},
	}
}
