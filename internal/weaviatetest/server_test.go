package weaviatetest_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

const countArticles = `{"query":"{Aggregate{Article{meta{count}}}}"}`

func TestRealServerCountsWhatWasInsertedAndSurvivesAKill(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	server := weaviatetest.Run(t, weaviatetest.Options{Dir: data})
	server.MustRequest(t, http.MethodPost, "/v1/schema", map[string]any{
		"class": "Article",
		"properties": []map[string]any{
			{"name": "title", "dataType": []string{"text"}},
			{"name": "length", "dataType": []string{"int"}},
		},
		"vectorConfig": map[string]any{"title": map[string]any{
			"vectorizer": map[string]any{"none": map[string]any{}}, "vectorIndexType": "hnsw",
		}},
	})
	server.InsertObjects(t, "Article", "", 501)
	want := `{"data":{"Aggregate":{"Article":[{"meta":{"count":501}}]}}}`
	assert.JSONEq(t, want, string(server.MustRequest(t, http.MethodPost, "/v1/graphql", countArticles)))

	var meta struct {
		Version string `json:"version"`
	}
	require.NoError(t, json.Unmarshal(server.MustRequest(t, http.MethodGet, "/v1/meta", nil), &meta))
	assert.Equal(t, weaviatetest.DefaultVersion, meta.Version)

	require.NoError(t, server.Kill())
	again := weaviatetest.Run(t, weaviatetest.Options{Dir: data})
	assert.JSONEq(t, want, string(again.MustRequest(t, http.MethodPost, "/v1/graphql", countArticles)))
}

func TestRealServerThatDiesEarlyIsReportedAtOnceWithItsLog(t *testing.T) {
	t.Parallel()
	weaviatetest.Need(t, weaviatetest.DefaultVersion)
	_, err := weaviatetest.Start(t.Context(), weaviatetest.Options{Env: map[string]string{"QUERY_DEFAULTS_LIMIT": "many"}})
	require.ErrorContains(t, err, "it ended by itself: exit status 1")
	assert.ErrorContains(t, err, "parse QUERY_DEFAULTS_LIMIT as int")
}

func TestRealServerFiltersBySomebodysRights(t *testing.T) {
	t.Parallel()
	const rootKey, readerKey = "root-key", "reader-key"
	server := weaviatetest.Run(t, weaviatetest.Options{
		APIKey: rootKey, Env: weaviatetest.RBACEnv(rootKey, map[string]string{"reader": readerKey}),
	})
	for _, name := range []string{"Public", "Secret"} {
		server.MustRequest(t, http.MethodPost, "/v1/schema", map[string]string{"class": name})
	}
	assert.Empty(t, classesAs(t, server, readerKey))
	server.GrantRole(t, "reader", "some", weaviatetest.ReadCollections("Public"))
	assert.Equal(t, []string{"Public"}, classesAs(t, server, readerKey))
	server.GrantRole(t, "reader", "all", weaviatetest.ReadCollections("*"), weaviatetest.ReadData("*"),
		weaviatetest.ReadTenants("*"), weaviatetest.ReadAliases("*"))
	assert.ElementsMatch(t, []string{"Public", "Secret"}, classesAs(t, server, readerKey))

	status, _, err := server.RequestAs(t.Context(), "", http.MethodGet, "/v1/schema", nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, status)
}

func TestRealServerCountsHotTenantsOnly(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{})
	server.MustRequest(t, http.MethodPost, "/v1/schema",
		`{"class":"Shop","multiTenancyConfig":{"enabled":true},"properties":[{"name":"item","dataType":["text"]}]}`)
	server.AddTenants(t, "Shop", weaviatetest.Tenant{Name: "open"}, weaviatetest.Tenant{Name: "closed"})
	server.InsertObjects(t, "Shop", "open", 3)
	server.InsertObjects(t, "Shop", "closed", 2)
	server.SetTenants(t, "Shop", weaviatetest.Tenant{Name: "closed", ActivityStatus: "COLD"})
	answer := server.MustRequest(t, http.MethodPost, "/v1/graphql",
		map[string]string{"query": `{Aggregate{a:Shop(tenant:"open"){meta{count}} b:Shop(tenant:"closed"){meta{count}}}}`})
	assert.Contains(t, string(answer), `"a":[{"meta":{"count":3}}],"b":null`)
	assert.Contains(t, string(answer), "tenant not active: 'closed'")
}

// classesAs lists the collections that the holder of a key is shown.
func classesAs(t *testing.T, server *weaviatetest.Server, key string) []string {
	t.Helper()
	status, answer, err := server.RequestAs(t.Context(), key, http.MethodGet, "/v1/schema", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	var schema struct {
		Classes []struct {
			Class string `json:"class"`
		} `json:"classes"`
	}
	require.NoError(t, json.Unmarshal(answer, &schema))
	names := []string{}
	for _, class := range schema.Classes {
		names = append(names, class.Class)
	}
	return names
}
