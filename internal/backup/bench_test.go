package backup_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/backup"
	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// BenchmarkBackup measures a backup next to two alternatives, all of them in
// turn in each iteration, since absolute times drift from minute to minute:
//
//   - the floor: one GET of the schema and the same exact counts, nothing written
//   - four calls per collection: existence, definition, count, replicas, one
//     after the other, which is how tools for one collection at a time work
//
// The metrics are medians, as multiples of the floor's. The folders of servers
// with many collections are made once and kept in the user's cache folder.
func BenchmarkBackup(b *testing.B) {
	for _, collections := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("collections=%d", collections), func(b *testing.B) {
			server := weaviatetest.RunMany(b, collections)
			bench := newBench(b, server.URL)
			ways := []way{
				{name: "floor", run: bench.floor},
				{name: "backup-unsynced", run: bench.unsynced},
				{name: "backup", run: bench.synced},
				{name: "four-calls", run: bench.fourCalls},
			}
			b.ResetTimer()
			for b.Loop() {
				for i := range ways {
					began := time.Now()
					ways[i].run(b)
					ways[i].took = append(ways[i].took, time.Since(began))
				}
			}
			b.StopTimer()
			floor := median(ways[0].took)
			b.ReportMetric(float64(floor.Microseconds())/1000, "floor-ms")
			for _, w := range ways[1:] {
				b.ReportMetric(float64(median(w.took))/float64(floor), w.name+"/floor")
			}
			bench.reportMemory(b)
		})
	}
}

// BenchmarkStart measures the whole life of a process that only says its version.
func BenchmarkStart(b *testing.B) {
	program := programtest.Build(b)
	for b.Loop() {
		require.NoError(b, exec.CommandContext(b.Context(), program, "--version").Run())
	}
	info, err := os.Stat(program)
	require.NoError(b, err)
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}

type way struct {
	name string
	run  func(*testing.B)
	took []time.Duration
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// bench is what the ways share: one client, so that no way pays for connections
// more often than another.
type bench struct {
	address   string
	client    *weaviate.Client
	workspace *files.Workspace
	path      string
	names     []string
}

func newBench(b *testing.B, address string) *bench {
	b.Helper()
	target, err := url.Parse(address)
	require.NoError(b, err)
	client, err := weaviate.New(weaviate.Options{URL: target})
	require.NoError(b, err)
	b.Cleanup(client.Close)
	path := b.TempDir()
	workspace, err := files.Open(path)
	require.NoError(b, err)
	b.Cleanup(func() { _ = workspace.Close() })
	collections, err := client.Schema(b.Context())
	require.NoError(b, err)
	names := make([]string, len(collections))
	for i, c := range collections {
		names[i] = c.Name
	}
	return &bench{address: address, client: client, workspace: workspace, path: path, names: names}
}

// floor does what any backup must do at least: the schema as bytes, and counts
// by the same requests.
func (n *bench) floor(b *testing.B) {
	b.Helper()
	get(b, n.address+"/v1/schema")
	targets := make([]weaviate.CountTarget, len(n.names))
	for i, name := range n.names {
		targets[i].Collection = name
	}
	counts, err := n.client.Counts(b.Context(), targets, nil)
	require.NoError(b, err)
	for _, count := range counts {
		require.NoError(b, count.Err)
	}
}

func (n *bench) unsynced(b *testing.B) {
	b.Helper()
	n.backup(b, true)
}

func (n *bench) synced(b *testing.B) {
	b.Helper()
	n.backup(b, false)
}

func (n *bench) backup(b *testing.B, unsynced bool) {
	b.Helper()
	options := everything()
	options.WithoutSync = unsynced
	result, err := backup.Run(b.Context(), n.client, n.workspace, options, &noted{}, slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	require.Len(b, result.Collections, len(n.names))
	b.StopTimer()
	require.NoError(b, os.RemoveAll(filepath.Join(n.path, "backups")))
	b.StartTimer()
}

func (n *bench) fourCalls(b *testing.B) {
	b.Helper()
	for _, name := range n.names {
		get(b, n.address+"/v1/schema/"+name)
		get(b, n.address+"/v1/schema/"+name)
		query, err := json.Marshal(map[string]string{"query": "{Aggregate{" + name + "{meta{count}}}}"})
		require.NoError(b, err)
		fetch(b, http.MethodPost, n.address+"/v1/graphql", query)
		get(b, n.address+"/v1/schema/"+name+"/shards")
	}
}

func get(b *testing.B, address string) {
	b.Helper()
	fetch(b, http.MethodGet, address, nil)
}

func fetch(b *testing.B, method, address string, body []byte) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, address, bytes.NewReader(body))
	require.NoError(b, err)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(b, err)
	require.Equal(b, http.StatusOK, answer.StatusCode)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(b, err)
	require.NoError(b, answer.Body.Close())
}

// reportMemory runs the program itself, since memory is a process's.
func (n *bench) reportMemory(b *testing.B) {
	b.Helper()
	done := programtest.Measure(b, programtest.Command(b.Context(), b.TempDir(), programtest.Build(b), "--weaviate-url", n.address))
	require.Zero(b, done.Code, done.Log())
	b.ReportMetric(done.PeakMiB, "peak-MiB")
}
