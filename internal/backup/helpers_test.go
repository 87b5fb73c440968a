package backup_test

import (
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/weaviate-backup/weaviate-backup-action/internal/backup"
	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

func TestMain(m *testing.M) {
	if programtest.TellPeak() {
		return
	}
	goleak.VerifyTestMain(m)
}

var started = time.Date(2024, 2, 1, 10, 30, 0, 0, time.UTC)

// everything is what a run does unless it is told otherwise.
func everything() backup.Options {
	return backup.Options{
		CountObjects:    true,
		IncludeTenants:  true,
		IncludeAliases:  true,
		OutputDirectory: "backups",
		Tool:            "weaviate-backup-action test",
		Scrub:           func(text string) string { return text },
		Started:         started,
	}
}

// noted is a backup.Progress that remembers the stages.
type noted struct {
	mu     sync.Mutex
	stages []string
	steps  int
}

func (n *noted) Stage(name string, _ int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stages = append(n.stages, name)
}

func (n *noted) Step(steps int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.steps += steps
}

// run backs the server at address up into a new workspace, whose path it gives.
func run(tb testing.TB, address, key string, options backup.Options) (backup.Result, string, error) {
	tb.Helper()
	target, err := url.Parse(address)
	require.NoError(tb, err)
	client, err := weaviate.New(weaviate.Options{
		URL: target, APIKey: key, MaxAttempts: 3, RetryMinWait: time.Microsecond, RetryMaxWait: time.Microsecond,
	})
	require.NoError(tb, err)
	tb.Cleanup(client.Close)
	path := tb.TempDir()
	workspace, err := files.Open(path)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = workspace.Close() })
	options.Source = address
	result, err := backup.Run(tb.Context(), client, workspace, options, &noted{}, slog.New(slog.DiscardHandler))
	return result, path, err
}

// readBack decodes every snapshot of a run, by collection, and checks the
// manifest and the digests on the way.
func readBack(tb testing.TB, workspace string, result backup.Result) map[string]snapshot.Snapshot {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(workspace, result.Manifest))
	require.NoError(tb, err)
	manifest, err := snapshot.DecodeManifest(data)
	require.NoError(tb, err)
	require.Len(tb, manifest.Snapshots, len(result.Collections))
	snapshots := make(map[string]snapshot.Snapshot)
	for i, entry := range manifest.Snapshots {
		data, err := os.ReadFile(filepath.Join(workspace, result.Directory, entry.File))
		require.NoError(tb, err)
		require.Equal(tb, filepath.Join(workspace, result.Collections[i].Path), filepath.Join(workspace, result.Directory, entry.File))
		require.Len(tb, data, int(entry.Bytes))
		s, err := snapshot.Decode(data)
		require.NoError(tb, err)
		definition, err := s.Definition()
		require.NoError(tb, err)
		digest, err := definition.Digest()
		require.NoError(tb, err)
		require.Equal(tb, digest, s.Metadata.SchemaDigest)
		require.Equal(tb, entry.SchemaDigest, s.Metadata.SchemaDigest)
		require.Equal(tb, entry.Count, s.Metadata.Count)
		snapshots[entry.Collection] = s
	}
	return snapshots
}

// noFiles fails unless the workspace is empty.
func noFiles(tb testing.TB, workspace string) {
	tb.Helper()
	entries, err := os.ReadDir(workspace)
	require.NoError(tb, err)
	require.Empty(tb, entries)
}
