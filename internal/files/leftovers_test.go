package files_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
)

// temporary makes what a killed run would leave under the token of 26 times letter:
// files of these kinds, such as lock and 1.
func temporary(t *testing.T, folder, letter string, kinds ...string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(folder, 0o755))
	for _, kind := range kinds {
		name := "." + strings.Repeat(letter, 26) + "." + kind + ".tmp"
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(kind), 0o600))
	}
}

func TestLeftoversOfADeadRun(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	folder := filepath.Join(path, "backups")
	temporary(t, folder, "A", "1", "lock", "2")
	temporary(t, folder, "B", "lock")
	require.NoError(t, os.WriteFile(filepath.Join(folder, ".mine.tmp"), nil, 0o600))
	batch, err := workspace.Batch("backups")
	require.NoError(t, err)
	a := "." + strings.Repeat("A", 26)
	assert.Equal(t, []string{"removed 2 temporary files that a killed run left in backups: " + a + ".1.tmp, " + a + ".2.tmp"}, batch.Notes())
	require.NoError(t, batch.Close())
	assert.Equal(t, []string{"backups/", "backups/.mine.tmp"}, tree(t, path))
}

// What nothing proves to be of a dead run stays, and is named.
func TestLeftoversOfNobody(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	folder := filepath.Join(path, "backups")
	temporary(t, folder, "A", "1")
	temporary(t, folder, "B", "2")
	require.NoError(t, os.Symlink("../elsewhere", filepath.Join(folder, "."+strings.Repeat("B", 26)+".lock.tmp")))
	require.NoError(t, os.WriteFile(filepath.Join(path, "elsewhere"), nil, 0o600))
	want := tree(t, path)
	batch, err := workspace.Batch("backups")
	require.NoError(t, err)
	require.Len(t, batch.Notes(), 1)
	assert.Contains(t, batch.Notes()[0], "backups has 3 temporary files of a run that was killed, or that is still writing on another machine")
	require.NoError(t, batch.Close())
	assert.Equal(t, want, tree(t, path))
}

// The temporary files of a run that lives are safe from others, at every moment.
func TestLeftoversOfALivingRun(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	living, err := workspace.Batch("backups")
	require.NoError(t, err)
	_, err = living.Stage(t.Context(), []files.Item{item("a", "x")})
	require.NoError(t, err)

	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			for range 25 {
				batch, err := workspace.Batch("backups")
				if err != nil {
					return err
				}
				if notes := batch.Notes(); len(notes) > 0 {
					return errors.New(notes[0])
				}
				_, err = batch.Write(t.Context(), []files.Item{item("b", "y")})
				if err = errors.Join(err, batch.Discard()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	require.NoError(t, living.Replace(t.Context(), nil))
	require.NoError(t, living.Close())
	assert.Equal(t, []string{"backups/", "backups/a"}, tree(t, path))
}

// The lock of a mark is another's: a program that has the file locked keeps it.
func TestLeftoversOfAnotherProcess(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	folder := filepath.Join(path, "backups")
	temporary(t, folder, "A", "lock", "1")
	mark, err := os.Open(filepath.Join(folder, "."+strings.Repeat("A", 26)+".lock.tmp"))
	require.NoError(t, err)
	require.NoError(t, syscall.Flock(int(mark.Fd()), syscall.LOCK_EX))
	for _, locked := range []bool{true, false} {
		batch, err := workspace.Batch("backups")
		require.NoError(t, err)
		assert.Equal(t, locked, len(batch.Notes()) == 0)
		require.NoError(t, batch.Close())
		assert.Equal(t, locked, len(tree(t, path)) == 3)
		_ = mark.Close()
	}
}

// Of batches that want their folder for themselves one at a time gets it, and
// others do not mind.
func TestBatchAlone(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	first, err := workspace.BatchAlone("backups")
	require.NoError(t, err)
	_, err = workspace.BatchAlone("backups")
	require.EqualError(t, err, "write to backups: another run writes to it at this moment")
	assert.Contains(t, files.Hint(err), "one run at a time")
	other, err := workspace.Batch("backups")
	require.NoError(t, err)
	require.NoError(t, first.Close())
	second, err := workspace.BatchAlone("backups")
	require.NoError(t, err, "the other one does not count")
	require.NoError(t, other.Close())
	require.NoError(t, second.Discard())
	assert.Equal(t, []string{"backups/"}, tree(t, path), "made by the first, whose files stay")

	elsewhere, err := workspace.BatchAlone("backups/deeper")
	require.NoError(t, err)
	require.NoError(t, elsewhere.Discard())
}

// However many start at once, no two are in the folder together.
func TestBatchesAlone(t *testing.T) {
	t.Parallel()
	workspace, path := open(t)
	require.NoError(t, os.Mkdir(filepath.Join(path, "backups"), 0o755))
	var inside, entered atomic.Int32
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			for range 50 {
				batch, err := workspace.BatchAlone("backups")
				if errors.Is(err, files.ErrBusy) {
					continue
				}
				if err != nil {
					return err
				}
				if inside.Add(1) > 1 {
					return errors.New("two at once")
				}
				entered.Add(1)
				_, err = batch.Stage(t.Context(), []files.Item{item("a", "x")})
				inside.Add(-1)
				if err = errors.Join(err, batch.Discard()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	assert.Positive(t, entered.Load())
	assert.Equal(t, []string{"backups/"}, tree(t, path))
}
