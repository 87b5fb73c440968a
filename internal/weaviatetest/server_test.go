package weaviatetest_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

func TestRealServerCountsWhatWasInserted(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{})
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

	answer := server.MustRequest(t, http.MethodPost, "/v1/graphql",
		map[string]string{"query": "{Aggregate{Article{meta{count}}}}"})
	assert.JSONEq(t, `{"data":{"Aggregate":{"Article":[{"meta":{"count":501}}]}}}`, string(answer))

	var meta struct {
		Version string `json:"version"`
	}
	require.NoError(t, json.Unmarshal(server.MustRequest(t, http.MethodGet, "/v1/meta", nil), &meta))
	assert.Equal(t, weaviatetest.DefaultVersion, meta.Version)
}
