package action

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/backup"
	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// saved is a collection of a backup; below 0, objects were counted in part.
func saved(name string, objects int64) backup.Saved {
	s := backup.Saved{Collection: schema.Collection{Name: name}, Digest: "sha256:" + name, Path: "backups/" + name + ".json"}
	if objects < 0 {
		objects = -objects
		s.Count.AtLeast = &objects
	} else {
		s.Count.Objects = &objects
	}
	return s
}

func TestBackupOutputs(t *testing.T) {
	t.Parallel()
	of := func(asked bool, collections ...backup.Saved) map[string]string {
		r := &runner{ci: ci.New(ci.Options{}), inputs: config.Config{CountObjects: asked}}
		out := r.backupOutputs(backup.Result{
			Collections: collections, Manifest: "backups/manifest.json", Directory: "backups", WeaviateVersion: "1.39.0", Changed: true,
		})
		byName := make(map[string]string)
		for _, output := range out.all {
			byName[output.Name] = output.Value
		}
		return byName
	}
	assert.Equal(t, map[string]string{
		"backup-path":         "backups/A.json",
		"backup-paths":        "backups/A.json",
		"backup-directory":    "backups",
		"manifest-path":       "backups/manifest.json",
		"changed":             "true",
		"object-count":        "250",
		"object-count-status": "exact",
		"object-counts":       `{"A":250}`,
		"collection-count":    "1",
		"collections":         `["A"]`,
		"weaviate-version":    "1.39.0",
		"schema-digest":       "sha256:A",
	}, of(true, saved("A", 250)))

	several := of(true, saved("A", 250), saved("B", -12))
	assert.Equal(t, "backups", several["backup-path"])
	assert.Equal(t, "backups/A.json\nbackups/B.json", several["backup-paths"])
	assert.Empty(t, several["object-count"])
	assert.Equal(t, "partial: at least 262 objects; not counted in full: B", several["object-count-status"])
	assert.Equal(t, `{"A":250,"B":null}`, several["object-counts"])
	assert.Regexp(t, "^sha256:[0-9a-f]{64}$", several["schema-digest"])

	uncounted := saved("A", 0)
	uncounted.Count = snapshot.Count{}
	assert.Equal(t, "unknown", of(true, uncounted)["object-count-status"])
	assert.Equal(t, "not-counted", of(false, uncounted)["object-count-status"])
	assert.Empty(t, of(false, uncounted)["object-count"])
	assert.Equal(t, "[]", of(true)["collections"])
}

func TestOutputsAreCapped(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	out := outputs{log: slog.New(slog.NewTextHandler(&log, nil)), elsewhere: "; the manifest has it"}
	out.add("backup-paths", strings.Repeat("x", maxOutput+1))
	out.add("collection-count", "1500")
	out.prose("weaviate-version", strings.Repeat("x", maxOutput))
	assert.Equal(t, []ci.Output{
		{Name: "backup-paths"}, {Name: "collection-count", Value: "1500"}, {Name: "weaviate-version", Value: strings.Repeat("x", maxOutput), Prose: true},
	}, out.all)
	assert.Equal(t, 1, strings.Count(log.String(), "\n"))
	assert.Contains(t, log.String(), "the output backup-paths is left empty: it would be too large for a job; the manifest has it")
}
