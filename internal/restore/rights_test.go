package restore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// A key that can't create, or can't remove the stubs again, is refused before
// anything is written.
func TestRealRights(t *testing.T) {
	t.Parallel()
	const root = "root-key"
	keys := map[string]string{"creator": "creator-key", "deleter": "deleter-key", "restorer": "restorer-key"}
	l := newLibrary(t, weaviatetest.Options{Env: weaviatetest.RBACEnv(root, keys), APIKey: root})
	common := []weaviatetest.Permission{
		weaviatetest.ReadCollections("*"), weaviatetest.ReadTenants("*"), weaviatetest.ReadAliases("*"), weaviatetest.ReadData("*"),
		onCollections("update_collections"), onAll("create_tenants", "tenants", "tenant"), onAll("create_aliases", "aliases", "alias"),
	}
	l.server.GrantRole(t, "creator", "creates", append(common[:len(common):len(common)], onCollections("create_collections"))...)
	l.server.GrantRole(t, "deleter", "deletes", append(common[:len(common):len(common)], onCollections("delete_collections"))...)
	l.server.GrantRole(t, "restorer", "restores", append(common[:len(common):len(common)], onCollections("create_collections"), onCollections("delete_collections"))...)

	backup := backupOf(t,
		`{"class":"Author","properties":[{"name":"wrote","dataType":["Book"],"indexFilterable":true,"indexRangeFilters":false,"indexSearchable":false}]}`,
		`{"class":"Book","properties":[{"name":"writtenBy","dataType":["Author"],"indexFilterable":true,"indexRangeFilters":false,"indexSearchable":false}]}`,
		`{"class":"Shelf","multiTenancyConfig":{"enabled":true}}`)
	backup.Snapshots[2].Tenants = []jsontext.Value{jsontext.Value(`{"name":"hot"}`)}
	restoreAs := func(key string) (restore.Result, *weaviatetest.Proxy, error) {
		proxy := weaviatetest.NewProxy(t, l.server.URL)
		result, err := runWith(t.Context(), t, connect(t, proxy.URL, key), backup, nil)
		return result, proxy, err
	}
	for user, problem := range map[string]string{
		"creator": "the key lacks the permission delete_collections on Author",
		"deleter": "the key lacks the permission create_collections on Author, Book, Shelf",
	} {
		result, proxy, err := restoreAs(keys[user])
		require.ErrorIs(t, err, restore.ErrPlan, user)
		assert.Equal(t, []string{problem}, result.Report.Problems, user)
		assert.Empty(t, proxy.Writes(), user)
		assert.Equal(t, user == "creator", slices.Contains(result.Report.Notes,
			"what a run that fails has created could not all be removed again: the key lacks delete_collections on Author, Book, Shelf"), "%s: %v", user, result.Report.Notes)
	}
	result, _, err := restoreAs(keys["restorer"])
	require.NoError(t, err)
	assert.NotContains(t, strings.Join(result.Report.Notes, "\n"), "the key lacks")
	assert.Equal(t, []string{"Author", "Book", "Shelf"}, result.Restored)
}

// onCollections is a permission for all collections.
func onCollections(action string) weaviatetest.Permission {
	return weaviatetest.Permission{"action": action, "collections": map[string]string{"collection": "*"}}
}

// onAll is a permission for everything of another kind.
func onAll(action, kind, part string) weaviatetest.Permission {
	return weaviatetest.Permission{"action": action, kind: map[string]string{"collection": "*", part: "*"}}
}

// A server lists neither tenants nor aliases that the key may not read, and says nothing
// of it. What is not listed is taken for neither gone nor empty.
func TestRealHidden(t *testing.T) { //nolint:tparallel // its parts share one server, one after the other
	t.Parallel()
	const root, key = "root-key", "blind-key"
	server := weaviatetest.Run(t, weaviatetest.Options{Env: weaviatetest.RBACEnv(root, map[string]string{"blind": key}), APIKey: root})
	blind := []weaviatetest.Permission{weaviatetest.ReadCollections("*"), weaviatetest.ReadData("*")}
	for _, action := range []string{"create_collections", "update_collections", "delete_collections"} {
		blind = append(blind, onCollections(action))
	}
	server.GrantRole(t, "blind", "blind", append(blind, onAll("create_tenants", "tenants", "tenant"), onAll("create_aliases", "aliases", "alias"))...)
	backup := backupOf(t, `{"class":"Doc"}`, `{"class":"Shelf","multiTenancyConfig":{"enabled":true}}`, `{"class":"Zine"}`)
	backup.Snapshots[0].Aliases = []string{"Docs"}
	backup.Snapshots[1].Tenants = []jsontext.Value{jsontext.Value(`{"name":"hot"}`)}

	t.Run("they can't be read back", func(t *testing.T) {
		proxy := weaviatetest.NewProxy(t, server.URL)
		result, err := runWith(t.Context(), t, connect(t, proxy.URL, key), backup, nil)
		require.ErrorIs(t, err, restore.ErrPlan)
		assert.Equal(t, []string{"the key lacks the permission read_aliases on Doc", "the key lacks the permission read_tenants on Shelf"}, result.Report.Problems)
		assert.Empty(t, proxy.Writes())
	})
	t.Run("a clean-up keeps what may hold objects", func(t *testing.T) {
		proxy := weaviatetest.NewProxy(t, server.URL)
		proxy.AfterWrite(func(n int, _ weaviatetest.Received) {
			if n == 2 {
				server.AddTenants(t, "Shelf", weaviatetest.Tenant{Name: "theirs"})
				server.InsertObjects(t, "Shelf", "theirs", 1)
			}
		})
		require.NoError(t, proxy.SetFaults(weaviatetest.Fault{Method: "POST", Path: "/v1/schema", Contains: "Zine", Status: 422, Body: aRefusal}))
		result, err := runWith(t.Context(), t, connect(t, proxy.URL, key), backup, func(o *restore.Options) { o.Tenants, o.Aliases = false, false })
		require.Error(t, err)
		assertLeft(t, result, "the key may not read all of its tenants", left("Shelf", restore.WhyUncounted))
		assert.Equal(t, []string{
			"restore-tenants: false leaves out 1 tenant of the backup",
			"restore-aliases: false leaves out 1 alias of the backup",
		}, result.Report.Notes[1:], "but for the nodes, which it may not read either")
		_, found, err := connect(t, server.URL, root).Collection(t.Context(), "Shelf")
		require.NoError(t, err)
		assert.True(t, found)
		require.NoError(t, connect(t, server.URL, root).DeleteCollection(t.Context(), "Shelf"))
	})
	t.Run("they are not compared", func(t *testing.T) {
		_, err := runWith(t.Context(), t, connect(t, server.URL, root), backup, nil)
		require.NoError(t, err)
		for i, s := range backup.Snapshots {
			live, _, err := connect(t, server.URL, root).Collection(t.Context(), s.Metadata.Collection)
			require.NoError(t, err)
			backup.Snapshots[i].Schema = live.Raw
		}
		result, err := runWith(t.Context(), t, connect(t, server.URL, key), backup, func(o *restore.Options) { o.OnExisting = restore.OnExistingSkip })
		require.NoError(t, err)
		assert.Zero(t, result.Differences)
		assert.Equal(t, []string{
			"Shelf: its tenants were not compared: the key may not read all of them",
			"Doc: its alias Docs was not compared: the key may not read all aliases",
		}, result.Report.Notes[1:])
		assert.Equal(t, []string{"the aliases of 2 collections are not in the backup, so none of them was restored"}, result.Warnings)
	})
}
