package restore_test

import (
	"fmt"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// What was there before, and a run that failed has changed, stays so and is told.
func TestRealCleanUpOfUpdates(t *testing.T) { //nolint:tparallel // its parts share one server, one after the other
	t.Parallel()
	l := newLibrary(t, weaviatetest.Options{})
	do := func(t *testing.T, method, path string, body any) {
		t.Helper()
		l.server.MustRequest(t, method, path, body)
	}
	changed := func(what string) restore.Leftover {
		return restore.Leftover{Kind: restore.LeftUpdate, Name: "Shelf", Changed: []string{what}}
	}
	t.Run("what an update did to others is told", func(t *testing.T) {
		do(t, "POST", "/v1/schema", map[string]any{"class": "Shelf", "description": "theirs", "multiTenancyConfig": map[string]any{"enabled": true}})
		result := l.failing(t, nil, func(o *restore.Options) { o.OnExisting = restore.OnExistingUpdate },
			weaviatetest.Fault{Method: "POST", Path: "/v1/schema/Shelf/tenants", Do: weaviatetest.DoReset, After: true})
		assertLeft(t, result, "", restore.Leftover{
			Kind: restore.LeftUpdate, Name: "Shelf", Changed: []string{"remove description", "add the property title"}, Maybe: []string{"create 2 tenants"},
		})
		assert.ElementsMatch(t, []string{"Bystander", "Shelf"}, look(t, l.server.URL).names())
		l.empty(t)
	})
	shelf := l.backup
	shelf.Snapshots = append(l.backup.Snapshots[:0:0], l.backup.Snapshots[3])
	t.Run("aliases of an update", func(t *testing.T) {
		_, err := run(t, l.server.URL, shelf, nil)
		require.NoError(t, err)
		named := &library{server: l.server, backup: shelf}
		named.backup.Snapshots = append(shelf.Snapshots[:0:0], shelf.Snapshots...)
		named.backup.Snapshots[0].Aliases = []string{"Board", "Writer"}
		toUpdate := func(o *restore.Options) { o.OnExisting = restore.OnExistingUpdate }
		result := named.failing(t, nil, toUpdate, weaviatetest.Fault{Method: "POST", Path: "/v1/aliases", Contains: "Writer", Status: 422, Body: aRefusal})
		assert.Empty(t, result.Leftovers, "what was done was undone")
		assert.NotContains(t, look(t, l.server.URL).aliases, "Board")

		result = named.failing(t, nil, func(o *restore.Options) { toUpdate(o); o.KeepPartial = true }, weaviatetest.Fault{Method: "POST", Path: "/v1/aliases", Contains: "Writer", Status: 422, Body: aRefusal})
		assertLeft(t, result, "", changed("create the alias Board (kept as keep-partial asks)"))
		assert.Equal(t, "Shelf", look(t, l.server.URL).aliases["Board"])
		require.NoError(t, connect(t, l.server.URL, "").DeleteAlias(t.Context(), "Board"))
		l.empty(t)
	})
	t.Run("a part of the tenants of an update", func(t *testing.T) {
		_, err := run(t, l.server.URL, shelf, nil)
		require.NoError(t, err)
		many := &library{server: l.server, backup: shelf}
		many.backup.Snapshots = append(shelf.Snapshots[:0:0], shelf.Snapshots...)
		for n := range 1500 {
			many.backup.Snapshots[0].Tenants = append(many.backup.Snapshots[0].Tenants, jsontext.Value(fmt.Sprintf(`{"name":"t%04d","activityStatus":"COLD"}`, n)))
		}
		update := func(o *restore.Options) { o.OnExisting = restore.OnExistingUpdate }
		path := "/v1/schema/Shelf/tenants"
		result := many.failing(t, nil, update, weaviatetest.Fault{Method: "POST", Path: path, Skip: 1, Status: 422, Body: aRefusal})
		assertLeft(t, result, "", changed("create 1000 of 1500 tenants"))
		result = many.failing(t, nil, update, weaviatetest.Fault{Method: "POST", Path: path, Do: weaviatetest.DoReset, After: true})
		assertLeft(t, result, "", restore.Leftover{Kind: restore.LeftUpdate, Name: "Shelf", Maybe: []string{"create 500 tenants"}})
		l.empty(t)
	})
	t.Run("a change that was refused and made", func(t *testing.T) {
		do(t, "POST", "/v1/schema", map[string]any{"class": "Shelf", "description": "theirs", "multiTenancyConfig": map[string]any{"enabled": true}})
		result := l.failing(t, nil, func(o *restore.Options) { o.OnExisting = restore.OnExistingUpdate },
			weaviatetest.Fault{Method: "PUT", Path: "/v1/schema/Shelf", Status: 422, Body: aRefusal, After: true})
		assertLeft(t, result, "", changed("remove description (which was refused, and yet the definition is another now)"))
		l.empty(t)
	})
	for method, path := range map[string]string{"PUT": "/v1/schema/Shelf", "POST": "/v1/schema/Shelf/tenants"} {
		t.Run("a refused "+method+" of an update is none", func(t *testing.T) {
			shelf := map[string]any{"class": "Shelf", "multiTenancyConfig": map[string]any{"enabled": true}}
			if method == "PUT" {
				shelf["description"] = "theirs"
			} else {
				shelf["properties"] = []any{map[string]any{"name": "title", "dataType": []string{"text"}}}
			}
			do(t, "POST", "/v1/schema", shelf)
			result := l.failing(t, nil, func(o *restore.Options) { o.OnExisting = restore.OnExistingUpdate },
				weaviatetest.Fault{Method: method, Path: path, Status: 422, Body: aRefusal})
			assert.Empty(t, result.Leftovers, result.Report.Failure)
			l.empty(t)
		})
	}
}
