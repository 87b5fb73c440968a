//go:build !race

package disktest_test

import (
	"path"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/disktest"
)

// each breaks a run of every kind at its first operation, its second, and so on,
// until it has no more.
func each(t *testing.T, plan disktest.Plan, check func(t *testing.T, b *broken) outcome) {
	t.Helper()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, k)
			counts := make(map[outcome]int)
			plan := plan // of this kind alone
			for plan.At = 1; ; plan.At++ {
				b := l.run(plan)
				if !b.report.Broken {
					require.Equal(t, 0, b.code, b)
					require.Equal(t, newState, b.check(), b)
					break
				}
				counts[check(t, b)]++
				b.close()
			}
			t.Logf("%d runs: %d left the old state, %d the new one, %d a part of the new one",
				l.runs-1, counts[oldState], counts[newState], counts[mixed])
		})
	}
}

// A run that is killed at any change on the disk.
func TestDiskKilled(t *testing.T) {
	t.Parallel()
	each(t, disktest.Plan{Do: disktest.DoKill, Changes: true}, func(t *testing.T, b *broken) outcome {
		t.Helper()
		require.Equal(t, int(syscall.SIGKILL), b.report.Signal, b)
		got := b.check()
		b.mend()
		return got
	})
}

// An operation that fails, whichever it is: reading, writing, flushing, closing.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	each(t, disktest.Plan{Do: disktest.DoFail, Errno: int(syscall.EIO)}, func(t *testing.T, b *broken) outcome {
		t.Helper()
		return b.checkFailed()
	})
}

// A disk that fails from some operation on, so that nothing can be cleaned up
// either: the log names what is left.
func TestDiskDies(t *testing.T) {
	t.Parallel()
	each(t, disktest.Plan{Do: disktest.DoFail, Errno: int(syscall.EIO), Changes: true, Onward: true}, func(t *testing.T, b *broken) outcome {
		t.Helper()
		require.Equal(t, 1, b.code, b)
		for _, name := range b.temporary {
			require.Contains(t, b.log, name, b)
		}
		got := b.check()
		if got == mixed && b.kind.stable {
			b.checkTold()
		}
		b.mend()
		return got
	})
}

// A write that says that it was done, and was not.
func TestDiskLies(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, k)
			for at := 1; at <= 4; at++ { // three snapshots and the manifest
				b := l.run(disktest.Plan{At: at, Do: disktest.DoLie, Calls: []string{"write"}})
				require.Equal(t, 1, b.code, b)
				require.Contains(t, b.log, "it does not hold what was written", b)
				require.Empty(t, b.temporary, b)
				code, manifest := b.verify("backups")
				if k.stable {
					require.Equal(t, 3, code, b)
					b.checkTold()
				} else {
					require.Equal(t, k.over, code == 0, b)
					require.Empty(t, b.added(), b)
					require.Equal(t, k.over, manifest != "", b)
				}
				b.close()
			}
		})
	}
}

// Reads and writes that do half of what they are asked for, all of them, are no
// failure.
func TestDiskIsShort(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			b := newLab(t, k).run(disktest.Plan{At: 1, Onward: true, Do: disktest.DoShort, Calls: []string{"read", "write"}})
			require.Equal(t, 0, b.code, b)
			require.Greater(t, len(b.report.Operations), 40, b)
			require.Equal(t, newState, b.check(), b)
			require.Empty(t, b.temporary, b)
		})
	}
}

// A run that is asked to end at any change on the disk.
func TestDiskTerminated(t *testing.T) {
	t.Parallel()
	each(t, disktest.Plan{Do: disktest.DoTerm, Changes: true}, func(t *testing.T, b *broken) outcome {
		t.Helper()
		require.Contains(t, []int{0, 130}, b.code, b)
		return b.checkFailed()
	})
}

// What a crash of the machine keeps depends on the order of names and flushes: no
// file gets its name before its content is flushed, and the manifest none before
// the names of the snapshots, and the removals, are.
func TestDiskFlushed(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			b := newLab(t, k).run(disktest.Plan{})
			require.Equal(t, 0, b.code, b)
			flushed := make(map[string]bool) // files
			named, unflushed := 0, 0         // names in the folder
			for _, op := range b.report.Operations {
				name := path.Base(op.To)
				switch {
				case op.Call == "write":
					flushed[op.Path] = false
				case op.Call == "fsync" && op.Path == "ws/backups":
					unflushed = 0
				case op.Call == "fsync":
					flushed[op.Path] = true
				case op.Call == "unlinkat" && strings.HasSuffix(op.Path, ".json"):
					unflushed++
				case (op.Call == "linkat" && !k.noLinks) || op.Call == "renameat":
					require.True(t, flushed[op.Path], "%s gets its name, %v", op.To, b.report.Operations)
					if strings.HasPrefix(name, "manifest") {
						require.Zero(t, unflushed, "when %s gets its name, %v", op.To, b.report.Operations)
					}
					named++
					unflushed++
				}
			}
			require.Equal(t, 4, named, b)
			require.Zero(t, unflushed, b)
		})
	}
}
