//go:build !race

package disktest_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/disktest"
)

// A run whose work on files is broken leaves no outputs file, or one that tells the
// truth: that of the earlier run where nothing has changed yet, or where the log
// says that it could not be removed; that of this run where its files are there.
func TestDiskOutputsFile(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]disktest.Plan{
		"killed": {Do: disktest.DoKill, Changes: true},
		"fails":  {Do: disktest.DoFail, Errno: int(syscall.EIO)},
		"dies":   {Do: disktest.DoFail, Errno: int(syscall.EIO), Changes: true, Onward: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, kind{name: name, stable: true, over: true, outputsFile: true})
			old := outputsFile(t, l.start)
			require.NotEmpty(t, old)
			unbroken := l.run(disktest.Plan{})
			want := outputsFile(t, unbroken.root)
			require.Contains(t, want, "WEAVIATE_BACKUP_OUTPUT_CHANGED=true\n")
			require.NotEqual(t, want, old)
			counts := make(map[string]int)
			for plan.At = 1; ; plan.At++ {
				b := l.run(plan)
				if !b.report.Broken {
					break
				}
				counts[b.outputsFile(old, want)]++
				b.close()
			}
			require.Positive(t, counts["none"])
			require.Positive(t, counts["old"])
			t.Logf("%d runs: %v", plan.At-1, counts)
		})
	}
}

// outputsFile checks the file that the run left, and says which one it is.
func (b *broken) outputsFile(old, want string) string {
	b.t.Helper()
	told := b.report.Signal != 0 || strings.Contains(b.log, "outputs-file: ") || strings.Contains(b.log, "open workspace")
	switch outputsFile(b.t, b.root) {
	case "":
		require.NotZero(b.t, b.code, b)
		return "none"
	case old:
		require.True(b.t, maps.Equal(b.old, b.files), b)
		require.True(b.t, b.code != 0 && told, b)
		return "old"
	case want:
		require.Equal(b.t, newState, b.check(), b)
		require.True(b.t, b.code == 0 || told, b)
		return "new"
	}
	require.Fail(b.t, "part of an outputs file", "%v: %q", b, outputsFile(b.t, b.root))
	return ""
}

// outputsFile gives the content of the file; empty where there is none.
func outputsFile(t *testing.T, root string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "ws", "outputs.env"))
	if os.IsNotExist(err) {
		return ""
	}
	require.NoError(t, err)
	require.NotEmpty(t, data)
	return string(data)
}
