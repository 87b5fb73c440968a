package action

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/backup"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// countStatus is the output that says in words what a number of objects is worth.
const countStatus = "object-count-status"

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
	return r.report(result.Report.Markdown(), r.backupOutputs(result))
}

// backupOutputs are the values for later steps.
func (r *runner) backupOutputs(result backup.Result) outputs {
	var names, paths, digests []string
	counts := make(map[string]*int64, len(result.Collections))
	for _, saved := range result.Collections {
		names, paths, digests = append(names, saved.Name), append(paths, saved.Path), append(digests, saved.Digest)
		counts[saved.Name] = saved.Count.Objects
	}
	total, status := "", "not-counted"
	if r.inputs.CountObjects {
		total, status = countObjects(result.Collections)
	}
	countsJSON, _ := json.Marshal(counts) //nolint:errchkjson // names and numbers only

	out := outputs{log: r.ci.Logger(), elsewhere: "; the manifest has it"}
	if result.Manifest != "" {
		one := result.Directory
		if len(paths) == 1 {
			one = paths[0]
		}
		out.add("backup-path", one)
		out.add("backup-paths", strings.Join(paths, "\n"))
		out.add("backup-directory", result.Directory)
		out.add("manifest-path", result.Manifest)
	}
	out.add("changed", strconv.FormatBool(result.Changed))
	out.add("object-count", total)
	out.prose(countStatus, status)
	out.add("object-counts", string(countsJSON))
	out.add("collection-count", strconv.Itoa(len(names)))
	out.add("collections", namesJSON(names))
	out.prose("weaviate-version", result.WeaviateVersion)
	out.add("schema-digest", schema.CombinedDigest(names, digests))
	return out
}

// countObjects is the number of objects in all collections, empty unless it is exact,
// and what it is worth in words.
func countObjects(collections []backup.Saved) (total, status string) {
	var sum int64
	var unknown []string
	known := false
	for _, saved := range collections {
		switch {
		case saved.Count.Objects != nil:
			sum += *saved.Count.Objects
			known = true
			continue
		case saved.Count.AtLeast != nil:
			sum += *saved.Count.AtLeast
			known = true
		}
		unknown = append(unknown, saved.Name)
	}
	switch {
	case len(unknown) == 0:
		return strconv.FormatInt(sum, 10), "exact"
	case !known:
		return "", "unknown"
	default:
		const shown = 5
		return "", fmt.Sprintf("partial: at least %d objects; not counted in full: %s", sum, words.Few(unknown, shown, ", "))
	}
}
