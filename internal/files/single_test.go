package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
)

// mine takes files for this program's own that begin with "mine".
func mine(data []byte) error {
	if !bytes.HasPrefix(data, []byte("mine")) {
		return errors.New("not mine")
	}
	return nil
}

// single is the file at path.
func single(workspace *files.Workspace, path string) files.Single {
	return files.Single{Workspace: workspace, Path: path, Check: mine}
}

// clearFile clears the file, and nothing may be noted.
func clearFile(t *testing.T, s files.Single) error {
	t.Helper()
	notes, err := s.Clear(t.Context())
	if len(notes) > 0 {
		return errors.Join(err, fmt.Errorf("noted: %q", notes))
	}
	return err
}

func TestSingle(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	file := filepath.Join(path, "a", "b", "out.env")
	s := single(workspace, "a/b/out.env")
	require.NoError(t, clearFile(t, s))
	assert.Empty(t, tree(t, path), "nothing was there, and nothing stays")
	for _, content := range []string{"mine 1", "mine 2"} {
		require.NoError(t, s.Write(t.Context(), []byte(content)))
		assert.Equal(t, map[string]string{"out.env": content}, contents(t, filepath.Dir(file)))
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o644), info.Mode())
	}
	require.NoError(t, clearFile(t, single(workspace, file)))
	assert.Equal(t, []string{"a/", "a/b/"}, tree(t, path))
	require.NoError(t, os.WriteFile(filepath.Join(path, "out.env"), nil, 0o600))
	require.EqualError(t, clearFile(t, single(workspace, "out.env")), "replace out.env: not mine")
}

// What is not an earlier run's stays as it is, whether it is there before the run or
// comes during it.
func TestSingleInTheWay(t *testing.T) {
	t.Parallel()
	const irregular = "replace out.env: not a regular file, so it is left as it is"
	for name, tt := range map[string]struct {
		make func(at string) error
		want string
	}{
		"another file": {func(at string) error { return os.WriteFile(at, []byte("yours"), 0o600) }, "replace out.env: not mine"},
		"a large file": {
			func(at string) error { return os.WriteFile(at, []byte("mine"+strings.Repeat(" ", 1<<20)), 0o600) },
			"replace out.env: larger than any such file of this program, so it is left as it is",
		},
		"a folder":       {func(at string) error { return os.Mkdir(at, 0o755) }, irregular},
		"a link":         {func(at string) error { return os.Symlink("mine.env", at) }, irregular},
		"a link outside": {func(at string) error { return os.Symlink("/dev/null", at) }, irregular},
		"a pipe":         {func(at string) error { return syscall.Mkfifo(at, 0o600) }, irregular},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace, path := open(t)
			require.NoError(t, os.WriteFile(filepath.Join(path, "mine.env"), []byte("mine"), 0o600))
			require.NoError(t, tt.make(filepath.Join(path, "out.env")))
			before, err := os.Lstat(filepath.Join(path, "out.env"))
			require.NoError(t, err)
			require.EqualError(t, single(workspace, "out.env").Write(t.Context(), []byte("mine")), tt.want)
			require.EqualError(t, clearFile(t, single(workspace, "out.env")), tt.want)
			after, err := os.Lstat(filepath.Join(path, "out.env"))
			require.NoError(t, err)
			assert.True(t, os.SameFile(before, after))
			assert.Equal(t, before.ModTime(), after.ModTime())
			assert.Len(t, tree(t, path), 2, "and no temporary file")
		})
	}
}

func TestSinglePaths(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	outside := t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(path, "out")))
	require.NoError(t, os.WriteFile(filepath.Join(path, "file"), []byte("x"), 0o600))
	for file, want := range map[string]string{
		"../out.env":    "../out.env: the path leads out of the workspace (" + path + ")",
		"out/out.env":   "make folder out: the path leads out of the workspace, by a symbolic link",
		"out/a/out.env": "make folder out: the path leads out of the workspace, by a symbolic link",
		"file/out.env":  "make folder file: not a directory",
		".":             "replace .: not a regular file, so it is left as it is",
	} {
		require.EqualError(t, clearFile(t, single(workspace, file)), want, file)
		require.EqualError(t, single(workspace, file).Write(t.Context(), []byte("mine")), want, file)
	}
	assert.Equal(t, []string{"file", "out"}, tree(t, path))
	assert.Empty(t, tree(t, outside))

	require.NoError(t, os.Mkdir(filepath.Join(path, "real"), 0o755))
	require.NoError(t, os.Symlink("real", filepath.Join(path, "inside")))
	require.NoError(t, single(workspace, "inside/out.env").Write(t.Context(), []byte("mine")))
	assert.Equal(t, map[string]string{"out.env": "mine"}, contents(t, filepath.Join(path, "real")))
}

// A run that ends before it has written leaves nothing.
func TestSingleNotWritten(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	cancel(stopped)
	require.ErrorIs(t, single(workspace, "a/out.env").Write(ctx, []byte("mine")), stopped)
	assert.Empty(t, tree(t, path))
}
