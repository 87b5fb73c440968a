package files_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
)

// replace stages the items and gives them their names.
func replace(t *testing.T, workspace *files.Workspace, gone []string, items ...files.Item) error {
	t.Helper()
	batch, err := workspace.Batch("schema")
	require.NoError(t, err)
	written, err := batch.Stage(t.Context(), items)
	require.NoError(t, err)
	require.Len(t, written, len(items))
	if err := batch.Replace(t.Context(), gone); err != nil {
		return err
	}
	return batch.Close()
}

// contents are those of the files in a folder, by name.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	all := make(map[string]string)
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			data = []byte(err.Error())
		}
		all[entry.Name()] = string(data)
	}
	return all
}

func TestReplace(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	require.NoError(t, replace(t, workspace, nil, item("a", "1"), item("gone", "1"), item("last", "1")))
	require.NoError(t, os.WriteFile(filepath.Join(path, "schema", "other"), []byte("mine"), 0o644))
	require.NoError(t, replace(t, workspace, []string{"gone", "never there"}, item("a", "2"), item("b", "2"), item("last", "2")))
	assert.Equal(t, map[string]string{"a": "2", "b": "2", "last": "2", "other": "mine"}, contents(t, filepath.Join(path, "schema")))
	info, err := os.Stat(filepath.Join(path, "schema", "a"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), info.Mode())
}

// Until the first rename nothing changes, whatever goes wrong.
func TestReplaceChangesNothingBeforeAllIsStaged(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	workspace, path := open(t)
	require.NoError(t, replace(t, workspace, nil, item("a", "1"), item("last", "1")))
	folder := filepath.Join(path, "schema")
	before := contents(t, folder)

	batch, err := workspace.Batch("schema")
	require.NoError(t, err)
	_, err = batch.Stage(t.Context(), []files.Item{item("a", "2"), {Name: item("b", "").Name, Data: func() ([]byte, error) { return nil, broken }}})
	require.ErrorIs(t, err, broken)
	assert.Equal(t, before, contents(t, folder))

	batch, err = workspace.Batch("schema")
	require.NoError(t, err)
	_, err = batch.Stage(t.Context(), []files.Item{item("a", "2"), item("last", "2")})
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(broken)
	require.ErrorIs(t, batch.Replace(ctx, []string{"last"}), broken)
	assert.Equal(t, before, contents(t, folder))

	for name, make := range map[string]func(string) error{
		"link":   func(at string) error { return os.Symlink("a", at) },
		"folder": func(at string) error { return os.Mkdir(at, 0o755) },
	} {
		require.NoError(t, make(filepath.Join(folder, name)))
		err := replace(t, workspace, nil, item("a", "2"), item(name, "2"))
		require.EqualError(t, err, "replace schema/"+name+": not a regular file")
		require.NoError(t, os.Remove(filepath.Join(folder, name)))
	}
	assert.Equal(t, before, contents(t, folder))
}

// What a failure among the renames leaves is told, and is whole.
func TestReplaceTellsWhatIsNew(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	folder := filepath.Join(path, "schema")
	require.NoError(t, replace(t, workspace, nil, item("a", "1"), item("last", "1")))
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "gone", "full"), 0o755))

	err := replace(t, workspace, []string{"gone"}, item("a", "2"), item("last", "2"))
	half, ok := errors.AsType[*files.ReplaceError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, []string{"a"}, half.New)
	require.EqualError(t, err, "remove schema/gone: directory not empty; in schema these files are new: a; every other file is as it was")
	assert.Contains(t, files.Hint(err), "run the backup again")
	after := contents(t, folder)
	delete(after, "gone")
	assert.Equal(t, map[string]string{"a": "2", "last": "1"}, after, "and no temporary file")

	require.NoError(t, os.Remove(filepath.Join(folder, "gone", "full")))
	require.NoError(t, replace(t, workspace, []string{"gone"}, item("a", "2"), item("last", "2")))
	assert.Equal(t, map[string]string{"a": "2", "last": "2"}, contents(t, folder), "the next run mends it")

	// The first rename fails: nothing has changed, and no more is told.
	require.NoError(t, os.Mkdir(filepath.Join(folder, "gone"), 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(folder, "gone", "full"), 0o755))
	err = replace(t, workspace, []string{"gone"}, item("last", "3"))
	require.EqualError(t, err, "remove schema/gone: directory not empty")
	assert.Equal(t, "2", contents(t, folder)["last"])
}
