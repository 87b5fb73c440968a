package action

import (
	"context"
	"fmt"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/backup"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

// backup carries out the command of that name.
func (r *runner) backup(ctx context.Context) error {
	server, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer server.Close()

	end := r.ci.Group("Backup of " + r.inputs.Server.URL.String())
	defer end()
	progress := newProgress(ctx, r.ci.Logger(), r.process.Now)
	defer progress.stop()
	result, err := backup.Run(ctx, server, r.workspace, backup.Options{
		Collections:     r.inputs.Collections,
		Exclude:         r.inputs.ExcludeCollections,
		CountObjects:    r.inputs.CountObjects,
		IncludeTenants:  r.inputs.IncludeTenants,
		IncludeAliases:  r.inputs.IncludeAliases,
		DryRun:          r.inputs.DryRun,
		OutputDirectory: r.inputs.OutputDirectory,
		StableNames:     r.inputs.FileName == config.FileNameStable,
		SkipUnchanged:   r.inputs.SkipUnchanged,
		Verify:          r.earlierRun,
		Source:          r.inputs.Server.URL.String(),
		Tool:            Name + " " + r.process.Version,
		Scrub:           r.ci.Scrub,
		Holds:           r.holds,
		Started:         r.process.Now().UTC().Truncate(time.Second),
	}, progress, r.ci.Logger())
	if err != nil {
		return err
	}
	for _, line := range result.Report.Lines() {
		r.ci.Logger().Info(line)
	}
	if !r.inputs.DryRun {
		r.stands = "the files are complete and stay"
	}
	outputs, tooLong := result.Outputs()
	for _, name := range tooLong {
		r.ci.Logger().Warn(fmt.Sprintf("the output %s is left empty: it would be too large for a job; the manifest has it", name))
	}
	return r.report(result.Report.Markdown(), outputs)
}
