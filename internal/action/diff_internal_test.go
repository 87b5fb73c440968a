package action

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/diff"
	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// A digest that can't be computed leaves no report of a diff that failed.
func TestDiffThatFailsLeavesNoReport(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	workspace, err := files.Open(folder)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, workspace.Close()) })
	r := &runner{
		process: Process{Now: time.Now}, workspace: workspace, inputs: config.Config{OutputDirectory: "reports"},
		ci: ci.New(ci.Options{Stderr: &bytes.Buffer{}}),
	}
	side := func(definition string) sides {
		s := diff.Side{
			Collections: []diff.Collection{{Collection: schema.Collection{Name: "A", Raw: jsontext.Value(definition)}}},
			Covers:      func(string) bool { return true },
		}
		return sides{base: s, against: s}
	}

	_, err = r.diffOutputs(t.Context(), side(`{"class":`), diff.Result{}, report.Diff{})
	require.ErrorContains(t, err, "collection A")
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, left)

	_, err = r.diffOutputs(t.Context(), side(`{"class":"A"}`), diff.Result{}, report.Diff{})
	require.NoError(t, err)
	left, err = os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, left, 1)
}
