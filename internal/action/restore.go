package action

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// errPullRequestTarget is a restore that anyone with a fork could start, with
// files of their own and this repository's secrets.
var errPullRequestTarget = errors.New("restore does not run on pull_request_target: the workflow has secrets there, and the files may come from a fork; " +
	"run it on workflow_dispatch, schedule or push")

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
	for _, warning := range result.Warnings {
		r.ci.Logger().Warn(warning)
		r.noted = append(r.noted, warning)
	}
	result.Report.Notes = append(result.Report.Notes, r.noted...)
	if errors.Is(err, restore.ErrDiffers) {
		err = verdictError{err}
	}
	if err != nil && len(result.Report.Stands) > 0 {
		err = fmt.Errorf("%w; left on the server: %s", err, words.Few(result.Report.Stands, 3, "; "))
	}
	if len(result.Restored) > 0 && isDone(err) {
		r.stands = "what was restored stays"
	}
	reportErr := r.report(result.Report.Markdown(), r.restoreOutputs(result, manifest))
	if reportErr != nil && isDone(err) {
		return instead(reportErr, err)
	}
	r.summedUp = reportErr == nil
	return errors.Join(err, reportErr)
}

// readBackup reads and checks the files, before the server is asked for
// anything.
func (r *runner) readBackup(ctx context.Context) (backup restore.Backup, manifest string, err error) {
	checked, err := r.readFiles(ctx, verify.Options{Path: r.inputs.BackupPath, Input: "backup-path"})
	if err != nil {
		return restore.Backup{}, "", err
	}
	backup = restore.Backup{Path: checked.Path, Version: savedVersion(checked)}
	for _, s := range checked.Snapshots {
		backup.Snapshots = append(backup.Snapshots, s.Snapshot)
	}
	if run := checked.Run; run != nil {
		backup.Path = checked.Manifest
		backup.Complete = len(run.Completeness.Selection.Collections) == 0 && len(run.Completeness.Selection.Excluded) == 0
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
		Stopped:           r.stopped,
	}
}

// restoreOutputs are the values for later steps.
func (r *runner) restoreOutputs(result restore.Result, manifest string) outputs {
	out := outputs{log: r.ci.Logger()}
	out.add("manifest-path", manifest)
	out.add("collection-count", strconv.Itoa(len(result.Collections)))
	out.add("collections", namesJSON(result.Collections))
	out.prose("weaviate-version", result.ServerVersion)
	out.add("restored-collections", namesJSON(result.Restored))
	out.add("skipped-collections", namesJSON(result.Skipped))
	out.add("restored-count", strconv.Itoa(len(result.Restored)))
	out.add("differences", strconv.Itoa(result.Differences))
	out.prose("not-restored", namesJSON(result.NotRestored))
	return out
}
