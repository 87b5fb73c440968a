package action_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// What BenchmarkLarge's server holds: a third of the collections is multi-tenant,
// one tenant of each active.
const (
	largeCollections = 3000
	largePerTenants  = 50
	largeTenants     = largeCollections / 3 * largePerTenants
	// largeObjects are those of every thirtieth collection.
	largeObjects = largeCollections / 30 * 2
)

// BenchmarkLarge runs the program against a real server with 3000 collections and
// 50,000 tenants, and tells how long each command takes and its peak of memory:
//
//	go test ./internal/action -run '^$' -bench Large -benchtime 1x -timeout 60m
//
// It also holds the results to what is known of the server: every collection and
// tenant is saved, verify agrees with the server, and diff tells exactly the four
// changes that are made after the backup. The server's folder takes a quarter of
// an hour to make, and is kept in the user's cache folder.
func BenchmarkLarge(b *testing.B) {
	server := largeServer(b)
	for b.Loop() {
		p := newProgram(b)
		saved := timed(b, p, "backup", 0, "--weaviate-url", server.URL, "--json")
		assert.Equal(b, fmt.Sprint(largeCollections), saved["collection-count"])
		assert.Contains(b, saved["object-count-status"], fmt.Sprintf("partial: at least %d objects", largeObjects))
		assert.Equal(b, largeTenants, savedTenants(b, p.workspace))

		checked := timed(b, p, "verify", 0, "--weaviate-url", server.URL, "--backup-path", "backups", "--json")
		assert.Equal(b, "true", checked["valid"])
		assert.Equal(b, fmt.Sprint(largeCollections), checked["collection-count"])

		compared := timed(b, p, "diff", 0, "--weaviate-url", server.URL, "--backup-path", "backups", "--json")
		assert.Equal(b, "0", compared["change-count"])
		assert.Equal(b, saved["schema-digest"], compared["schema-digest"])

		undo := changeLarge(b, server)
		compared = timed(b, p, "diff-changed", 3, "diff", "--weaviate-url", server.URL, "--backup-path", "backups", "--json")
		undo()
		assert.Equal(b, "4", compared["change-count"])
		for _, change := range []string{
			`"path":"description"`, `"path":"tenants.new"`, `"path":"tenants.t00"`, `"path":"aliases.New"`,
		} {
			assert.Contains(b, compared["changes"], change)
		}
	}
}

// timed runs one command and gives its outputs.
func timed(b *testing.B, p program, name string, code int, args ...string) map[string]string {
	b.Helper()
	if name != "diff-changed" {
		args = append([]string{name}, args...)
	}
	began := time.Now()
	done := p.run(b, args...)
	b.ReportMetric(time.Since(began).Seconds(), name+"-s")
	b.ReportMetric(done.peakMiB, name+"-MiB")
	require.Equal(b, code, done.code, done.stderr)
	var result struct{ Outputs map[string]string }
	require.NoError(b, json.Unmarshal([]byte(done.stdout), &result))
	return result.Outputs
}

// savedTenants counts those in the snapshots of a workspace.
func savedTenants(tb testing.TB, workspace string) int {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join(workspace, "backups", "*_schema_*.json"))
	require.NoError(tb, err)
	require.Len(tb, paths, largeCollections)
	sum := 0
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(tb, err)
		var file struct{ Tenants []json.RawMessage }
		require.NoError(tb, json.Unmarshal(data, &file))
		sum += len(file.Tenants)
	}
	return sum
}

// changeLarge makes four changes, and gives what takes them back.
func changeLarge(b *testing.B, server *weaviatetest.Server) (undo func()) {
	b.Helper()
	describe := func(text string) {
		var class map[string]any
		require.NoError(b, json.Unmarshal(server.MustRequest(b, http.MethodGet, "/v1/schema/C0001", nil), &class))
		class["description"] = text
		server.MustRequest(b, http.MethodPut, "/v1/schema/C0001", class)
	}
	describe("Changed.")
	server.AddTenants(b, "C0000", weaviatetest.Tenant{Name: "new", ActivityStatus: "COLD"})
	server.SetTenants(b, "C0003", weaviatetest.Tenant{Name: "t00", ActivityStatus: "COLD"})
	server.MustRequest(b, http.MethodPost, "/v1/aliases", map[string]string{"alias": "New", "class": "C0002"})
	return func() {
		describe("For measuring.")
		server.MustRequest(b, http.MethodDelete, "/v1/schema/C0000/tenants", []string{"new"})
		server.SetTenants(b, "C0003", weaviatetest.Tenant{Name: "t00", ActivityStatus: "HOT"})
		server.MustRequest(b, http.MethodDelete, "/v1/aliases/New", nil)
	}
}

// largeServer starts the server on its folder, which it makes where it is not
// there whole.
func largeServer(b *testing.B) *weaviatetest.Server {
	b.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(b, err)
	dir := filepath.Join(cache, "weaviate-backup-action", fmt.Sprintf("large-%s-%d", weaviatetest.DefaultVersion, largeCollections))
	whole := dir + ".whole"
	if _, err := os.Stat(whole); err != nil {
		require.NoError(b, os.RemoveAll(dir))
		require.NoError(b, os.MkdirAll(dir, 0o755))
		fillLarge(b, dir)
		require.NoError(b, os.WriteFile(whole, nil, 0o600))
	}
	return weaviatetest.Run(b, weaviatetest.Options{Dir: dir, Within: 10 * time.Minute})
}

// fillLarge makes the collections while GraphQL is off, which would be built anew
// with each. They have few indexes, so that the server stays below the limit of
// open files.
func fillLarge(b *testing.B, dir string) {
	b.Helper()
	weaviatetest.Need(b, weaviatetest.DefaultVersion)
	server, err := weaviatetest.Start(b.Context(), weaviatetest.Options{Dir: dir, Env: map[string]string{"DISABLE_GRAPHQL": "true"}})
	require.NoError(b, err)
	defer func() { require.NoError(b, server.Stop(context.WithoutCancel(b.Context()))) }()
	var properties []any
	for i := range 10 {
		properties = append(properties, map[string]any{
			"name": fmt.Sprintf("property%d", i), "dataType": []string{"text"}, "indexFilterable": false, "indexSearchable": false,
		})
	}
	tenants := make([]weaviatetest.Tenant, largePerTenants)
	for i := range tenants {
		tenants[i] = weaviatetest.Tenant{Name: fmt.Sprintf("t%02d", i), ActivityStatus: "COLD"}
	}
	tenants[0].ActivityStatus = "HOT"
	for i := range largeCollections {
		name, tenant := fmt.Sprintf("C%04d", i), ""
		class := map[string]any{"class": name, "description": "For measuring.", "properties": properties}
		if i%3 == 0 {
			class["multiTenancyConfig"] = map[string]any{"enabled": true}
			tenant = "t00"
		}
		server.MustRequest(b, http.MethodPost, "/v1/schema", class)
		if tenant != "" {
			server.AddTenants(b, name, tenants...)
		}
		if i%30 == 0 {
			server.InsertObjects(b, name, tenant, 2)
		}
	}
}
