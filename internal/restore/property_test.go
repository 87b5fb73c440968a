package restore_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// Law 4 on a real server: for whatever it accepts, restore(backup(x)) is x, and a
// second restore finds nothing to do. Every seventh case is restored beside
// the originals too.
func TestRealProperty(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{Env: map[string]string{
		"ASYNC_INDEXING": "true", "OBJECTS_TTL_DELETE_SCHEDULE": "@every 12h", // for dynamic indexes, and for objectTtlConfig
	}})
	cases, collections := 0, 0
	seen := make(map[string]int)
	rapid.Check(t, func(rt *rapid.T) {
		deleteAll(t, server.URL) // of what a case that failed has left
		d := drawServer(rt)
		create(t, server, d, seen)
		backup := take(t, server.URL)
		want := savedDigests(t, backup)
		if cases%7 == 0 {
			result, err := run(t, server.URL, backup, func(o *restore.Options) { o.Template = "{name}_again"; o.Aliases = false })
			require.NoError(rt, err)
			assert.Len(rt, result.Restored, len(want))
		}
		deleteAll(t, server.URL)
		result, err := run(t, server.URL, backup, nil)
		require.NoError(rt, err)
		assert.Zero(rt, result.Differences)
		assert.Equal(rt, want, digests(t, server.URL))
		assert.Equal(rt, savedTenants(backup), savedTenants(take(t, server.URL)))

		result, err = run(t, server.URL, backup, func(o *restore.Options) { o.OnExisting = restore.OnExistingUpdate })
		require.NoError(rt, err)
		assert.Empty(rt, result.Restored, "nothing to do")
		cases++
		collections += len(want)
	})
	var features []string
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		features = append(features, fmt.Sprintf("%s %d", name, seen[name]))
	}
	t.Logf("%d cases, %d collections: %s", cases, collections, strings.Join(features, ", "))
}

// create puts what was drawn on the server by bare requests.
func create(t *testing.T, server *weaviatetest.Server, d drawn, seen map[string]int) {
	t.Helper()
	for _, c := range d.collections {
		server.MustRequest(t, http.MethodPost, "/v1/schema", c)
		text, err := json.Marshal(c)
		require.NoError(t, err)
		for _, word := range []string{
			"multiTenancyConfig", "vectorConfig", `"hnsw"`, `"flat"`, `"dynamic"`, `"hfresh"`, `"pq"`, `"bq"`, `"sq"`, `"rq"`, "nestedProperties",
			"objectTtlConfig", "generative-openai", "stopwordPresets", "blobHash",
		} {
			if strings.Contains(string(text), word) {
				seen[strings.Trim(word, `"`)]++
			}
		}
	}
	for _, r := range d.references {
		server.MustRequest(t, http.MethodPost, "/v1/schema/"+r.collection+"/properties", r.property)
		seen["references"]++
	}
	for collection, tenants := range d.tenants {
		server.MustRequest(t, http.MethodPost, "/v1/schema/"+collection+"/tenants", tenants)
	}
}

// savedTenants are the tenants of each collection, as text.
func savedTenants(backup restore.Backup) map[string][]string {
	all := make(map[string][]string)
	for _, s := range backup.Snapshots {
		for _, tenant := range s.Tenants {
			all[s.Metadata.Collection] = append(all[s.Metadata.Collection], string(tenant))
		}
	}
	return all
}
