package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadActLog(t *testing.T) {
	t.Parallel()
	log, err := readActLog(`{"msg":"Run Back up\n"}` + "\n" + `{"msg":"Summary - ...","command":"summary","content":"| Article | 7 |\n"}` + "\n" +
		`{"msg":"Job succeeded","jobResult":"success"}` + "\n")
	require.NoError(t, err)
	assert.Equal(t, actLog{messages: "Run Back up\nJob succeeded\n", summaries: "| Article | 7 |\n", jobs: []string{"success"}}, log)

	_, err = readActLog("Error: no such workflow\n")
	require.ErrorContains(t, err, "no such workflow")
}

func TestResultFailed(t *testing.T) {
	t.Parallel()
	full := result{code: 1, stderr: "saving\nerror: write x: no space left on device\nhint: free some\n"}
	require.NoError(t, full.failed("no space left"))
	require.Error(t, full.failed("permission denied"))
	full.code = 2
	require.Error(t, full.failed("no space left"))
}

func TestWorkspaceTellsWhatIsInIt(t *testing.T) {
	t.Parallel()
	w := workspace{dir: t.TempDir(), uid: os.Geteuid(), gid: os.Getegid()}
	require.NoError(t, w.empty())
	require.Error(t, w.holdsBackup())

	require.NoError(t, os.Mkdir(filepath.Join(w.dir, "backups"), 0o755))
	require.EqualError(t, w.empty(), "left behind: backups")
	for name, content := range map[string]string{
		"Article_schema_20240201_103000.json": `{"metadata":{"type":"schema-only","object_count":7},"schema":{"class":"Article","properties":[{}]}}`,
		"Author_schema_20240201_103000.json":  `{"metadata":{"type":"schema-only","object_count":3},"schema":{"class":"Author","properties":[{}]}}`,
		"manifest_20240201_103000.json":       `{}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(w.dir, "backups", name), []byte(content), 0o644))
	}
	require.NoError(t, w.holdsBackup())

	w.uid++
	require.ErrorContains(t, w.holdsBackup(), "want owner")
	w.uid--
	require.NoError(t, os.WriteFile(filepath.Join(w.dir, "backups", ".tmp-1"), nil, 0o644))
	require.ErrorContains(t, w.holdsBackup(), "want one of each")
}

func TestIsSnapshotRefusesAnotherCount(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.json")
	for _, metadata := range []string{
		`{"type":"schema-only","object_count":8}`,
		`{"type":"schema-only","object_count":null}`,
		`{"object_count":7}`,
	} {
		require.NoError(t, os.WriteFile(path, []byte(`{"metadata":`+metadata+`,"schema":{"class":"Article","properties":[{}]}}`), 0o600))
		require.ErrorContains(t, isSnapshot(path, "Article", 7), "no snapshot of Article with 7 objects", metadata)
	}
}
