package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// What the mutations do not tell; the sources are those of the rules.
func TestClassify(t *testing.T) {
	t.Parallel()
	const (
		hnsw    = `"vectorIndexType":"hnsw",`
		flat    = `"vectorIndexType":"flat",`
		dynamic = `"vectorIndexType":"dynamic",`
	)
	for name, test := range map[string]struct {
		before, after, version string
		want                   schema.Class
	}{
		"the first property":               {`"properties":null`, `"properties":[{"name":"a"}]`, "1.27.0", schema.Additive},
		"the last property":                {`"properties":[{"name":"a"}]`, `"properties":null`, "1.39.0", schema.Recreate},
		"properties that have one name":    {`"properties":[{"name":"a"},{"name":"a"}]`, `"properties":[{"name":"a"}]`, "1.39.0", schema.Recreate},
		"a property called description":    {`"properties":null`, `"properties":[{"name":"description"}]`, "1.39.0", schema.Additive},
		"a nested one called description":  {`"properties":[{"name":"o","nestedProperties":null}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"description"}]}]`, "1.39.0", schema.Recreate},
		"its description":                  {`"properties":[{"name":"o","nestedProperties":[{"name":"description"}]}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"description","description":"x"}]}]`, "1.39.0", schema.InPlace},
		"a property's description, 1.30":   {`"properties":[{"name":"a","description":"x"}]`, `"properties":[{"name":"a"}]`, "1.30.0", schema.InPlace},
		"a property's description, 1.29":   {`"properties":[{"name":"a","description":"x"}]`, `"properties":[{"name":"a"}]`, "1.29.0", schema.Recreate},
		"a module of a property, 1.30":     {`"properties":[{"name":"a"}]`, `"properties":[{"name":"a","moduleConfig":{"m":{"skip":true}}}]`, "1.30.0", schema.InPlace},
		"a module of a property, 1.29":     {`"properties":[{"name":"a"}]`, `"properties":[{"name":"a","moduleConfig":{"m":{"skip":true}}}]`, "1.29.0", schema.Recreate},
		"a second module of a property":    {`"properties":[{"name":"a","moduleConfig":{"n":{}}}]`, `"properties":[{"name":"a","moduleConfig":{"m":{},"n":{}}}]`, "1.39.0", schema.InPlace},
		"a setting of a property's module": {`"properties":[{"name":"a","moduleConfig":{"m":{}}}]`, `"properties":[{"name":"a","moduleConfig":{"m":{"skip":true}}}]`, "1.39.0", schema.Recreate},
		"an index of a property, 1.39":     {`"properties":[{"name":"a","indexRangeFilters":false}]`, `"properties":[{"name":"a","indexRangeFilters":true}]`, "1.39.0", schema.IndexTask},
		"an index of a property, 1.35":     {`"properties":[{"name":"a","indexRangeFilters":false}]`, `"properties":[{"name":"a","indexRangeFilters":true}]`, "1.35.2", schema.Recreate},
		"an index of a nested property":    {`"properties":[{"name":"o","nestedProperties":[{"name":"a","indexFilterable":true}]}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"a","indexFilterable":false}]}]`, "1.39.0", schema.Recreate},
		"the index of the first servers":   {`"properties":[{"name":"a"}]`, `"properties":[{"name":"a","indexInverted":true}]`, "1.39.0", schema.Recreate},
		"a property called textAnalyzer":   {`"properties":[{"name":"textAnalyzer"}]`, `"properties":null`, "1.27.0", schema.Recreate},
		"a text analyzer on an old server": {`"properties":[{"name":"a"}]`, `"properties":[{"name":"a","textAnalyzer":{"asciiFold":true}}]`, "1.36.0", schema.NoEffect},
		"a text analyzer":                  {`"properties":[{"name":"a"}]`, `"properties":[{"name":"a","textAnalyzer":{"asciiFold":true}}]`, "1.37.0", schema.Recreate},
		"blobHash on an old server":        {`"properties":[{"name":"a","dataType":["blob"]}]`, `"properties":[{"name":"a","dataType":["blobHash"]}]`, "1.36.0", schema.Recreate},
		"a strategy that is refused":       {`"replicationConfig":{"deletionStrategy":"DeleteOnConflict"}`, `"replicationConfig":{"deletionStrategy":"TimeBasedResolution"}`, "1.27.0", schema.Recreate},
		"a strategy of an old server":      {`"replicationConfig":{"deletionStrategy":"DeleteOnConflict"}`, `"replicationConfig":{"deletionStrategy":"NoAutomatedResolution"}`, "1.27.0", schema.InPlace},
		"a lower factor":                   {`"replicationConfig":{"factor":3}`, `"replicationConfig":{"factor":2}`, "1.39.0", schema.InPlace},
		"a higher factor":                  {`"replicationConfig":{"factor":2}`, `"replicationConfig":{"factor":10}`, "1.39.0", schema.Recreate},

		"the first generative module":      {`"x":1`, `"x":1,"moduleConfig":{"generative-a":{},"reranker-b":{}}`, "1.28.0", schema.InPlace},
		"the first on an old server":       {`"x":1`, `"x":1,"moduleConfig":{"generative-a":{}}`, "1.27.0", schema.Recreate},
		"the first two generative modules": {`"x":1`, `"x":1,"moduleConfig":{"generative-a":{},"generative-b":{}}`, "1.39.0", schema.Recreate},
		"the first vectorizer":             {`"x":1`, `"x":1,"moduleConfig":{"text2vec-a":{},"generative-b":{}}`, "1.39.0", schema.Recreate},
		"no module any more":               {`"moduleConfig":{"generative-a":{}}`, `"x":1`, "1.39.0", schema.Recreate},
		"a setting of one of two":          {`"moduleConfig":{"generative-a":{},"generative-b":{"m":1}}`, `"moduleConfig":{"generative-a":{},"generative-b":{"m":2}}`, "1.39.0", schema.Recreate},
		"a setting that is removed":        {`"moduleConfig":{"text2vec-a":{},"generative-b":{"m":1}}`, `"moduleConfig":{"text2vec-a":{},"generative-b":{}}`, "1.39.0", schema.InPlace},

		"named vectors, 1.31":              {`"vectorConfig":{"a":{}}`, `"vectorConfig":{"a":{},"b":{}}`, "1.31.0", schema.Additive},
		"named vectors, 1.30":              {`"vectorConfig":{"a":{}}`, `"vectorConfig":{"a":{},"b":{}}`, "1.30.0", schema.Recreate},
		"the first named vectors":          {hnsw + `"x":1`, hnsw + `"x":1,"vectorConfig":{"b":{}}`, "1.31.0", schema.Additive},
		"the first named vectors, 1.30":    {hnsw + `"x":1`, hnsw + `"x":1,"vectorConfig":{"b":{}}`, "1.30.0", schema.Recreate},
		"default beside an unnamed vector": {hnsw + `"vectorConfig":{"a":{}}`, hnsw + `"vectorConfig":{"a":{},"default":{}}`, "1.39.0", schema.Recreate},
		"default beside named vectors":     {`"vectorConfig":{"a":{}}`, `"vectorConfig":{"a":{},"default":{}}`, "1.39.0", schema.Additive},
		"a setting of the vector default":  {`"vectorConfig":{"default":{"vectorIndexType":"hnsw","vectorIndexConfig":{"ef":1}}}`, `"vectorConfig":{"default":{"vectorIndexType":"hnsw","vectorIndexConfig":{"ef":2}}}`, "1.39.0", schema.InPlace},
		"the settings of a vectorizer":     {`"vectorConfig":{"a":{"vectorizer":{"m":{"x":1}}}}`, `"vectorConfig":{"a":{"vectorizer":{"m":{"x":2}}}}`, "1.39.0", schema.Recreate},

		"1 bit where rq was off":            {hnsw + `"vectorIndexConfig":{"rq":{"enabled":false,"bits":8}}`, hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"bits":1}}`, "1.39.0", schema.InPlace},
		"1 bit where rq was on":             {hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"bits":8}}`, hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"bits":1}}`, "1.39.0", schema.Recreate},
		"centering where rq was off":        {hnsw + `"vectorIndexConfig":{"rq":{"enabled":false,"centering":false}}`, hnsw + `"vectorIndexConfig":{"rq":{"enabled":false,"centering":true}}`, "1.39.3", schema.InPlace},
		"centering where rq was on":         {hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"centering":false}}`, hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"centering":true}}`, "1.39.3", schema.Recreate},
		"centering on an old server":        {hnsw + `"vectorIndexConfig":{"rq":{"enabled":true}}`, hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"centering":true}}`, "1.39.2", schema.NoEffect},
		"another training limit":            {hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"trainingLimit":10000}}`, hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"trainingLimit":500}}`, "1.39.3", schema.InPlace},
		"4 bits on an old server":           {hnsw + `"vectorIndexConfig":{"rq":{"enabled":false,"bits":8}}`, hnsw + `"vectorIndexConfig":{"rq":{"enabled":false,"bits":4}}`, "1.38.0", schema.Recreate},
		"1 bit of a flat index":             {flat + `"vectorIndexConfig":{"rq":{"enabled":false,"bits":8}}`, flat + `"vectorIndexConfig":{"rq":{"enabled":false,"bits":1}}`, "1.39.0", schema.Recreate},
		"rq of a flat index, 1.33":          {flat + `"vectorIndexConfig":{"ef":1}`, flat + `"vectorIndexConfig":{"ef":1,"rq":{"enabled":true,"cache":false}}`, "1.33.0", schema.NoEffect},
		"rq, 1.33":                          {hnsw + `"vectorIndexConfig":{"ef":1}`, hnsw + `"vectorIndexConfig":{"ef":1,"rq":{"enabled":true}}`, "1.33.0", schema.InPlace},
		"default quantization, 1.36":        {hnsw + `"vectorIndexConfig":{"skipDefaultQuantization":false}`, hnsw + `"vectorIndexConfig":{"skipDefaultQuantization":true}`, "1.36.0", schema.Recreate},
		"default quantization, 1.37":        {hnsw + `"vectorIndexConfig":{"skipDefaultQuantization":false}`, hnsw + `"vectorIndexConfig":{"skipDefaultQuantization":true}`, "1.37.0", schema.InPlace},
		"default quantization, named":       {`"vectorConfig":{"a":{"vectorIndexType":"hnsw","vectorIndexConfig":{"skipDefaultQuantization":false}}}`, `"vectorConfig":{"a":{"vectorIndexType":"hnsw","vectorIndexConfig":{"skipDefaultQuantization":true}}}`, "1.35.15", schema.Recreate},
		"default quantization, named flat":  {`"vectorConfig":{"a":{"vectorIndexType":"flat","vectorIndexConfig":{"skipDefaultQuantization":false}}}`, `"vectorConfig":{"a":{"vectorIndexType":"flat","vectorIndexConfig":{"skipDefaultQuantization":true}}}`, "1.39.0", schema.Recreate},
		"named flat, before that":           {`"vectorConfig":{"a":{"vectorIndexType":"flat","vectorIndexConfig":{"skipDefaultQuantization":false}}}`, `"vectorConfig":{"a":{"vectorIndexType":"flat","vectorIndexConfig":{"skipDefaultQuantization":true}}}`, "1.35.2", schema.InPlace},
		"an index that was skipped":         {hnsw + `"vectorIndexConfig":{"skip":true}`, hnsw + `"vectorIndexConfig":{"skip":false}`, "1.39.0", schema.Recreate},
		"an index to skip":                  {hnsw + `"vectorIndexConfig":{"skip":false}`, hnsw + `"vectorIndexConfig":{"skip":true}`, "1.39.0", schema.InPlace},
		"bits where rq goes off":            {hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"bits":1}}`, hnsw + `"vectorIndexConfig":{"rq":{"enabled":false,"bits":8}}`, "1.39.0", schema.InPlace},
		"bits where rq stays on":            {hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"bits":1}}`, hnsw + `"vectorIndexConfig":{"rq":{"enabled":true,"bits":8}}`, "1.39.0", schema.Recreate},
		"default quantization, flat":        {flat + `"vectorIndexConfig":{"skipDefaultQuantization":false}`, flat + `"vectorIndexConfig":{"skipDefaultQuantization":true}`, "1.35.2", schema.InPlace},
		"the cache of a flat index":         {flat + `"vectorIndexConfig":{"bq":{"enabled":true,"cache":false}}`, flat + `"vectorIndexConfig":{"bq":{"enabled":true,"cache":true}}`, "1.27.0", schema.InPlace},
		"multi-vectors":                     {hnsw + `"vectorIndexConfig":{"multivector":{"enabled":false}}`, hnsw + `"vectorIndexConfig":{"multivector":{"enabled":true}}`, "1.39.0", schema.Recreate},
		"the hnsw half of a dynamic index":  {dynamic + `"vectorIndexConfig":{"hnsw":{"ef":1}}`, dynamic + `"vectorIndexConfig":{"hnsw":{"ef":2}}`, "1.39.0", schema.InPlace},
		"the flat half of a dynamic index":  {dynamic + `"vectorIndexConfig":{"flat":{"rq":{"enabled":false}}}`, dynamic + `"vectorIndexConfig":{"flat":{"rq":{"enabled":true}}}`, "1.39.0", schema.Recreate},
		"an index of an unknown type":       {`"vectorIndexType":"new","vectorIndexConfig":{"ef":1}`, `"vectorIndexType":"new","vectorIndexConfig":{"ef":2}`, "1.39.0", schema.Recreate},
		"a named vector has a type its own": {flat + `"vectorConfig":{"a":{"vectorIndexType":"hnsw","vectorIndexConfig":{"ef":1}}}`, flat + `"vectorConfig":{"a":{"vectorIndexType":"hnsw","vectorIndexConfig":{"ef":2}}}`, "1.39.0", schema.InPlace},
		"MUVERA on an old server":           {hnsw + `"vectorIndexConfig":{"multivector":{"enabled":true}}`, hnsw + `"vectorIndexConfig":{"multivector":{"enabled":true,"muvera":{"enabled":true}}}`, "1.30.0", schema.NoEffect},
		"1 bit on an old server":            {hnsw + `"vectorIndexConfig":{"rq":{"enabled":false,"bits":8}}`, hnsw + `"vectorIndexConfig":{"rq":{"enabled":false,"bits":1}}`, "1.32.0", schema.Recreate},
		"HFresh on an old server":           {hnsw + `"x":1`, `"vectorIndexType":"hfresh","x":1`, "1.35.2", schema.Recreate},
		"a key of the future":               {`"future":1`, `"future":2`, "1.39.0", schema.Recreate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := define(test.before)
			differences, err := schema.Compare(before, define(test.after))
			require.NoError(t, err)
			require.NotEmpty(t, differences)
			changes, err := schema.Classify(before, differences, test.version)
			require.NoError(t, err)
			assert.Equal(t, test.want, worst(changes), describe(changes))
		})
	}
}

// What the settings of an index can be changed to says nothing where the index becomes
// one of another type; those of other vectors are as they were.
func TestClassifySettingsOfAnotherIndex(t *testing.T) {
	t.Parallel()
	define := func(index, ef string) schema.Collection {
		c, err := schema.Parse([]byte(`{"class":"Doc","vectorIndexType":"` + index + `","properties":[{"name":"vectorIndexConfig","dataType":["text"],"description":"` + ef + `"}],"vectorConfig":{
			"a":{"vectorIndexType":"` + index + `","vectorIndexConfig":{"ef":` + ef + `,"bq":{"enabled":false,"rescoreLimit":` + ef + `}}},
			"b":{"vectorIndexType":"hnsw","vectorIndexConfig":{"ef":` + ef + `}}}}`))
		require.NoError(t, err)
		return c
	}
	before := define("hnsw", "1")
	differences, err := schema.Compare(before, define("flat", "2"))
	require.NoError(t, err)
	changes, err := schema.Classify(before, differences, "1.39.0")
	require.NoError(t, err)
	classes := make(map[string]schema.Class)
	var consequences []string
	for _, change := range changes {
		classes[change.Path.String()] = change.Class
		if change.Consequence {
			consequences = append(consequences, change.Path.String())
		}
	}
	assert.Equal(t, map[string]schema.Class{
		"vectorConfig.a.vectorIndexType":                   schema.Recreate,
		"vectorConfig.a.vectorIndexConfig.ef":              schema.Recreate,
		"vectorConfig.a.vectorIndexConfig.bq.rescoreLimit": schema.Recreate,
		"vectorConfig.b.vectorIndexConfig.ef":              schema.InPlace,
		"vectorIndexType":                                  schema.Recreate,
		"properties.vectorIndexConfig.description":         schema.InPlace,
	}, classes)
	assert.ElementsMatch(t, []string{"vectorConfig.a.vectorIndexConfig.ef", "vectorConfig.a.vectorIndexConfig.bq.rescoreLimit"}, consequences)
}

func TestClassifyRefusesBadJSON(t *testing.T) {
	t.Parallel()
	_, err := schema.Classify(schema.Collection{Raw: []byte(`{"class":`)}, []schema.Difference{{Path: schema.Path{"x"}}}, "1.39.0")
	require.Error(t, err)
}

// Every line of the table says all that people want to know, and the last one
// fits everything.
func TestRules(t *testing.T) {
	t.Parallel()
	rules := schema.Rules()
	for _, rule := range rules {
		for _, text := range []string{rule.Path, rule.What, rule.Reason, rule.Source} {
			assert.NotEmpty(t, text, rule.Path)
		}
		assert.Contains(t, severity[1:], rule.Class, rule.Path)
	}
	last := rules[len(rules)-1]
	assert.Equal(t, "**", last.Path)
	assert.Equal(t, schema.Recreate, last.Class)
}

// Each difference gets a class and a reason, in its order; and a change is never
// additive but of a property or of a vector.
func TestClassifyAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := drawCollection(t, "Doc")
		differences, err := schema.Compare(before, drawCollection(t, "Doc"))
		require.NoError(t, err)
		changes, err := schema.Classify(before, differences, oneOf(t, "version", "1.27.0", "1.30.0", "1.35.2", "1.39.0", "nightly"))
		require.NoError(t, err)
		require.Len(t, changes, len(differences))
		for i, change := range changes {
			require.Equal(t, differences[i], change.Difference)
			require.NotEmpty(t, change.Reason)
			if change.Class == schema.Additive {
				require.True(t, change.Added())
				require.True(t, change.Path.Fits("properties.*") || change.Path.Fits("vectorConfig") || change.Path.Fits("vectorConfig.*"), change.Path)
			}
		}
	})
}

// Servers since 1.30 refuse every PUT of a collection that has a nested property
// with indexRangeFilters (run on 1.35.2 and 1.39.0; 1.27.0 takes it).
func TestClassifyNestedRange(t *testing.T) {
	t.Parallel()
	const nested = `"properties":[{"name":"o","dataType":["object"],"nestedProperties":[{"name":"n","dataType":["int"],"indexRangeFilters":true}]}`
	before := define(`"description":"a"`, nested+`]`)
	after := define(`"description":"b"`, nested+`,{"name":"new","dataType":["int"]}]`)
	differences, err := schema.Compare(before, after)
	require.NoError(t, err)
	for version, want := range map[string]schema.Class{"1.27.0": schema.InPlace, "1.35.2": schema.Recreate, "1.39.0": schema.Recreate} {
		changes, err := schema.Classify(before, differences, version)
		require.NoError(t, err)
		require.Len(t, changes, 2)
		assert.Equal(t, want, changes[0].Class, version)
		assert.Equal(t, schema.Additive, changes[1].Class, "a property is added by another endpoint")
	}
}

// The work grows with the number of differences, not with its square.
func TestClassifyGrowsLinearly(t *testing.T) {
	allocations := func(n int) float64 {
		var properties, described []string
		for i := range n {
			properties = append(properties, fmt.Sprintf(`{"name":"p%d"}`, i))
			described = append(described, fmt.Sprintf(`{"name":"p%d","description":"d"}`, i))
		}
		define := func(properties []string) schema.Collection {
			c, err := schema.Parse([]byte(`{"class":"A","properties":[` + strings.Join(properties, ",") + `]}`))
			require.NoError(t, err)
			return c
		}
		a := define(properties)
		differences, err := schema.Compare(a, define(described))
		require.NoError(t, err)
		require.Len(t, differences, n)
		return testing.AllocsPerRun(1, func() {
			_, err := schema.Classify(a, differences, "1.39.0")
			require.NoError(t, err)
		})
	}
	assert.Less(t, allocations(800), 3*allocations(400))
}
