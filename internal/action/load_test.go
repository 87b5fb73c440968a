package action_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// fifty runs each command against a server, 50 runs in all, some of which fail.
func fifty(t *testing.T) {
	t.Helper()
	open := openFiles(t)
	fake, err := weaviatetest.StartFake(weaviatetest.DefaultFakeConfig())
	require.NoError(t, err)
	defer fake.Close()
	s := newStep(t.TempDir())
	for range 10 {
		for _, run := range []struct {
			command, address string
			code             int
		}{
			{"backup", fake.URL, 0},
			{"verify", fake.URL, 0},
			{"diff", fake.URL, 0},
			{"restore", fake.URL, 1}, // they are all there
			{"backup", "http://127.0.0.1:1", 1},
		} {
			l := s.run(t, map[string]string{
				"command": run.command, "weaviate-url": run.address, "backup-path": "backups", "dry-run": map[string]string{"restore": "true"}[run.command],
				"wait-for-ready": "0s",
			})
			require.Equal(t, run.code, l.code, "%s", l.printed)
		}
	}
	// The server is still there, so a connection that was forgotten would be too.
	require.Eventually(t, func() bool { return openFiles(t) <= open+1 }, time.Minute, time.Millisecond, "connections are open")
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(entries)
}

// left behind by all runs so far: open files, and bytes of the heap.
func held(t *testing.T) (open int, heap uint64) {
	t.Helper()
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what has a finalizer goes the second time
	runtime.ReadMemStats(&stats)
	return openFiles(t), stats.HeapAlloc
}

// 200 runs in one process leave no goroutine, no open file and no memory behind.
// It is not parallel: what other tests hold would count.
func TestNothingIsLeaked(t *testing.T) {
	before := goleak.IgnoreCurrent()
	fifty(t)
	openBefore, heapBefore := held(t)
	for range 3 {
		fifty(t)
	}
	goleak.VerifyNone(t, before)
	openAfter, heapAfter := held(t)
	assert.LessOrEqual(t, openAfter, openBefore)
	assert.Less(t, heapAfter, heapBefore+1<<20)
	t.Logf("open files: %d, then %d; heap: %d KiB, then %d KiB", openBefore, openAfter, heapBefore>>10, heapAfter>>10)
}

// Eight runs at once into one folder take no file from one another, and each one's
// manifest is good.
func TestRunsAtOnce(t *testing.T) {
	t.Parallel()
	const runs, rounds = 8, 5
	fake := weaviatetest.NewFake(t)
	workspace := t.TempDir()
	manifestPath := regexp.MustCompile(`(?m)^manifest-path=(.*)$`)
	manifests := make(map[string]bool)
	for range rounds {
		done := make([]left, runs)
		steps := make([]step, runs)
		var group sync.WaitGroup
		for i := range runs {
			steps[i] = newStep(t.TempDir())
			steps[i].env["GITHUB_WORKSPACE"] = workspace
			group.Go(func() { done[i] = steps[i].run(asserting{t}, map[string]string{"weaviate-url": fake.URL}) })
		}
		group.Wait()
		for i, l := range done {
			require.Zero(t, l.code, "%s", l.printed)
			manifest := manifestPath.FindStringSubmatch(l.outputs)[1]
			assert.False(t, manifests[manifest], "%s is of two runs", manifest)
			manifests[manifest] = true
			checked := steps[i].run(t, map[string]string{"command": "verify", "backup-path": manifest, "weaviate-url": fake.URL})
			assert.Zero(t, checked.code, "%s", checked.printed)
			assert.Contains(t, strings.Split(checked.outputs, "\n"), "valid=true")
		}
	}
	files, err := os.ReadDir(filepath.Join(workspace, "backups"))
	require.NoError(t, err)
	assert.Len(t, files, runs*rounds*(1+len(weaviatetest.DefaultFakeConfig().Classes)), "a manifest and the snapshots of each run, and nothing else")
}
