//go:build !race

package disktest_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// onSmallDisk runs the program in a folder of its own file system, with the mount
// option that bounds it, and copies out what it left.
const onSmallDisk = `
mount -t tmpfs -o $1 tmpfs backups || exit 98
shift
cp -a $OLD/. backups || exit 97
"$@"
code=$?
cp -a backups $LEFT || exit 98
exit $code
`

// A disk that has room for nothing, for a page more, and so on until all fits: in
// bytes, and in files.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		if k.noLinks {
			continue // only disktest takes them away
		}
		for name, bound := range map[string]struct {
			option     string
			step, most int
		}{
			"bytes": {"size=%dk", 4, 60}, // pages
			"files": {"size=1m,nr_inodes=%d", 1, 12},
		} {
			t.Run(k.name+" "+name, func(t *testing.T) {
				t.Parallel()
				l := newLab(t, k)
				counts := make(map[outcome]int)
				for n := bound.step; n <= bound.most; n += bound.step {
					b, ok := l.runOnSmallDisk(fmt.Sprintf(bound.option, n))
					if !ok {
						b.close()
						continue
					}
					if b.code != 0 {
						require.Equal(t, 1, b.code, b)
						require.Regexp(t, `(?m)^error: .*no space left on device`, b.log)
						require.Contains(t, b.log, "The disk is full.")
						require.Equal(t, oldState, b.checkFailed(), b)
					}
					counts[b.checkFailed()]++
					b.close()
				}
				require.Positive(t, counts[oldState])
				require.Positive(t, counts[newState])
				t.Logf("%d runs: %d found no room, %d had it", counts[oldState]+counts[newState], counts[oldState], counts[newState])
			})
		}
	}
}

// runOnSmallDisk gives false where there is no room for what the run begins with.
func (l *lab) runOnSmallDisk(bound string) (*broken, bool) {
	l.t.Helper()
	b := l.open()
	backups, old := filepath.Join(b.root, "ws", "backups"), filepath.Join(b.root, "old")
	if err := os.Rename(backups, old); errors.Is(err, os.ErrNotExist) {
		require.NoError(l.t, os.Mkdir(old, 0o755))
	}
	require.NoError(l.t, os.Mkdir(backups, 0o755))
	left := filepath.Join(b.root, "left")
	b.finish([]string{"OLD=" + old, "LEFT=" + left}, append([]string{
		"unshare", "--map-root-user", "--mount", "sh", "-c", onSmallDisk, "sh", bound, "weaviate-backup",
	}, l.args(l.url)...)...)
	require.NotEqual(l.t, 98, b.code, b.log)
	if b.code == 97 {
		return b, false
	}
	require.NoError(l.t, os.Remove(backups))
	require.NoError(l.t, os.Rename(left, backups))
	b.look()
	return b, true
}
