package backup_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// Every feature that a real server accepts is saved, key for key and value for
// value as the server answers.
func TestRealCorpus(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{Env: weaviatetest.CorpusEnv()})
	names := weaviatetest.LoadCorpus(t, server)
	require.GreaterOrEqual(t, len(names), 40)

	options := everything()
	options.CountObjects = false
	result, workspace, err := run(t, server.URL, "", options)
	require.NoError(t, err)
	snapshots := readBack(t, workspace, result)

	var answer struct{ Classes []jsontext.Value }
	require.NoError(t, json.Unmarshal(server.MustRequest(t, "GET", "/v1/schema", nil), &answer))
	require.Len(t, answer.Classes, len(names))
	require.Len(t, snapshots, len(names))
	for _, class := range answer.Classes {
		var named struct{ Class string }
		require.NoError(t, json.Unmarshal(class, &named))
		got := snapshots[named.Class].Schema.Clone()
		require.NoError(t, got.Compact())
		require.NoError(t, class.Compact())
		assert.Equal(t, string(class), string(got), "the bytes but for white space: keys, their order, numbers, escapes")
		assert.Equal(t, "not asked", snapshots[named.Class].Metadata.Reason)
	}
	t.Logf("%d feature collections saved and equal to the server's answer", len(names))
}

// Counts are exact at once, and stay so.
func TestRealCounts(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{})
	for _, name := range []string{"Empty", "Few", "Many", "Busy"} {
		server.MustRequest(t, "POST", "/v1/schema", map[string]any{
			"class": name, "properties": []any{map[string]any{"name": "title", "dataType": []string{"text"}}},
		})
	}
	server.MustRequest(t, "POST", "/v1/schema", map[string]any{
		"class": "Shared", "multiTenancyConfig": map[string]any{"enabled": true},
		"properties": []any{map[string]any{"name": "title", "dataType": []string{"text"}}},
	})
	server.AddTenants(t, "Shared", weaviatetest.Tenant{Name: "a"}, weaviatetest.Tenant{Name: "b"})
	server.InsertObjects(t, "Shared", "a", 30)
	server.InsertObjects(t, "Shared", "b", 12)
	server.InsertObjects(t, "Few", "", 7)
	server.InsertObjects(t, "Many", "", 1234)
	inserted := time.Now()

	counts := func() map[string]string {
		result, workspace, err := run(t, server.URL, "", everything())
		require.NoError(t, err)
		readBack(t, workspace, result)
		counts := make(map[string]string)
		for _, saved := range result.Collections {
			counts[saved.Name] = saved.Count.Reason
			if saved.Count.Objects != nil {
				counts[saved.Name] = fmt.Sprint(*saved.Count.Objects)
			}
		}
		return counts
	}
	want := map[string]string{"Busy": "0", "Empty": "0", "Few": "7", "Many": "1234", "Shared": "42"}
	assert.Equal(t, want, counts(), "at once")

	busy := 0
	for time.Since(inserted) < time.Second {
		server.InsertObjects(t, "Busy", "", 10)
		busy += 10
	}
	want["Busy"] = fmt.Sprint(busy)
	assert.Equal(t, want, counts(), "a second later")

	// A tenant that sleeps is not woken: the rest is a lower bound.
	server.SetTenants(t, "Shared", weaviatetest.Tenant{Name: "b", ActivityStatus: "COLD"})
	result, workspace, err := run(t, server.URL, "", everything())
	require.NoError(t, err)
	shared := readBack(t, workspace, result)["Shared"]
	assert.Nil(t, shared.Metadata.Objects)
	assert.Equal(t, int64(30), *shared.Metadata.AtLeast)
	assert.Equal(t, "1 of 2 tenants is not active, and counting would wake it", shared.Metadata.Reason)
	require.Len(t, shared.Tenants, 2)
	assert.JSONEq(t, `{"activityStatus":"COLD","name":"b"}`, string(shared.Tenants[1]))
	assert.JSONEq(t, `[{"activityStatus":"HOT","name":"a"},{"activityStatus":"COLD","name":"b"}]`,
		sorted(t, server.MustRequest(t, "GET", "/v1/schema/Shared/tenants", nil)), "and sleeps on")
}

// sorted puts a list of tenants, which comes in a random order, by name.
func sorted(t *testing.T, data []byte) string {
	t.Helper()
	var tenants []weaviatetest.Tenant
	require.NoError(t, json.Unmarshal(data, &tenants))
	if len(tenants) == 2 && tenants[0].Name > tenants[1].Name {
		tenants[0], tenants[1] = tenants[1], tenants[0]
	}
	out, err := json.Marshal(tenants)
	require.NoError(t, err)
	return string(out)
}

func TestRealAliases(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{})
	for _, name := range []string{"Article", "Author"} {
		server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": name})
	}
	for alias, class := range map[string]string{"Texts": "Article", "Articles": "Article", "People": "Author"} {
		server.MustRequest(t, "POST", "/v1/aliases", map[string]any{"alias": alias, "class": class})
	}
	options := everything()
	options.Collections = []string{"Article"}
	result, workspace, err := run(t, server.URL, "", options)
	require.NoError(t, err)
	assert.Equal(t, []string{"Articles", "Texts"}, readBack(t, workspace, result)["Article"].Aliases)

	options.Collections = []string{"Texts"}
	_, workspace, err = run(t, server.URL, "", options)
	require.ErrorContains(t, err, "Texts is an alias of Article: name the collection")
	noFiles(t, workspace)
}

// The server filters what a key may not read without a word. Nothing that it
// filtered is ever saved as if it were whole.
func TestRealRights(t *testing.T) {
	t.Parallel()
	users := []string{"least", "nocollections", "notenants", "noaliases", "nodata", "onlydoc", "noroles", "onlyschema", "onetenant", "itstenants"}
	keys := make(map[string]string)
	for _, user := range users {
		keys[user] = "the-key-of-" + user
	}
	server := weaviatetest.Run(t, weaviatetest.Options{Env: weaviatetest.RBACEnv("root-key", keys), APIKey: "root-key"})
	server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": "Doc"})
	server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": "Shared", "multiTenancyConfig": map[string]any{"enabled": true}})
	server.AddTenants(t, "Shared", weaviatetest.Tenant{Name: "a"})
	server.MustRequest(t, "POST", "/v1/aliases", map[string]any{"alias": "Docs", "class": "Doc"})
	collections, tenants := weaviatetest.ReadCollections("*"), weaviatetest.ReadTenants("*")
	aliases, data := weaviatetest.ReadAliases("*"), weaviatetest.ReadData("*")
	server.GrantRole(t, "least", "least", collections, tenants, aliases, data)
	server.GrantRole(t, "nocollections", "nocollections", tenants, aliases, data)
	server.GrantRole(t, "notenants", "notenants", collections, aliases, data)
	server.GrantRole(t, "noaliases", "noaliases", collections, tenants, data)
	server.GrantRole(t, "nodata", "nodata", collections, tenants, aliases)
	shared, sharedData := weaviatetest.ReadCollections("Shared"), weaviatetest.ReadData("Shared")
	server.GrantRole(t, "onlyschema", "onlyschema", shared)
	server.GrantRole(t, "onetenant", "onetenant", collections, weaviatetest.ReadTenant("Shared", "a"), sharedData)
	server.GrantRole(t, "itstenants", "itstenants", collections, weaviatetest.ReadTenants("Shar*"), sharedData)
	server.GrantRole(t, "onlydoc", "onlydoc", weaviatetest.ReadCollections("Doc"), weaviatetest.ReadData("Doc"))

	t.Run("the least role is enough", func(t *testing.T) {
		t.Parallel()
		result, workspace, err := run(t, server.URL, keys["least"], everything())
		require.NoError(t, err)
		snapshots := readBack(t, workspace, result)
		require.Len(t, snapshots, 2)
		assert.Equal(t, []string{"Docs"}, snapshots["Doc"].Aliases)
		assert.Len(t, snapshots["Shared"].Tenants, 1)
		assert.Equal(t, int64(0), *snapshots["Shared"].Metadata.Objects)
	})
	for user, want := range map[string]string{
		"nocollections": "need the permission read_collections on *",
		"notenants":     "tenants need the permission read_tenants on everything",
		"noaliases":     "aliases need the permission read_aliases on everything",
		"onlydoc":       "need the permission read_collections on *",
		"noroles":       "need the permission read_collections on *",
	} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			_, workspace, err := run(t, server.URL, keys[user], everything())
			require.ErrorContains(t, err, want)
			noFiles(t, workspace)
		})
	}
	t.Run("without tenants and aliases they are not needed", func(t *testing.T) {
		t.Parallel()
		for _, user := range []string{"notenants", "noaliases"} {
			options := everything()
			options.IncludeTenants, options.IncludeAliases = false, false
			_, _, err := run(t, server.URL, keys[user], options)
			require.NoError(t, err, user)
		}
	})
	t.Run("hidden tenants are not taken for none", func(t *testing.T) {
		t.Parallel()
		options := everything()
		options.IncludeTenants, options.IncludeAliases = false, false
		options.Collections = []string{"Shared"}
		for user, want := range map[string]snapshot.Count{
			"notenants":  {Reason: "the key may not read all of its tenants"},
			"onlyschema": {Reason: "the key may not read all of its tenants"},
			"onetenant":  {AtLeast: new(int64), Method: snapshot.CountMethod, Reason: "the key may not read all of its tenants"},
		} {
			result, workspace, err := run(t, server.URL, keys[user], options)
			require.NoError(t, err, user)
			assert.Equal(t, want, readBack(t, workspace, result)["Shared"].Metadata.Count, user)
		}
		options.IncludeTenants = true
		result, workspace, err := run(t, server.URL, keys["itstenants"], options)
		require.NoError(t, err)
		assert.Equal(t, int64(0), *readBack(t, workspace, result)["Shared"].Metadata.Objects)
		_, workspace, err = run(t, server.URL, keys["onetenant"], options)
		require.ErrorContains(t, err, "tenants need the permission read_tenants on everything")
		noFiles(t, workspace)
	})
	t.Run("without the right to count, counts are unknown", func(t *testing.T) {
		t.Parallel()
		result, workspace, err := run(t, server.URL, keys["nodata"], everything())
		require.NoError(t, err)
		doc := readBack(t, workspace, result)["Doc"]
		assert.Nil(t, doc.Metadata.Objects)
		assert.Contains(t, doc.Metadata.Reason, "insufficient permissions to read_data")
	})
	t.Run("a part by its exact name", func(t *testing.T) {
		t.Parallel()
		options := everything()
		options.Collections = []string{"Doc"}
		options.IncludeAliases = false
		result, workspace, err := run(t, server.URL, keys["onlydoc"], options)
		require.NoError(t, err)
		require.Len(t, readBack(t, workspace, result), 1)
		options.Collections = []string{"Doc", "Shared"}
		_, workspace, err = run(t, server.URL, keys["onlydoc"], options)
		require.ErrorContains(t, err, "no collection Shared")
		noFiles(t, workspace)
	})
}
