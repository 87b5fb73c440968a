package weaviate_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

func itoa(n int) string { return strconv.Itoa(n) }

// many is a fake server with n collections, C0000 with no object, C0001 with
// one, and so on.
func many(t *testing.T, n int, faults ...weaviatetest.Fault) (*weaviatetest.Fake, *weaviate.Client, []weaviate.CountTarget) {
	t.Helper()
	var targets []weaviate.CountTarget
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Classes, c.Tenants, c.Aliases, c.Counts = nil, nil, nil, make(map[string]int64)
		for i := range n {
			name := fmt.Sprintf("C%04d", i)
			c.Classes = append(c.Classes, []byte(`{"class":"`+name+`"}`))
			c.Counts[name] = int64(i)
			targets = append(targets, weaviate.CountTarget{Collection: name})
		}
		c.Faults = faults
	})
	client, _ := connect(t, server.URL)
	return server, client, targets
}

func TestCountsInChunks(t *testing.T) {
	t.Parallel()
	server, client, targets := many(t, 250)
	var settled atomic.Int64
	counts, err := client.Counts(t.Context(), targets, func(n int) { settled.Add(int64(n)) })
	require.NoError(t, err)
	require.Len(t, counts, 250)
	for i, count := range counts {
		require.NoError(t, count.Err)
		assert.Equal(t, int64(i), count.Objects)
	}
	assert.Equal(t, int64(250), settled.Load())
	assert.Len(t, server.Requests(), 3, "100 in each")
}

func TestCountsOfNothing(t *testing.T) {
	t.Parallel()
	server, client, _ := many(t, 0)
	counts, err := client.Counts(t.Context(), nil, nil)
	require.NoError(t, err)
	assert.Empty(t, counts)
	assert.Empty(t, server.Requests())
}

// A collection that vanished makes the server refuse the whole request; the
// others in it are counted all the same.
func TestCountsOfVanishedCollections(t *testing.T) {
	t.Parallel()
	server, client, targets := many(t, 150)
	require.NoError(t, server.Update(func(c *weaviatetest.FakeConfig) {
		c.Classes = append(c.Classes[:70:70], c.Classes[71:]...)
	}))
	counts, err := client.Counts(t.Context(), targets, nil)
	require.NoError(t, err)
	for i, count := range counts {
		if i == 70 {
			require.ErrorContains(t, count.Err, `Cannot query field "C0070"`)
			continue
		}
		require.NoError(t, count.Err, i)
		assert.Equal(t, int64(i), count.Objects)
	}
}

func TestCountsOfTenants(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t)
	counts, err := client.Counts(t.Context(), []weaviate.CountTarget{
		{"Shop", "t1"}, {"Article", ""}, {"Shop", "t3"}, {"Shop", "nobody"}, {"Shop", ""}, {"Shop", `x") evil`}, {`A{evil}`, ""},
	}, nil)
	require.NoError(t, err)
	assert.Equal(t, weaviate.Count{Objects: 3}, counts[0])
	assert.Equal(t, weaviate.Count{Objects: 250}, counts[1])
	require.ErrorContains(t, counts[2].Err, "tenant not active")
	require.ErrorContains(t, counts[3].Err, "tenant not found")
	require.ErrorContains(t, counts[4].Err, "multi-tenancy enabled")
	require.ErrorContains(t, counts[5].Err, "can't be part of a GraphQL query")
	require.ErrorContains(t, counts[6].Err, "can't be part of a GraphQL query")
}

// Where counting as a whole does not work, every count says why, and nobody
// asks for hundreds of them one by one.
func TestCountsWhereNoneCanBeHad(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault weaviatetest.Fault
		want  string
	}{
		"forbidden":           {weaviatetest.Fault{Status: 403, Body: `{"error":[{"message":"due to GraphQL introspection"}]}`}, "403 Forbidden: due to GraphQL introspection"},
		"switched off":        {weaviatetest.Fault{Status: 422, Body: `{"error":[{"message":"graphql api is disabled"}]}`}, "graphql api is disabled"},
		"broken":              {weaviatetest.Fault{Status: 500}, "500 Internal Server Error"},
		"lost":                {weaviatetest.Fault{Do: weaviatetest.DoReset}, "connection reset by peer"},
		"an error as a whole": {weaviatetest.Fault{Body: `{"data":null,"errors":[{"message":"no can do"}]}`}, "no can do"},
		"nonsense":            {weaviatetest.Fault{Body: `{}`}, `neither "data" nor "errors"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.fault.Path = "/v1/graphql"
			server, client, targets := many(t, 250, test.fault)
			counts, err := client.Counts(t.Context(), targets, nil)
			require.NoError(t, err)
			require.Len(t, counts, 250)
			for i, count := range counts {
				require.ErrorContains(t, count.Err, test.want, i)
			}
			assert.LessOrEqual(t, len(server.Requests()), 9)
		})
	}
}

// An answer that lacks a count, or has one that can't be, is no count.
func TestCountsThatAreNone(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"null":        `{"data":{"Aggregate":{"c0":null}}}`,
		"absent":      `{"data":{"Aggregate":{}}}`,
		"no group":    `{"data":{"Aggregate":{"c0":[]}}}`,
		"no meta":     `{"data":{"Aggregate":{"c0":[{}]}}}`,
		"a null":      `{"data":{"Aggregate":{"c0":[{"meta":{"count":null}}]}}}`,
		"negative":    `{"data":{"Aggregate":{"c0":[{"meta":{"count":-1}}]}}}`,
		"a fraction":  `{"data":{"Aggregate":{"c0":[{"meta":{"count":1.5}}]}}}`,
		"a word":      `{"data":{"Aggregate":{"c0":[{"meta":{"count":"7"}}]}}}`,
		"two groups":  `{"data":{"Aggregate":{"c0":[{"meta":{"count":1}},{"meta":{"count":2}}]}}}`,
		"other alias": `{"data":{"Aggregate":{"c1":[{"meta":{"count":1}}]}}}`,
		"silent":      `{"errors":[{}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, client, _ := fake(t, weaviatetest.Fault{Path: "/v1/graphql", Body: answer})
			counts, err := client.Counts(t.Context(), []weaviate.CountTarget{{Collection: "Article"}}, nil)
			require.NoError(t, err)
			require.ErrorContains(t, counts[0].Err, "neither a count nor a reason")
		})
	}
}

// An error without a path is of all counts that are missing.
func TestCountsWithAnErrorOfAll(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t, weaviatetest.Fault{
		Path: "/v1/graphql",
		Body: `{"data":{"Aggregate":{"c0":null}},"errors":[{"message":"shard c1","path":["Aggregate","c1"]},{"message":"out of memory"}]}`,
	})
	counts, err := client.Counts(t.Context(), []weaviate.CountTarget{{Collection: "Article"}}, nil)
	require.NoError(t, err)
	require.EqualError(t, counts[0].Err, "out of memory")
}

// Shards that a server still loads after a restart are asked for again, and
// only they.
func TestCountsOfShardsThatAreLoading(t *testing.T) {
	t.Parallel()
	loading := `{"data":{"Aggregate":{"c0":[{"meta":{"count":7}}],"c1":null}},"errors":[{"message":"tried to browse non-existing index for Article","path":["Aggregate","c1"]}]}`
	targets := []weaviate.CountTarget{{Collection: "Author"}, {Collection: "Article"}}
	t.Run("that end to", func(t *testing.T) {
		t.Parallel()
		server, client, _ := fake(t, weaviatetest.Fault{Path: "/v1/graphql", Body: loading, Times: 1})
		counts, err := client.Counts(t.Context(), targets, nil)
		require.NoError(t, err)
		assert.Equal(t, []weaviate.Count{{Objects: 7}, {Objects: 250}}, counts)
		require.Len(t, server.Requests(), 2)
		assert.NotContains(t, server.Received()[1].Body, "Author")
	})
	t.Run("that do not", func(t *testing.T) {
		t.Parallel()
		server, client, _ := fake(t, weaviatetest.Fault{Path: "/v1/graphql", Body: loading, Times: 1},
			weaviatetest.Fault{Path: "/v1/graphql", Body: strings.NewReplacer("c0", "x", "c1", "c0").Replace(loading)})
		counts, err := client.Counts(t.Context(), targets, nil)
		require.NoError(t, err)
		assert.Equal(t, int64(7), counts[0].Objects)
		require.ErrorContains(t, counts[1].Err, "tried to browse non-existing index")
		assert.Len(t, server.Requests(), 3)
	})
}

// A node of a cluster learns of a new collection a moment after the leader; until
// then its GraphQL does not know it, or any.
func TestCountsOfCollectionsThatANodeDoesNotKnowYet(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]weaviatetest.Fault{
		"one": {Body: `{"data":null,"errors":[{"message":"Cannot query field \"Author\" on type \"AggregateObjectsObj\"."}]}`, Contains: "Author", Times: 2},
		"all": {Status: 422, Body: `{"error":[{"message":"no graphql provider present, this is most likely because no schema is present. Import a schema first!"}]}`, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			late.Path = "/v1/graphql"
			_, client, _ := fake(t, late)
			counts, err := client.Counts(t.Context(), []weaviate.CountTarget{{Collection: "Author"}, {Collection: "Article"}}, nil)
			require.NoError(t, err)
			assert.Equal(t, []weaviate.Count{{Objects: 7}, {Objects: 250}}, counts)
		})
	}
}

func TestCountsEndWithTheContext(t *testing.T) {
	t.Parallel()
	server, client, targets := many(t, 10)
	ctx, cancel := cancelled(t, errors.New("stopped by a test"))
	cancel()
	_, err := client.Counts(ctx, targets, nil)
	require.ErrorContains(t, err, "count objects: stopped by a test")
	assert.Empty(t, server.Requests())
}
