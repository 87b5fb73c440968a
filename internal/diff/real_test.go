package diff_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/diff"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// reads is how often a server is read and compared.
const reads = 1000

// A server that nobody changes never drifts, in whatever order it, or the file,
// has its collections, keys and properties.
func TestRealNoDrift(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{})
	names := weaviatetest.LoadCorpus(t, server)
	require.GreaterOrEqual(t, len(names), 30)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	client, err := weaviate.New(weaviate.Options{URL: address})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	saved, err := diff.ReadLive(t.Context(), client, "saved", func() diff.Counterpart { return diff.Counterpart{} })
	require.NoError(t, err)

	random := rand.New(rand.NewPCG(1, 2))
	orders := make(map[string]bool)
	for range reads {
		base := saved
		base.Collections = nil
		for _, c := range saved.Collections {
			shuffled, err := schema.Parse(shuffle(t, random, json.RawMessage(c.Raw), ""))
			require.NoError(t, err)
			base.Collections = append(base.Collections, diff.Collection{Collection: shuffled, Tenants: c.Tenants})
		}
		orders[string(base.Collections[0].Raw)] = true
		live, err := diff.ReadLive(t.Context(), client, "live", func() diff.Counterpart { return diff.Counterpart{Names: names} })
		require.NoError(t, err)
		result, err := diff.Compare(base, live, diff.Options{})
		require.NoError(t, err)
		require.Empty(t, result.Changes)
		require.Equal(t, len(names), result.Collections)
	}
	assert.Greater(t, len(orders), reads/2, "they were shuffled")
	t.Logf("%d reads of %d collections, no drift", reads, len(names))
}

// shuffle puts the keys of all objects, and the properties, in another order.
func shuffle(t *testing.T, random *rand.Rand, raw json.RawMessage, key string) []byte {
	t.Helper()
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) == nil && object != nil {
		var keys []string
		for key := range object {
			keys = append(keys, key)
		}
		out := []byte{'{'}
		for i, at := range random.Perm(len(keys)) {
			if i > 0 {
				out = append(out, ',')
			}
			quoted, err := json.Marshal(keys[at])
			require.NoError(t, err)
			out = append(append(append(out, quoted...), ':'), shuffle(t, random, object[keys[at]], keys[at])...)
		}
		return append(out, '}')
	}
	var list []json.RawMessage
	if (key == "properties" || key == "nestedProperties") && json.Unmarshal(raw, &list) == nil && list != nil {
		out := []byte{'['}
		for i, at := range random.Perm(len(list)) {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, shuffle(t, random, list[at], "")...)
		}
		return append(out, ']')
	}
	return raw
}
