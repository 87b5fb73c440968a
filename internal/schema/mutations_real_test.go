package schema_test

import (
	"flag"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

var versions = flag.String("versions", weaviatetest.DefaultVersion, "servers that TestRealMutations tries: exact versions with commas between")

// TestRealMutations makes the changes of testdata/mutations on real servers, and
// holds what they do against the classes of the changes.
func TestRealMutations(t *testing.T) {
	t.Parallel()
	for version := range strings.SplitSeq(*versions, ",") {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			env := weaviatetest.CorpusEnv()
			env["ENABLE_MODULES"] = "text2vec-openai,generative-openai,generative-cohere,reranker-cohere"
			server := weaviatetest.Run(t, weaviatetest.Options{Version: version, Env: env})
			server.MustRequest(t, http.MethodPost, "/v1/schema", object{"class": "Tgt"})
			apart := specialsOfPatch(version)
			agreeing, skipped, set := 0, 0, 0
			for _, m := range mutations(t, "1.39.0") {
				changes, tried := m.try(t, server)
				class, key := worst(changes), m.Base+" "+m.Change
				reason, special := apart[key]
				switch {
				case !tried:
					skipped++
				case special:
					set++
					assert.Equal(t, reason.class, class, "%s: %s", key, reason.reason)
				case assert.True(t, m.agrees(class), "%s: %d, changed %v: %s", key, m.Status, m.Changed, describe(changes)):
					agreeing++
				}
			}
			ofHFresh := 0
			if !schema.AtLeast(version, "1.36") {
				ofHFresh = 5
			}
			assert.Equal(t, ofHFresh, skipped, "of an index that the server does not have")
			t.Logf("%s: %d mutations as the server showed, %d with a reason why not, %d not tried there", version, agreeing, set, skipped)
		})
	}
}

// specialsOfPatch are those that the three recorded servers did not show, too.
func specialsOfPatch(version string) map[string]special {
	all := specials(version)
	is := func(from, to string) bool { return schema.AtLeast(version, from) && !schema.AtLeast(version, to) }
	if is("1.27.15", "1.30") {
		const words = "the server takes it into the definition, but not into the indexes"
		all["LEG properties/1/indexRangeFilters=true"] = special{schema.Recreate, words}
		all[`LEG properties/4/dataType=["Tgt", "Mut"]`] = special{schema.Recreate, words}
		all["LEG nested: add one"] = special{schema.Recreate, words}
		all["LEG properties: reversed order"] = special{"", ordered}
	}
	if is("1.33", "1.37") {
		all["RQ vectorIndexConfig/rq/bits=1"] = special{schema.Recreate, vectors}
		all["FLAT vectorIndexConfig/rq/enabled=true"] = special{schema.Recreate, "no server shows a flat index with rq but without its cache"}
		all[`NAMED vectorConfig/a/vectorIndexType="flat"`] = special{schema.Recreate, panics}
		for _, change := range ofVectorizers {
			all[change] = special{schema.Recreate, vectors}
		}
	}
	if is("1.37", "1.38") {
		all[`NAMED vectorConfig/a/vectorIndexType="none"`] = special{schema.Recreate, invalid}
	}
	return all
}

// try makes the mutation on the server, and says in m what came of it. tried is
// false where the server does not take the collection that it begins with.
func (m *mutation) try(t *testing.T, server *weaviatetest.Server) (changes []schema.Change, tried bool) {
	t.Helper()
	base := mutationBase(t, "1.39.0", m.Base) // of which an older server takes what it knows
	at(t, base, "replicationConfig")["deletionStrategy"] = "NoAutomatedResolution"
	if m.Base == "MT" {
		delete(base, "shardingConfig") // refused beside multi-tenancy, though servers show it
	}
	status, answer, err := server.Request(t.Context(), http.MethodPost, "/v1/schema", base)
	require.NoError(t, err)
	if status != http.StatusOK {
		t.Logf("%s %s: %s", m.Base, m.Change, answer)
		return nil, false
	}
	before := server.MustRequest(t, http.MethodGet, "/v1/schema/Mut", nil)
	after := parseObject(t, string(before))
	mutate(t, after, m.Change)
	m.Status, _, err = server.Request(t.Context(), http.MethodPut, "/v1/schema/Mut", after)
	require.NoError(t, err)
	now := server.MustRequest(t, http.MethodGet, "/v1/schema/Mut", nil)
	server.MustRequest(t, http.MethodDelete, "/v1/schema/Mut", nil)

	was, err := schema.Parse(before)
	require.NoError(t, err)
	is, err := schema.Parse(now)
	require.NoError(t, err)
	differences, err := schema.Compare(was, is)
	require.NoError(t, err)
	m.Changed = len(differences) > 0
	differences, err = schema.Compare(was, collection(t, after))
	require.NoError(t, err)
	changes, err = schema.Classify(was, differences, server.Version)
	require.NoError(t, err)
	return changes, true
}

// TestRealVectorChanges makes changes that the recorded ones lack, of a vector with and
// without a name: one is in place where the server takes it and has it then.
func TestRealVectorChanges(t *testing.T) {
	t.Parallel()
	hnsw := func(config object) object { return object{"vectorIndexType": "hnsw", "vectorIndexConfig": config} }
	flat := func(config object) object { return object{"vectorIndexType": "flat", "vectorIndexConfig": config} }
	rq := func(enabled bool, bits int) object {
		return hnsw(object{"rq": object{"enabled": enabled, "bits": bits}})
	}
	cases := []struct{ before, after object }{
		{hnsw(object{"skip": true}), hnsw(object{"skip": false})},
		{hnsw(object{"skip": false}), hnsw(object{"skip": true})},
		{hnsw(object{"skipDefaultQuantization": true}), hnsw(object{"skipDefaultQuantization": false})},
		{hnsw(object{"skipDefaultQuantization": false}), hnsw(object{"skipDefaultQuantization": true})},
		{flat(object{"skipDefaultQuantization": true}), flat(object{"skipDefaultQuantization": false})},
		{flat(object{"skipDefaultQuantization": false}), flat(object{"skipDefaultQuantization": true})},
		{rq(true, 1), rq(false, 1)},
		{rq(true, 1), rq(false, 8)},
		{rq(true, 1), rq(true, 8)},
		{rq(false, 1), rq(true, 1)},
		{rq(false, 8), rq(true, 1)},
		{rq(false, 8), rq(false, 1)},
		{hnsw(object{"ef": 7, "vectorCacheMaxObjects": 8}), flat(object{"vectorCacheMaxObjects": 9})},
		{flat(object{"vectorCacheMaxObjects": 9}), hnsw(object{"vectorCacheMaxObjects": 8})},
	}
	for version := range strings.SplitSeq(*versions, ",") {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			server := weaviatetest.Run(t, weaviatetest.Options{Version: version})
			define := func(vector object, named bool) object {
				definition := maps.Clone(vector)
				if named {
					definition["vectorizer"] = object{"none": object{}}
					definition = object{"vectorConfig": object{"v": definition}}
				}
				definition["class"] = "Vec"
				return definition
			}
			for _, c := range cases {
				for _, named := range []bool{false, true} {
					if named && !schema.AtLeast(version, "1.24") {
						continue
					}
					server.MustRequest(t, http.MethodPost, "/v1/schema", define(c.after, named))
					wanted := collection(t, parseObject(t, string(server.MustRequest(t, http.MethodGet, "/v1/schema/Vec", nil))))
					server.MustRequest(t, http.MethodDelete, "/v1/schema/Vec", nil)
					server.MustRequest(t, http.MethodPost, "/v1/schema", define(c.before, named))
					was := collection(t, parseObject(t, string(server.MustRequest(t, http.MethodGet, "/v1/schema/Vec", nil))))
					status, _, err := server.Request(t.Context(), http.MethodPut, "/v1/schema/Vec", parseObject(t, string(wanted.Raw)))
					require.NoError(t, err)
					is := collection(t, parseObject(t, string(server.MustRequest(t, http.MethodGet, "/v1/schema/Vec", nil))))
					server.MustRequest(t, http.MethodDelete, "/v1/schema/Vec", nil)

					left, err := schema.Compare(is, wanted)
					require.NoError(t, err)
					differences, err := schema.Compare(was, wanted)
					require.NoError(t, err)
					changes, err := schema.Classify(was, differences, version)
					require.NoError(t, err)
					if len(changes) > 0 { // else the server has no such setting
						assert.Equal(t, status == http.StatusOK && len(left) == 0, worst(changes) == schema.InPlace, "%v to %v, named %v: %d, %v", c.before, c.after, named, status, describe(changes))
					}
				}
			}
		})
	}
}
