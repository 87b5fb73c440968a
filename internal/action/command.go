package action

import (
	"context"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// command is one of those that the program can be asked for.
type command struct {
	run func(context.Context) error
	// title begins the headline of a run that did not go well.
	title string
	// leastRole is the least role of a key for it, in words.
	leastRole string
	// folder has the files that outputs name; folderInput is the input that chose it.
	folder, folderInput string
}

// command is the one that was asked for; backup where the inputs were too bad to tell.
func (r *runner) command() command {
	in := r.inputs
	switch in.Command {
	case config.CommandVerify:
		return command{r.verify, "Verify", weaviate.LeastVerifyRole, in.BackupPath, "backup-path"}
	case config.CommandRestore:
		return command{r.restore, "Restore", weaviate.LeastRestoreRole, in.BackupPath, "backup-path"}
	case config.CommandDiff:
		return command{r.diff, "Diff", weaviate.LeastDiffRole, in.OutputDirectory, "output-directory"}
	default:
		return command{r.backup, "Backup", weaviate.LeastRole, in.OutputDirectory, "output-directory"}
	}
}
