package backup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/backup"
	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
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
			server := benchServer(b, collections)
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
	program := build(b)
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
	// A process starts with the peak of the one that forked it, so the benchmark
	// is not its parent: another, small run of the test binary is; see TestMain.
	self, err := os.Executable()
	require.NoError(b, err)
	command := exec.CommandContext(b.Context(), self, build(b), "--weaviate-url", n.address)
	command.Dir = b.TempDir()
	command.Env = append(os.Environ(), tellPeak+"=1")
	output, err := command.Output()
	require.NoError(b, err, string(output))
	peak, err := strconv.ParseFloat(string(output), 64)
	require.NoError(b, err)
	b.ReportMetric(peak/1024, "peak-MiB")
}

// tellPeak makes the test binary run the command in its arguments, and print the
// most memory that it had, in KiB, in place of its tests.
const tellPeak = "WEAVIATE_BACKUP_TEST_TELL_PEAK"

func peakOf(args []string) error {
	command := exec.CommandContext(context.Background(), args[0], args[1:]...)
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return err
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.ErrUnsupported
	}
	_, err := fmt.Print(usage.Maxrss)
	return err
}

// build makes the program as the Dockerfile does.
func build(b *testing.B) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "weaviate-backup")
	command := exec.CommandContext(b.Context(), "go", "build", "-tags", "nethttpomithttp2", "-trimpath",
		"-gcflags", "all=-l", "-gcflags", "github.com/go-json-experiment/...=",
		"-ldflags", "-s -w", "-o", program, ".")
	command.Dir = filepath.Join("..", "..")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := command.CombinedOutput()
	require.NoError(b, err, string(output))
	return program
}

// benchServer starts a server with so many collections of ten properties, every
// second one with 1 to 100 objects. To make them costs the server up to a second
// each, and less while GraphQL is off, so its folder is kept.
func benchServer(b *testing.B, collections int) *weaviatetest.Server {
	b.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(b, err)
	dir := filepath.Join(cache, "weaviate-backup-action", fmt.Sprintf("bench-%s-%d", weaviatetest.DefaultVersion, collections))
	whole := dir + ".whole"
	if _, err := os.Stat(whole); err != nil {
		require.NoError(b, os.RemoveAll(dir))
		require.NoError(b, os.MkdirAll(dir, 0o755))
		fill(b, dir, collections)
		require.NoError(b, os.WriteFile(whole, nil, 0o600))
	}
	return weaviatetest.Run(b, weaviatetest.Options{Dir: dir})
}

func fill(b *testing.B, dir string, collections int) {
	b.Helper()
	weaviatetest.Need(b, weaviatetest.DefaultVersion)
	server, err := weaviatetest.Start(b.Context(), weaviatetest.Options{Dir: dir, Env: map[string]string{"DISABLE_GRAPHQL": "true"}})
	require.NoError(b, err)
	defer func() { require.NoError(b, server.Stop(context.WithoutCancel(b.Context()))) }()
	var properties []any
	for i := range 10 {
		properties = append(properties, map[string]any{"name": fmt.Sprintf("property%d", i), "dataType": []string{"text"}})
	}
	for i := range collections {
		name := fmt.Sprintf("Collection%04d%s", i, strings.Repeat("x", i%10))
		server.MustRequest(b, "POST", "/v1/schema", map[string]any{"class": name, "description": "For measuring.", "properties": properties})
		if i%2 == 0 {
			server.InsertObjects(b, name, "", i%100+1)
		}
	}
}
