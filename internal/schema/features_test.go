package schema_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

const (
	timeBased = "deletion strategy TimeBasedResolution (replicationConfig.deletionStrategy, since 1.27.5 (1.26.11, 1.25.34))"
	rq        = "rotational quantization (vectorIndexConfig.rq, since 1.32)"
	rq1       = "rotational quantization to 1 bit (vectorIndexConfig.rq.bits, since 1.33)"
	rq4       = "rotational quantization to 4 bits (vectorIndexConfig.rq.bits, since 1.39)"
	ttl       = "object time-to-live (objectTtlConfig, since 1.35)"
	userDict  = "tokenizer user dictionary (invertedIndexConfig.tokenizerUserDict, since 1.35 (1.34.1))"
	asyncConf = "settings of asynchronous replication (replicationConfig.asyncConfig, since 1.36 (1.35.6, 1.34.13))"
	presets   = "stopword presets (invertedIndexConfig.stopwordPresets, since 1.37)"
	analyzer  = "text analyzer (properties.t.textAnalyzer, since 1.37)"
	blobHash  = "data type blobHash (properties.bh.dataType, since 1.37)"
	hfresh    = "HFresh index (vectorIndexType, since 1.36)"
	hfreshOfH = "HFresh index (vectorConfig.h.vectorIndexType, since 1.36)"
)

// uses are those of a corpus, by collection, that a server of the version does
// not know.
func uses(t *testing.T, from, to string) map[string][]string {
	t.Helper()
	collections, err := schema.Split(answer(t, from))
	require.NoError(t, err)
	all := make(map[string][]string)
	for _, c := range collections {
		if found := notIn(t, c, to); found != nil {
			all[c.Name] = found
		}
	}
	return all
}

// notIn are those of one definition.
func notIn(t *testing.T, c schema.Collection, version string) []string {
	t.Helper()
	found, err := c.NotIn(version)
	require.NoError(t, err)
	var uses []string
	for _, use := range found {
		uses = append(uses, use.String())
	}
	return uses
}

func TestNotIn(t *testing.T) {
	t.Parallel()
	multi := []string{
		"multi-vectors (vectorConfig.c.vectorIndexConfig.multivector, since 1.29)",
		"multi-vectors (vectorConfig.m.vectorIndexConfig.multivector, since 1.29)",
		"MUVERA encoding (vectorConfig.m.vectorIndexConfig.multivector.muvera, since 1.31)",
	}
	flatRq := []string{rq, "rotational quantization of a flat index (vectorIndexConfig.rq, since 1.34)"}

	assert.Equal(t, map[string][]string{
		"BlobHash": {blobHash},
		"Hfresh":   {hfresh},
		"HfreshN":  {hfreshOfH},
		"ReplAC":   {asyncConf},
		"Rq4":      {rq4},
		"TextAn":   {presets, analyzer},
	}, uses(t, "1.39.0", "1.35.2"))

	assert.Equal(t, map[string][]string{
		"FlatRq":    flatRq,
		"MultiVec":  multi,
		"ReplAsync": {timeBased},
		"Rq1":       {rq, rq1},
		"Rq8":       {rq},
		"Ttl":       {ttl},
		"TtlP":      {ttl},
		"UDict":     {userDict},
	}, uses(t, "1.35.2", "1.27.0"))

	old := uses(t, "1.39.0", "1.27.0")
	collections, err := schema.Split(answer(t, "1.39.0"))
	require.NoError(t, err)
	for _, c := range collections { // it is the default of 1.39.0
		if c.Name == "ReplNo" {
			assert.NotContains(t, old, c.Name)
			continue
		}
		assert.Contains(t, old[c.Name], timeBased, c.Name)
		old[c.Name] = remove(old[c.Name], timeBased)
		if len(old[c.Name]) == 0 {
			delete(old, c.Name)
		}
	}
	ofH := func(use string) string { return strings.Replace(use, "(", "(vectorConfig.h.", 1) }
	assert.Equal(t, map[string][]string{
		"BlobHash": {blobHash},
		"FlatRq":   flatRq,
		"Hfresh":   {rq, rq1, hfresh},
		"HfreshN":  {ofH(rq), ofH(rq1), hfreshOfH},
		"MultiVec": multi,
		"ReplAC":   {asyncConf},
		"Rq1":      {rq, rq1},
		"Rq4":      {rq, rq4},
		"Rq8":      {rq},
		"TextAn":   {presets, analyzer},
		"Ttl":      {ttl},
		"TtlP":     {ttl},
		"UDict":    {userDict},
	}, old)
}

func remove(list []string, text string) []string {
	var rest []string
	for _, element := range list {
		if element != text {
			rest = append(rest, element)
		}
	}
	return rest
}

func TestNotInOfTheSameOrANewerServer(t *testing.T) {
	t.Parallel()
	for _, way := range [][2]string{
		{"1.27.0", "1.27.0"},
		{"1.35.2", "1.35.2"},
		{"1.39.0", "1.39.0"},
		{"1.27.0", "1.35.2"},
		{"1.27.0", "1.39.0"},
		{"1.35.2", "1.39.0"},
		{"1.39.0", "1.40.0"},
		{"1.39.0", "nightly"},
	} {
		assert.Empty(t, uses(t, way[0], way[1]), "%s on %s", way[0], way[1])
	}
}

func TestNotInLooksAtValues(t *testing.T) {
	t.Parallel()
	for members, want := range map[string][]string{
		`"replicationConfig":{"deletionStrategy":"DeleteOnConflict","asyncConfig":{}}`:    nil,
		`"objectTtlConfig":{"deleteOn":"date"}`:                                           {ttl},
		`"objectTtlConfig":{"enabled":false,"deleteOn":"date"}`:                           nil,
		`"objectTtlConfig":null`:                                                          nil,
		`"vectorIndexConfig":{"rq":{"bits":1,"enabled":false}}`:                           nil,
		`"vectorIndexConfig":{"rq":{"bits":8,"enabled":true}}`:                            {rq},
		`"vectorIndexConfig":{"multivector":{"enabled":false,"muvera":{"enabled":true}}}`: nil,
		`"vectorIndexConfig":{"hnsw":{"skipDefaultQuantization":true}}`: {
			"opt-out of the default quantization (vectorIndexConfig.hnsw.skipDefaultQuantization, since 1.33 (1.32.5))",
		},
		`"vectorIndexConfig":{"trackDefaultQuantization":true}`: {
			"mark of the default quantization (vectorIndexConfig.trackDefaultQuantization, since 1.33 (1.32.5))",
		},
		`"properties":[{"name":"r","disableDuplicatedReferences":false}]`: nil,
		`"properties":[{"name":"r","disableDuplicatedReferences":true}]`: {
			"refusal of duplicated references (properties.r.disableDuplicatedReferences, since 1.36)",
		},
		`"properties":[{"name":"t","textAnalyzer":{"asciiFold":true}}]`: {analyzer},
		`"properties":[{"name":"t","textAnalyzer":{}}]`:                 nil,
		`"properties":[{"name":"o","nestedProperties":[{"name":"t","textAnalyzer":{"asciiFold":true}},{"name":"b","dataType":["blobHash"]}]}]`: {
			"data type blobHash (properties.o.nestedProperties.b.dataType, since 1.37)",
			"text analyzer (properties.o.nestedProperties.t.textAnalyzer, since 1.37)",
		},
	} {
		assert.Equal(t, want, notIn(t, define(members), "1.27.0"), members)
	}
}

// Servers of 1.23 lose or refuse more, but no default that newer ones show.
func TestNotInOfTheOldestServers(t *testing.T) {
	t.Parallel()
	for members, want := range map[string][]string{
		`"vectorConfig":{"a":{"vectorIndexType":"flat","vectorIndexConfig":{"bq":{"enabled":true,"cache":true}}}}`: {"named vectors (vectorConfig, since 1.24)"},
		`"vectorIndexConfig":{"bq":{"enabled":true,"cache":true}}`:                                                 nil,
		`"vectorIndexConfig":{"bq":{"enabled":true}}`:                                                              {"binary quantization of an HNSW index (vectorIndexConfig.bq, since 1.24)"},
		`"vectorIndexConfig":{"bq":{"enabled":false},"sq":{"enabled":false},"filterStrategy":"sweeping"}`:          nil,
		`"vectorIndexConfig":{"filterStrategy":"acorn"}`:                                                           {"choice of a filter strategy (vectorIndexConfig.filterStrategy, since 1.27)"},
		`"vectorConfig":{},"multiTenancyConfig":{"autoTenantCreation":false,"autoTenantActivation":false}`:         nil,
		`"replicationConfig":{"asyncEnabled":false,"deletionStrategy":"NoAutomatedResolution"}`:                    nil,
		`"replicationConfig":{"deletionStrategy":"DeleteOnConflict"}`: {
			"choice of a deletion strategy (replicationConfig.deletionStrategy, since 1.27 (1.26.7, 1.25.34, 1.24.26))",
		},
	} {
		assert.Equal(t, want, notIn(t, define(members), "1.23.9"), members)
	}
}

// People may call a property like a key.
func TestNotInOfAPropertyThatIsCalledLikeAKey(t *testing.T) {
	t.Parallel()
	c := define(`"properties":[{"name":"textAnalyzer","dataType":["text"]},{"name":"disableDuplicatedReferences","dataType":["int"]},` +
		`{"name":"vectorIndexConfig","dataType":["object"],"nestedProperties":[{"name":"rq","dataType":["text"]},{"name":"textAnalyzer","dataType":["text"]}]},` +
		`{"name":"vectorIndexType","dataType":["text"]}]`)
	found, err := c.NotIn("1.27.0")
	require.NoError(t, err)
	assert.Empty(t, found)
}

// Each line of the table speaks of a place that is there: in the corpus, or in
// a definition of what the corpus has no sample of.
func TestFeaturesAreReal(t *testing.T) {
	t.Parallel()
	collections, err := schema.Split(answer(t, "1.39.0"))
	require.NoError(t, err)
	collections = append(collections,
		define(`"vectorConfig":{"d":{"vectorIndexType":"dynamic"}},"vectorIndexConfig":{"bq":{"enabled":true},"sq":{"enabled":true},"filterStrategy":"acorn"}`),
		define(`"multiTenancyConfig":{"autoTenantCreation":true,"autoTenantActivation":true},"replicationConfig":{"asyncEnabled":true}`),
		define(`"properties":[{"name":"t","tokenization":"trigram"},{"name":"g","tokenization":"gse"},{"name":"k","tokenization":"kagome_kr"},{"name":"n","indexRangeFilters":true}]`),
		define(`"vectorIndexConfig":{"skipDefaultQuantization":true,"trackDefaultQuantization":true}`),
		define(`"vectorIndexConfig":{"rq":{"enabled":true,"bits":4,"centering":true,"trainingLimit":5000}}`),
		define(`"properties":[{"name":"r","dataType":["A"],"disableDuplicatedReferences":true}]`),
		define(`"properties":[{"name":"c","dataType":["text"],"tokenization":"gse_ch"},{"name":"j","dataType":["text"],"tokenization":"kagome_ja"}]`))
	used := make(map[string]bool)
	for _, c := range collections {
		found, err := c.NotIn("1.23.0")
		require.NoError(t, err)
		for _, use := range found {
			assert.True(t, use.At.Fits(use.Path), use)
			used[use.Name] = true
		}
	}
	last := "1.23"
	for _, feature := range schema.Features() {
		assert.True(t, used[feature.Name], feature.Name)
		assert.True(t, schema.AtLeast(feature.Since, "1.24"), feature.Since)
		assert.True(t, schema.AtLeast(feature.Since, last), "%s: in the order of the releases", feature.Name)
		last = feature.Since
	}
	assert.Len(t, used, len(schema.Features()), "each has a name of its own")
}

// A newer server never knows less.
func TestNotInShrinks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCollection(t, "Doc")
		last := -1
		for _, version := range []string{"1.39.0", "1.37.0", "1.35.2", "1.33.0", "1.31.0", "1.27.0", "1.25.0", "1.23.0"} {
			found, err := c.NotIn(version)
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(found), last)
			last = len(found)
		}
	})
}

// A patch of an earlier release may have what the release before it has not.
func TestNotInOfBackports(t *testing.T) {
	t.Parallel()
	async := define(`"replicationConfig":{"asyncConfig":{"frequency":1}}`)
	for version, want := range map[string]int{
		"1.34.0": 1, "1.34.12": 1, "1.34.13": 0, "1.34.20": 0, "1.35.0": 1, "1.35.5": 1, "1.35.6": 0, "1.35.23": 0, "1.36.0": 0, "1.33.18": 1, "2.0.0": 0, "nightly": 0,
	} {
		found, err := async.NotIn(version)
		require.NoError(t, err)
		assert.Len(t, found, want, version)
	}
}

// 1.36 switched HFresh on for everybody (usecases/config/environment.go).
func TestNotInOfHFresh(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"1.35.2": 1, "1.36.0": 0, "1.37.0": 0} {
		found, err := define(`"vectorIndexType":"hfresh"`).NotIn(version)
		require.NoError(t, err)
		assert.Len(t, found, want, version)
	}
}
