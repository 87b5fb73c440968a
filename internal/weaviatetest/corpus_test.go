package weaviatetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// refusals are the features that a server of DefaultVersion refuses even with
// CorpusEnv, and its words.
var refusals = map[string]string{
	"bad_name":         "'Not a name' is not a valid class name",
	"bad_property":     "'id' is a reserved property name",
	"cleanup_float":    `parsing objectClass body from "" failed, because json: cannot unmarshal number 12.5 into Go struct field InvertedIndexConfig.invertedIndexConfig.cleanupIntervalSeconds of type int64`,
	"legacy_module":    "module 'generative-openai': Wrong temperature configuration, values are between 0.0 and 1.0",
	"mt_shard":         "cannot have both shardingConfig and multiTenancyConfig",
	"ref_nowhere":      "bad request: reference property to nonexistent class",
	"repl_badstrategy": "replicationConfig.deletionStrategy in body should be one of [NoAutomatedResolution DeleteOnConflict TimeBasedResolution]",
	"repl_too_big":     "init sharding state: could not find enough weaviate nodes for replication: 1 available, 3 requested",
	"unknown_module":   `vectorizer: no module with name "text2vec-nowhere" present`,
	"unknown_type":     "property 't': invalid dataType: [money]: unknown primitive data type 'money'",
}

func TestCorpusIsTakenOrRefusedAsRecordedAndHoldsObjects(t *testing.T) {
	t.Parallel()
	server := Run(t, Options{Env: CorpusEnv()})
	corpus := Corpus(t)
	created, refused, err := server.loadCorpus(t.Context(), corpus)
	require.NoError(t, err)
	assert.Equal(t, refusals, refused)
	assert.Equal(t, corpusNames(t, corpus), created)
	assert.GreaterOrEqual(t, len(created), 40)

	var cycle struct {
		Properties []struct {
			Name     string   `json:"name"`
			DataType []string `json:"dataType"`
		} `json:"properties"`
	}
	require.NoError(t, json.Unmarshal(server.MustRequest(t, http.MethodGet, "/v1/schema/CycA", nil), &cycle))
	assert.Equal(t, []string{"CycB"}, cycle.Properties[1].DataType)

	const each = 3
	counts := map[string]any{}
	var query strings.Builder
	for i, name := range created {
		tenant, argument := "", ""
		if isMultiTenant(t, server, name) {
			tenant, argument = "hot", `(tenant:"hot")`
			server.AddTenants(t, name, Tenant{Name: tenant})
		}
		server.InsertObjects(t, name, tenant, each)
		fmt.Fprintf(&query, "c%d:%s%s{meta{count}} ", i, name, argument)
		counts[fmt.Sprintf("c%d", i)] = []map[string]any{{"meta": map[string]int{"count": each}}}
	}
	want, err := json.Marshal(map[string]any{"data": map[string]any{"Aggregate": counts}})
	require.NoError(t, err)
	got := server.MustRequest(t, http.MethodPost, "/v1/graphql", map[string]string{"query": "{Aggregate{" + query.String() + "}}"})
	assert.JSONEq(t, string(want), string(got))
}

// Without CorpusEnv, the same server takes less.
func TestCorpusNeedsItsEnvironment(t *testing.T) {
	t.Parallel()
	server := Run(t, Options{})
	needy := []string{"ttl", "ttl_prop", "gse", "kagome", "kagome_kr"}
	corpus := slices.DeleteFunc(Corpus(t), func(e CorpusEntry) bool { return !slices.Contains(needy, e.Feature) })
	created, refused, err := server.loadCorpus(t.Context(), corpus)
	require.NoError(t, err)
	assert.Empty(t, created)
	const ttl = "ObjectTTLConfig: enabling objectTTL requires a running background scheduler. Set OBJECTS_TTL_DELETE_SCHEDULE to activate it"
	assert.Equal(t, map[string]string{
		"ttl": ttl, "ttl_prop": ttl,
		"gse":       "the GSE tokenizer is not enabled; set 'ENABLE_TOKENIZER_GSE' to 'true' to enable",
		"kagome":    "the Japanese tokenizer is not enabled; set 'ENABLE_TOKENIZER_KAGOME_JA' to 'true' to enable",
		"kagome_kr": "the Korean tokenizer is not enabled; set 'ENABLE_TOKENIZER_KAGOME_KR' to 'true' to enable",
	}, refused)
}

// corpusNames are the collections of the corpus that are not to be refused.
func corpusNames(t *testing.T, corpus []CorpusEntry) []string {
	t.Helper()
	var names []string
	for _, entry := range corpus {
		var class struct {
			Class string `json:"class"`
		}
		require.NoError(t, json.Unmarshal(entry.Class, &class), entry.Feature)
		if _, refused := refusals[entry.Feature]; !refused {
			names = append(names, class.Class)
		}
	}
	slices.Sort(names)
	return names
}

func isMultiTenant(t *testing.T, server *Server, name string) bool {
	t.Helper()
	var class struct {
		MultiTenancyConfig struct {
			Enabled bool `json:"enabled"`
		} `json:"multiTenancyConfig"`
	}
	require.NoError(t, json.Unmarshal(server.MustRequest(t, http.MethodGet, "/v1/schema/"+name, nil), &class))
	return class.MultiTenancyConfig.Enabled
}
