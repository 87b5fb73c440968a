package files_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) (*files.Workspace, string) {
	t.Helper()
	path := t.TempDir()
	workspace, err := files.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = workspace.Close() })
	return workspace, path
}

// item is a file named name, name_2 and so on.
func item(name, content string) files.Item {
	return files.Item{
		Name: func(try int) (string, error) {
			if try > 1 {
				return fmt.Sprintf("%s_%d", name, try), nil
			}
			return name, nil
		},
		Data: func() ([]byte, error) { return []byte(content), nil },
	}
}

// tree lists everything below path, folders with a slash.
func tree(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	require.NoError(t, filepath.WalkDir(path, func(p string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if p != path {
			name := strings.TrimPrefix(p, path+"/")
			if entry.IsDir() {
				name += "/"
			}
			all = append(all, name)
		}
		return nil
	}))
	return all
}

func TestWrite(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	batch, err := workspace.Batch("deep/er/backups")
	require.NoError(t, err)
	written, err := batch.Write(t.Context(), []files.Item{item("a", "first"), item("b", "second")})
	require.NoError(t, err)
	assert.Equal(t, []files.Written{
		{Name: "a", Bytes: 5, SHA256: schema.SHA256([]byte("first"))},
		{Name: "b", Bytes: 6, SHA256: schema.SHA256([]byte("second"))},
	}, written)
	assert.Equal(t, "deep/er/backups/a", batch.Path("a"))
	more, err := batch.Write(t.Context(), []files.Item{item("m", "last")})
	require.NoError(t, err)
	assert.Equal(t, "m", more[0].Name)
	require.NoError(t, batch.Close())

	assert.Equal(t, []string{"deep/", "deep/er/", "deep/er/backups/", "deep/er/backups/a", "deep/er/backups/b", "deep/er/backups/m"}, tree(t, path))
	data, err := os.ReadFile(filepath.Join(path, "deep/er/backups/b"))
	require.NoError(t, err)
	assert.Equal(t, "second", string(data))
}

func TestModesDoNotDependOnTheUmask(t *testing.T) {
	old := syscall.Umask(0o077)
	t.Cleanup(func() { syscall.Umask(old) })
	workspace, path := open(t)
	batch, err := workspace.Batch("backups")
	require.NoError(t, err)
	_, err = batch.Write(t.Context(), []files.Item{item("a", "x")})
	require.NoError(t, err)
	require.NoError(t, batch.Close())
	for name, want := range map[string]fs.FileMode{"backups": fs.ModeDir | 0o755, "backups/a": 0o644} {
		info, err := os.Stat(filepath.Join(path, name))
		require.NoError(t, err)
		assert.Equal(t, want, info.Mode(), name)
	}
}

func TestNamesThatAreTakenAreKept(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	require.NoError(t, os.Mkdir(filepath.Join(path, "backups"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(path, "backups", "a"), []byte("old"), 0o644))
	require.NoError(t, os.Symlink("/nowhere", filepath.Join(path, "backups", "a_2")))
	batch, err := workspace.Batch("backups")
	require.NoError(t, err)
	written, err := batch.Write(t.Context(), []files.Item{item("a", "new")})
	require.NoError(t, err)
	require.NoError(t, batch.Close())
	assert.Equal(t, "a_3", written[0].Name)
	old, err := os.ReadFile(filepath.Join(path, "backups", "a"))
	require.NoError(t, err)
	assert.Equal(t, "old", string(old))
}

// A folder that is moved away meanwhile takes the files with it, and what is in
// its place has none of them.
func TestFolderReplaced(t *testing.T) {
	t.Parallel()
	for _, stable := range []bool{false, true} {
		workspace, path := open(t)
		folder := filepath.Join(path, "backups")
		batch, err := workspace.Batch("backups")
		require.NoError(t, err)
		require.NoError(t, os.Rename(folder, folder+"-moved"))
		require.NoError(t, os.Mkdir(folder, 0o755))
		if stable {
			_, err = batch.Stage(t.Context(), []files.Item{item("a", "x")})
			require.NoError(t, err)
			err = batch.Replace(t.Context(), nil)
		} else {
			_, err = batch.Write(t.Context(), []files.Item{item("a", "x")})
		}
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorContains(t, err, "read back backups/a: ")
	}
}

// Batches that run at once in one folder do not see each other.
func TestBatchesAtOnce(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	group := new(errgroup.Group)
	for i := range 8 {
		group.Go(func() error {
			batch, err := workspace.Batch("backups")
			if err != nil {
				return err
			}
			_, err = batch.Write(t.Context(), []files.Item{item("a", fmt.Sprint(i)), item("b", fmt.Sprint(i))})
			return errors.Join(err, batch.Close())
		})
	}
	require.NoError(t, group.Wait())
	assert.Len(t, tree(t, path), 1+16)
	seen := make(map[string]bool)
	for _, name := range tree(t, path)[1:] {
		data, err := os.ReadFile(filepath.Join(path, name))
		require.NoError(t, err)
		seen[name[:len("backups/a")]+string(data)] = true
	}
	assert.Len(t, seen, 16)
}

// Whatever goes wrong, the workspace is afterwards as it was before.
func TestFailuresLeaveNothing(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	stopped := errors.New("stopped by a test")
	for name, test := range map[string]struct {
		items func(cancel func()) []files.Item
		want  error
	}{
		"a content": {func(func()) []files.Item {
			return []files.Item{item("a", "x"), {Name: item("b", "").Name, Data: func() ([]byte, error) { return nil, broken }}}
		}, broken},
		"a name": {func(func()) []files.Item {
			return []files.Item{item("a", "x"), {Name: func(int) (string, error) { return "", broken }, Data: item("b", "").Data}}
		}, broken},
		"the end of the context": {func(cancel func()) []files.Item {
			return []files.Item{item("a", "x"), {Name: item("b", "").Name, Data: func() ([]byte, error) { cancel(); return nil, nil }}}
		}, stopped},
		"a name that leads out": {func(func()) []files.Item { return []files.Item{item("a", "x"), item("../b", "x")} }, files.ErrOutside},
		"a name in no folder":   {func(func()) []files.Item { return []files.Item{item("a", "x"), item("no/b", "x")} }, fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace, path := open(t)
			require.NoError(t, os.Mkdir(filepath.Join(path, "there"), 0o755))
			ctx, cancel := context.WithCancelCause(t.Context())
			batch, err := workspace.Batch("there/not")
			require.NoError(t, err)
			_, err = batch.Write(t.Context(), []files.Item{item("before", "x")})
			require.NoError(t, err)
			_, err = batch.Write(ctx, test.items(func() { cancel(stopped) }))
			require.ErrorIs(t, err, test.want)
			assert.Equal(t, []string{"there/"}, tree(t, path))
			require.NoError(t, batch.Discard(), "a second time does nothing")
		})
	}
}

func TestDiscardKeepsWhatOthersMade(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	batch, err := workspace.Batch("backups")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(path, "backups", "other"), nil, 0o644))
	_, err = batch.Write(t.Context(), []files.Item{item("a", "x")})
	require.NoError(t, err)
	require.NoError(t, batch.Discard())
	assert.Equal(t, []string{"backups/", "backups/other"}, tree(t, path))
}

func TestPathsStayInTheWorkspace(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	outside := t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(path, "out")))
	require.NoError(t, os.Symlink("../"+filepath.Base(outside), filepath.Join(path, "up")))
	require.NoError(t, os.Mkdir(filepath.Join(path, "real"), 0o755))
	require.NoError(t, os.Symlink("real", filepath.Join(path, "in")))
	require.NoError(t, os.WriteFile(filepath.Join(outside, "secret"), []byte("x"), 0o644))

	for _, bad := range []string{"..", "../x", "a/../../x", "/etc", outside, "out", "out/x", "up/x/y", path + "/../x"} {
		_, err := workspace.Batch(bad)
		require.ErrorIs(t, err, files.ErrOutside, bad)
		assert.NotEmpty(t, files.Hint(err))
	}
	for _, bad := range []string{"../" + filepath.Base(outside) + "/secret", outside + "/secret", "out/secret", "up/secret"} {
		_, err := workspace.ReadFile(bad)
		require.ErrorIs(t, err, files.ErrOutside, bad)
	}
	assert.Equal(t, []string{"secret"}, tree(t, outside))

	for given, want := range map[string]string{
		"a/b": "a/b", "./a//b/": "a/b", "a/../b": "b", ".": ".", path: ".", path + "/a/b": "a/b", "in/x": "in/x",
	} {
		relative, err := workspace.Relative(given)
		require.NoError(t, err)
		assert.Equal(t, want, relative)
		batch, err := workspace.Batch(given)
		require.NoError(t, err, given)
		require.NoError(t, batch.Discard())
	}
}

// What could not be read again is not written.
func TestTooLargeToReadAgain(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	batch, err := workspace.Batch("backups")
	require.NoError(t, err)
	large := item("large", "")
	large.Data = func() ([]byte, error) { return make([]byte, 256<<20+1), nil }
	_, err = batch.Write(t.Context(), []files.Item{item("small", "x"), large})
	require.EqualError(t, err, "write backups/large: it would have 257 MiB, and no file of more than 256 can be read again")
	assert.Empty(t, tree(t, path))
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	require.NoError(t, os.WriteFile(filepath.Join(path, "ca.pem"), []byte("text"), 0o644))
	data, err := workspace.ReadFile("ca.pem")
	require.NoError(t, err)
	assert.Equal(t, "text", string(data))
	_, err = workspace.ReadFile("absent.pem")
	require.EqualError(t, err, "read absent.pem: no such file or directory")
	require.NoError(t, os.WriteFile(filepath.Join(path, "big"), make([]byte, 1<<20+1), 0o644))
	_, err = workspace.ReadFile("big")
	require.ErrorContains(t, err, "larger than the limit of 1 MiB")
	require.NoError(t, syscall.Mkfifo(filepath.Join(path, "pipe"), 0o600))
	_, err = workspace.ReadFile("pipe")
	require.EqualError(t, err, "read pipe: not a regular file")
}

func TestFileInThePlaceOfAFolder(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	require.NoError(t, os.WriteFile(filepath.Join(path, "backups"), nil, 0o644))
	for _, folder := range []string{"backups", "backups/deeper"} {
		_, err := workspace.Batch(folder)
		require.ErrorContains(t, err, "not a directory")
		assert.Contains(t, files.Hint(err), "A file stands where a folder is needed")
	}
	assert.Equal(t, []string{"backups"}, tree(t, path))
}

func TestOpenOfNoFolder(t *testing.T) {
	t.Parallel()
	_, err := files.Open(filepath.Join(t.TempDir(), "absent"))
	require.ErrorContains(t, err, "no such file or directory")
}

func TestHints(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"The disk is full":           syscall.ENOSPC,
		"can't be written to":        syscall.EROFS,
		"The folder can't be":        syscall.EACCES,
		"Paths must stay inside":     files.ErrOutside,
		"A file stands where a fold": syscall.ENOTDIR,
	} {
		assert.Contains(t, files.Hint(fmt.Errorf("output-directory: %w", &files.Error{Doing: "write", Path: "x", Err: err})), want)
	}
	assert.Empty(t, files.Hint(fmt.Errorf("write to stdout: %w", syscall.ENOSPC)), "no file of this package's")
	assert.Empty(t, files.Hint(errors.New("anything else")))
}

// As root, in a container, what is made belongs to the workspace's owner.
func TestOwner(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	uid := os.Geteuid()
	if uid == 0 {
		uid = 1234
		require.NoError(t, workspace.Close())
		require.NoError(t, os.Chown(path, uid, uid))
		var err error
		workspace, err = files.Open(path)
		require.NoError(t, err)
	}
	batch, err := workspace.Batch("deep/er")
	require.NoError(t, err)
	_, err = batch.Write(t.Context(), []files.Item{item("a", "x")})
	require.NoError(t, err)
	require.NoError(t, batch.Close())
	for _, name := range []string{"deep", "deep/er", "deep/er/a"} {
		info, err := os.Stat(filepath.Join(path, name))
		require.NoError(t, err)
		stat, ok := info.Sys().(*syscall.Stat_t)
		require.True(t, ok)
		assert.Equal(t, uid, int(stat.Uid), name)
	}
}

// A disk that does not give back what was written to it is found out.
func TestWriteReadsBack(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	batch, err := workspace.Batch("backups")
	require.NoError(t, err)
	calls := 0
	_, err = batch.Write(t.Context(), []files.Item{{
		Data: func() ([]byte, error) { return []byte("content"), nil },
		Name: func(int) (string, error) {
			calls++
			if calls == 2 { // to publish it: the temporary file is whole by now
				temporary, err := filepath.Glob(filepath.Join(path, "backups", ".*.1.tmp"))
				if err != nil || len(temporary) != 1 {
					return "", fmt.Errorf("temporary files: %v, %w", temporary, err)
				}
				return "a", os.WriteFile(temporary[0], []byte("cOntent"), 0o600)
			}
			return "a", nil
		},
	}})
	require.EqualError(t, err, "read back backups/a: it does not hold what was written")
	assert.Empty(t, tree(t, path))
}
