package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
)

// errOutputsFile is a failure of the file that outputs-file names.
var errOutputsFile = errors.New("outputs-file")

// lists are the outputs that are JSON or have several lines, which shells and
// readers of dotenv files take in different ways. The outputs file leaves them out.
var lists = []string{"backup-paths", "object-counts", "collections", "restored-collections", "skipped-collections", "changes", "findings", "not-compared", "not-restored"}

// outputsFile is the file; ok is false where none is asked for.
func (r *runner) outputsFile() (file files.Single, ok bool) {
	return files.Single{Workspace: r.workspace, Path: r.inputs.OutputsFile, Check: ci.CheckVariables}, r.inputs.OutputsFile != ""
}

// clearOutputsFile removes the file of an earlier run, or of this one, so that there
// is one only if this run has gone well, also where it is stopped.
func (r *runner) clearOutputsFile(ctx context.Context) error {
	file, ok := r.outputsFile()
	if !ok {
		return nil
	}
	notes, err := file.Clear(context.WithoutCancel(ctx))
	for _, note := range notes {
		r.ci.Logger().Info(note)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errOutputsFile, err)
	}
	return nil
}

// writeOutputsFile writes what was reported. The run is done by then: who stops it
// now gets the file all the same.
func (r *runner) writeOutputsFile(ctx context.Context) error {
	file, ok := r.outputsFile()
	if !ok || r.outputs == nil {
		return nil
	}
	data, err := r.ci.Variables(variables(r.outputs))
	if err == nil {
		err = file.Write(context.WithoutCancel(ctx), data)
	}
	if err != nil {
		return r.untold(fmt.Errorf("%w: %w", errOutputsFile, err))
	}
	if len(data) >= ci.MaxVariables {
		r.ci.Logger().Warn(fmt.Sprintf("%s has %d bytes; GitLab takes a report of variables only below %d", r.inputs.OutputsFile, len(data), ci.MaxVariables))
	}
	return nil
}

// variables are the outputs that the file has. Of a status with details it has the
// first word.
func variables(outputs []ci.Output) []ci.Output {
	kept := slices.DeleteFunc(slices.Clone(outputs), func(out ci.Output) bool { return slices.Contains(lists, out.Name) })
	for i := range kept {
		if kept[i].Name == countStatus {
			kept[i].Value, _, _ = strings.Cut(kept[i].Value, ":")
		}
	}
	return kept
}

// outputsFileHint is what someone can do about a failure of the file.
func outputsFileHint(err error) string {
	if errors.Is(err, files.ErrOutside) {
		return files.Hint(err)
	}
	return "outputs-file is for a file of its own, in a folder that can be written to. Choose another path, or remove what is there."
}
