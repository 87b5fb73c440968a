package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryWorkflowHasACheck(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/workflows/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	checks := (&harness{}).checks()
	for _, file := range files {
		name := filepath.Base(file)
		assert.True(t, slices.ContainsFunc(checks, func(c check) bool { return strings.Contains(c.name, name) }), name)
	}
}

func TestHowAJobEnded(t *testing.T) {
	t.Parallel()
	good := actLog{messages: "saved\n", summaries: "| Article |", jobs: []string{"success"}}
	require.NoError(t, good.succeeded("saved", "Article"))
	require.ErrorContains(t, good.succeeded("Author"), `want "Author"`)
	require.ErrorContains(t, good.failed(), "want a job that fails")
	require.NoError(t, good.silent("Author"))
	require.ErrorContains(t, good.silent("Article"), `want no "Article"`)

	bad := actLog{code: 1, messages: "401\n", jobs: []string{"success", "failure"}}
	require.NoError(t, bad.failed("401"))
	require.ErrorContains(t, bad.failed("403"), `want "403"`)
	require.ErrorContains(t, bad.succeeded(), "want success")

	require.ErrorContains(t, actLog{}.succeeded(), "want success", "no job ran")
	require.ErrorContains(t, actLog{code: 1}.failed(), "want a job that fails", "act itself failed")
}

func TestKeptArtifacts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := site{job: workspace{dir: filepath.Join(dir, "work")}, artifacts: filepath.Join(dir, "artifacts")}
	write := func(name, content string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	write("work/backups/a.json", "1")
	require.NoError(t, os.Mkdir(s.artifacts, 0o755))
	want := map[string]string{"nightly": "backups"}
	require.NoError(t, s.kept(nil))
	require.ErrorContains(t, s.kept(want), "artifacts: want map[nightly:backups], got []")

	write("artifacts/nightly/a.json", "1")
	require.NoError(t, s.kept(want))
	require.ErrorContains(t, s.kept(nil), "got [nightly]")
	write("artifacts/nightly/a.json", "2")
	require.ErrorContains(t, s.kept(want), "a.json differs")
	write("artifacts/nightly/b.json", "1")
	require.ErrorContains(t, s.kept(want), "has 2 files")
}

func TestActNetwork(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "act-Verify-the-schema-snapshots-verify-a160afea4f291c96b24c97497eed8ecf6c9c6f9457c28cfc51f578d086353eed-verify-network",
		actNetwork("Verify the schema snapshots", "verify"))
}
