package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// script runs an example that is a script; the files that it leaves are its steps.
func (m machine) script(name, migrate string) (folder string, r result) {
	m.t.Helper()
	folder = m.t.TempDir()
	require.NoError(m.t, os.WriteFile(filepath.Join(folder, "migrate.sh"), []byte("#!/bin/sh\nset -eu\n"+migrate), 0o755))
	path, err := filepath.Abs(filepath.Join(root, examples, name))
	require.NoError(m.t, err)
	r.code, r.output = m.run(folder, m.settings(), path)
	for _, step := range []string{"outputs.env", "migrated", "schema.tar.gz"} {
		if _, err := os.Stat(filepath.Join(folder, step)); err == nil {
			r.steps = append(r.steps, step)
		}
	}
	if r.code == 0 {
		r.kept = filepath.Join(folder, "backups")
	}
	return folder, r
}

func dockerScript(m machine) result {
	m.t.Helper()
	folder, r := m.script("docker.sh", "")
	if r.code == 0 {
		list, err := exec.CommandContext(m.t.Context(), "tar", "-tzf", filepath.Join(folder, "schema.tar.gz")).Output()
		require.NoError(m.t, err)
		assert.Regexp(m.t, `(?m)^backups/Document_schema_\d+_\d+\.json$`, string(list))
		assert.NotContains(m.t, string(list), "Author", "the glob is not a shell's")
		assert.Equal(m.t, []string{"outputs.env", "schema.tar.gz"}, r.steps)
	}
	return r
}

func binaryScript(m machine) result {
	m.t.Helper()
	_, r := m.script("binary.sh", "touch migrated\n")
	if r.code == 0 {
		assert.Contains(m.t, r.output, "\nmigrated\n")
		assert.Equal(m.t, []string{"outputs.env", "migrated"}, r.steps)
	}
	return r
}

func nightlyScript(m machine) result {
	m.t.Helper()
	folder, r := m.script("nightly.sh", "")
	if r.code == 0 {
		assert.Contains(m.t, r.output, "\nvalid=true\n")
		assert.NotContains(m.t, r.output, "compared with", "the server is not asked again")
		assert.FileExists(m.t, filepath.Join(folder, "outputs.env"))
	}
	return r
}

// Old files go once the new ones are whole, and no others.
func TestNightlyRemovesOldFiles(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t)
	m := newMachine(t).of(t, fake.URL, rootKey)
	folder := t.TempDir()
	backups := filepath.Join(folder, "backups")
	require.NoError(t, os.Mkdir(backups, 0o755))
	old := time.Now().AddDate(0, 0, -92)
	for _, name := range []string{"manifest_20240201_103000.json", "Article_schema_20240201_103000_2.json", "manifest.json", "notes.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(backups, name), nil, 0o600))
		require.NoError(t, os.Chtimes(filepath.Join(backups, name), old, old))
	}
	script, err := filepath.Abs(filepath.Join(root, examples, "nightly.sh"))
	require.NoError(t, err)
	remaining := func() []string {
		var names []string
		entries, err := os.ReadDir(backups)
		require.NoError(t, err)
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		return names
	}

	require.NoError(t, fake.SetFaults(weaviatetest.Fault{Path: "/v1/schema", Status: 403}))
	code, output := m.run(folder, m.settings(), script)
	require.NotZero(t, code, output)
	assert.Len(t, remaining(), 4)

	require.NoError(t, fake.SetFaults())
	code, output = m.run(folder, m.settings(), script)
	require.Zero(t, code, output)
	assert.Len(t, remaining(), 2+4, "the two that are no run's, and those of the new run")
	assert.NotContains(t, remaining(), "manifest_20240201_103000.json")
}

// A migration that drops a collection is told by the exit code of a difference.
func TestBinaryFindsBreakingChange(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	m := newMachine(t).of(t, server.URL, rootKey)
	_, r := m.script("binary.sh", `python3 - <<'END'
import os, urllib.request
urllib.request.urlopen(urllib.request.Request(os.environ["WEAVIATE_URL"] + "/v1/schema/Author", method="DELETE",
    headers={"Authorization": "Bearer " + os.environ["WEAVIATE_API_KEY"]}))
END
touch migrated
`)
	require.Equal(t, 3, r.code, r.output)
	assert.Contains(t, r.output, "\nmigrated, and some collections need their objects again\n")
	assert.Equal(t, []string{"outputs.env", "migrated"}, r.steps)
}

// Where not every object could be counted nothing is migrated, nor where the
// download is not what the release has.
func TestBinaryDoesNotMigrate(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.APIKey = rootKey })
	m := newMachine(t).of(t, fake.URL, rootKey)
	_, r := m.script("binary.sh", "touch migrated\n")
	require.Equal(t, 1, r.code, r.output)
	assert.True(t, strings.HasSuffix(r.output, "\nnot migrated: not every object could be counted\n"), r.output)
	assert.Equal(t, []string{"outputs.env"}, r.steps)

	require.NoError(t, os.Remove(filepath.Join(m.bin, "curl")))
	require.NoError(t, os.WriteFile(filepath.Join(m.bin, "curl"), []byte("#!/bin/sh\necho other >weaviate-backup_v1.0.0_linux_amd64\n"+
		"echo \"$(sha256sum /dev/null | cut -c1-64)  weaviate-backup_v1.0.0_linux_amd64\" >SHA256SUMS\n"), 0o755))
	_, r = m.script("binary.sh", "touch migrated\n")
	require.Equal(t, 1, r.code, r.output)
	assert.Contains(t, r.output, "weaviate-backup_v1.0.0_linux_amd64: FAILED")
	assert.Empty(t, r.steps)
}
