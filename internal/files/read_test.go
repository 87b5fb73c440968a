package files_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
)

func TestReading(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "backups"), 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "backups", "folder"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "backups", "b.json"), []byte("b"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "backups", "a.json"), []byte("a"), 0o600))
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(dir, "backups", "link")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "backups", "pipe"), 0o600))
	workspace, err := files.Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = workspace.Close() })

	names, err := workspace.List("backups")
	require.NoError(t, err)
	assert.Equal(t, []string{"a.json", "b.json", "link", "pipe"}, names)
	data, err := workspace.Read("backups/b.json")
	require.NoError(t, err)
	assert.Equal(t, "b", string(data))
	isFolder, err := workspace.IsFolder("backups")
	require.NoError(t, err)
	assert.True(t, isFolder)

	_, err = workspace.Read("backups/c.json")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = workspace.Read("backups/link")
	require.ErrorIs(t, err, files.ErrOutside)
	_, err = workspace.Read("backups/pipe")
	require.ErrorContains(t, err, "read backups/pipe: not a regular file")
	_, err = workspace.Read("backups/folder")
	require.ErrorContains(t, err, "not a regular file")
	_, err = workspace.List("../")
	require.ErrorIs(t, err, files.ErrOutside)
	_, err = workspace.List("backups/a.json")
	require.Error(t, err)
	_, err = workspace.IsFolder("backups/c")
	require.EqualError(t, err, "read backups/c: no such file or directory")
}
