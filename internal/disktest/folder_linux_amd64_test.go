//go:build !race

package disktest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/disktest"
)

// A folder that is moved away, replaced or removed under a run, just before any of
// its operations: the run fails, or what it wrote is where it says.
func TestDiskFolderVanishes(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]string{
		"moved":    "mv backups gone",
		"replaced": "mv backups gone; mkdir backups",
		"restored": "mv backups gone; cp -r gone backups",
		"removed":  "rm -r backups",
	} {
		for _, k := range []kind{{name: "times", over: true}, {name: "stable", over: true, stable: true}} {
			t.Run(name+" "+k.name, func(t *testing.T) {
				t.Parallel()
				l := newLab(t, k)
				done, failed := 0, 0
				for at := 1; ; at++ {
					b := l.run(disktest.Plan{
						At: at, Calls: []string{"mkdirat", "openat", "fsync", "linkat", "renameat", "unlinkat"},
						Do: disktest.DoRun, Run: []string{"sh", "-c", "cd ROOT/ws && " + command},
					})
					if !b.report.Broken {
						break
					}
					switch {
					case b.code == 0 && !b.pastLastLook(at):
						b.checkThere()
						done++
					case b.code == 0:
						done++
					default:
						failed++
					}
					b.close()
				}
				assert.Positive(t, done)
				assert.Positive(t, failed)
				t.Logf("%d runs: %d ended well, %d failed", l.runs-1, done, failed)
			})
		}
	}
}

// checkThere checks that the run is where it says, whole, whatever became of the
// earlier one.
func (b *broken) checkThere() {
	b.t.Helper()
	code, manifest := b.verify("backups")
	require.Equal(b.t, 0, code, b)
	if b.kind.stable {
		require.Equal(b.t, b.want, b.files)
		return
	}
	require.NotContains(b.t, b.old, manifest, b)
}

// pastLastLook says whether the run looked the folder up no more after the change
// to it: what happens then, no program can know.
func (b *broken) pastLastLook(at int) bool {
	return !slices.ContainsFunc(b.report.Operations[at-1:], func(op disktest.Operation) bool {
		return op.Call == "openat" && op.Path == "ws/backups"
	})
}
