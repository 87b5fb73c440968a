package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/diff"
	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// maxAnnotations is how many changes are shown on lines of a file: a runner
// shows ten annotations of a step, and one of them says how many more there are.
const maxAnnotations = 9

// garbage is how much of it may gather, in percent of what is in use: twice as much as
// Go lets by itself. Of 1000 collections a diff needs a tenth less of the processor then,
// and 36 MiB for 31. What main finds to be the limit of memory holds all the same.
const garbage = 200

// diff carries out the command of that name.
func (r *runner) diff(ctx context.Context) error {
	end := r.ci.Group("Diff")
	defer end()
	if r.process.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	}
	progress := newProgress(ctx, r.ci.Logger(), r.process.Now)
	defer progress.stop()
	progress.Stage("reading both sides", 0)

	sides, err := r.readSides(ctx)
	if err != nil {
		return err
	}
	progress.Stage("comparing", 0)
	result, err := diff.Compare(sides.base, sides.against, diff.Options{
		Include: r.inputs.Collections, Exclude: r.inputs.ExcludeCollections, Ignore: r.inputs.Ignore, Verbose: r.inputs.Verbose,
	})
	if err != nil {
		return err
	}
	if isNothing(sides, result) {
		return fmt.Errorf("nothing could be compared, of %d and %d collections: %s", len(sides.base.Collections), len(sides.against.Collections), strings.Join(result.NotCompared, " "))
	}
	told := diffReport(sides, result)
	for _, line := range told.Lines() {
		r.ci.Logger().Info(line)
	}
	for _, warning := range result.Warnings {
		r.ci.Logger().Warn(warning)
	}
	told.Notes = append(told.Notes, r.noted...)
	r.annotate(sides, result)
	outputs, err := r.diffOutputs(ctx, sides, result, told)
	if err != nil {
		return err
	}
	r.stands = "the report stays"
	if err := r.report(told.Markdown(), outputs); err != nil {
		return err
	}
	return r.judgeDrift(result)
}

// isNothing says whether there is something on the sides, and none of it was compared.
func isNothing(s sides, result diff.Result) bool {
	found := result.Collections + len(result.Changes) + result.Ignored
	return found == 0 && len(s.base.Collections)+len(s.against.Collections) > 0
}

// judgeDrift is a verdict where fail-on says so.
func (r *runner) judgeDrift(result diff.Result) error {
	count := len(result.Changes)
	switch r.inputs.FailOn {
	case config.FailOnBreaking:
		count = result.Breaking()
	case config.FailOnNone:
		count = 0
	}
	if count == 0 {
		return nil
	}
	return verdictError{fmt.Errorf("the schemas differ: %s, %d of them breaking; the first: %s",
		words.Count(len(result.Changes), "change"), result.Breaking(), inWords(result.Changes[0]))}
}

// inWords tells a change in a few.
func inWords(c diff.Change) string {
	place := c.Collection
	if len(c.Path) > 0 {
		place += "." + c.Path.String()
	}
	return fmt.Sprintf("%s %s (%s)", place, c.Kind(), c.Class)
}

// diffReport is the result for people.
func diffReport(s sides, result diff.Result) report.Diff {
	told := report.Diff{
		Base: s.base.Label, Against: s.against.Label, BaseVersion: s.base.Version, AgainstVersion: s.against.Version,
		Collections: result.Collections, Ignored: result.Ignored,
		Renames: result.Renames, Notes: result.Notes, NotCompared: result.NotCompared,
	}
	for _, c := range result.Changes {
		told.Changes = append(told.Changes, report.Change{
			Collection: c.Collection, Path: c.Path.String(), Kind: string(c.Kind()), Class: string(c.Class),
			Before: report.JSON(c.Before), After: report.JSON(c.After), Reason: c.Reason, Instead: c.Instead(),
		})
	}
	return told
}

// annotate puts changes on the lines of the committed snapshots. Off GitHub the
// log has told them.
func (r *runner) annotate(s sides, result diff.Result) {
	if !r.ci.OnGitHub() {
		return
	}
	shown := 0
	for _, c := range result.Changes {
		file, ok := s.files[c.Collection]
		if !ok || shown == maxAnnotations {
			continue
		}
		line, err := schema.Line(file.data, c.Path)
		if err != nil { // it was read before
			line = 1
		}
		r.ci.Annotate(ci.Annotation{Title: "Schema drift", Message: inWords(c) + ": " + c.Reason, File: file.path, Line: line, Error: c.Breaking()})
		shown++
	}
	if more := len(result.Changes) - shown; shown > 0 && more > 0 {
		r.ci.Annotate(ci.Annotation{Title: "Schema drift", Message: "and " + words.Count(more, "more change") + "; the step's summary has all"})
	}
}

// diffOutputs writes the report and gives the values for later steps. What may fail
// comes before the file: it would stay.
func (r *runner) diffOutputs(ctx context.Context, compared sides, result diff.Result, told report.Diff) (outputs, error) {
	digest, err := r.sideDigest(compared)
	if err != nil {
		return outputs{}, err
	}
	reportPath, err := r.writeReport(ctx, told.Markdown())
	if err != nil {
		return outputs{}, fmt.Errorf("write the report: %w", err)
	}
	out := outputs{log: r.ci.Logger()}
	out.prose("weaviate-version", compared.against.Version)
	out.add("schema-digest", digest)
	out.add("drift", strconv.FormatBool(len(result.Changes) > 0))
	out.add("breaking", strconv.FormatBool(result.Breaking() > 0))
	out.add("change-count", strconv.Itoa(len(result.Changes)))
	out.prose("changes", changesJSON(result.Changes))
	out.prose("not-compared", namesJSON(result.NotCompared))
	out.add("report-path", reportPath)
	return out, nil
}

// sideDigest is the digest of the second side's collections that were compared: where
// nothing differs, it is that of the backup.
func (r *runner) sideDigest(s sides) (string, error) {
	var names, digests []string
	for _, c := range s.against.Collections {
		if selected, _ := schema.Select([]string{c.Name}, r.inputs.Collections, r.inputs.ExcludeCollections); len(selected) == 0 || !s.base.Covers(c.Name) {
			continue
		}
		digest := c.KnownDigest
		if digest == "" {
			var err error
			if digest, err = c.Digest(); err != nil {
				return "", err
			}
		}
		names, digests = append(names, c.Name), append(digests, digest)
	}
	return schema.CombinedDigest(names, digests), nil
}

// changesJSON lists as many changes as fit, worst first. A collection as a whole
// is named, not shown.
func changesJSON(changes []diff.Change) string {
	type listed struct {
		Collection string          `json:"collection"`
		Path       string          `json:"path"`
		Kind       diff.Kind       `json:"kind"`
		Class      schema.Class    `json:"class"`
		Before     json.RawMessage `json:"before,omitempty"`
		After      json.RawMessage `json:"after,omitempty"`
	}
	return cutJSON(len(changes), func(i int) any {
		c := changes[i]
		line := listed{Collection: c.Collection, Path: c.Path.String(), Kind: c.Kind(), Class: c.Class}
		switch {
		case len(c.Path) == 0:
		case len(c.Before)+len(c.After) > maxOutput:
			return nil
		default:
			line.Before, line.After = json.RawMessage(c.Before), json.RawMessage(c.After)
		}
		return line
	})
}

// writeReport writes the Markdown under a name that is not taken. After an error
// nothing of it is there.
func (r *runner) writeReport(ctx context.Context, markdown string) (string, error) {
	batch, err := r.workspace.Batch(r.inputs.OutputDirectory)
	if err != nil {
		return "", err
	}
	for _, note := range batch.Notes() {
		r.ci.Logger().Info(note)
	}
	now := r.process.Now()
	written, err := batch.Write(ctx, []files.Item{{
		Name: func(try int) (string, error) { return snapshot.ReportName(now, try), nil },
		Data: func() ([]byte, error) { return []byte(r.ci.Scrub(markdown)), nil },
	}})
	if err != nil {
		return "", err
	}
	if err := batch.Close(); err != nil {
		return "", errors.Join(fmt.Errorf("close %s: %w", batch.Path(""), err), batch.Discard())
	}
	return batch.Path(written[0].Name), nil
}
