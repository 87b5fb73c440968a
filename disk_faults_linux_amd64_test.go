package main

import (
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
