package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	const oldServer, newServer = "1.35.2", "1.39.0"
	for name, test := range map[string]struct {
		before, after, version string
		// counts and fresh say whether the difference counts, for a collection
		// that was there and for one that was just made.
		counts, fresh bool
	}{
		"BlockMax WAND that the server chose":   {`"invertedIndexConfig":{"usingBlockMaxWAND":false}`, `"invertedIndexConfig":{"usingBlockMaxWAND":true}`, newServer, false, false},
		"BlockMax WAND of a newer server":       {`"invertedIndexConfig":{}`, `"invertedIndexConfig":{"usingBlockMaxWAND":true}`, newServer, false, false},
		"BlockMax WAND on an older server":      {`"invertedIndexConfig":{"usingBlockMaxWAND":true}`, `"invertedIndexConfig":{}`, oldServer, false, false},
		"another setting of the inverted index": {`"invertedIndexConfig":{"indexTimestamps":false}`, `"invertedIndexConfig":{"indexTimestamps":true}`, newServer, true, true},

		"asyncEnabled where it is derived":   {`"replicationConfig":{"asyncEnabled":true}`, `"replicationConfig":{"asyncEnabled":false}`, newServer, false, false},
		"asyncEnabled where it is gone":      {`"replicationConfig":{"asyncEnabled":true}`, `"replicationConfig":{}`, newServer, false, false},
		"asyncEnabled where it is a setting": {`"replicationConfig":{"asyncEnabled":true}`, `"replicationConfig":{"asyncEnabled":false}`, oldServer, true, true},
		"asyncEnabled added, off":            {`"replicationConfig":{}`, `"replicationConfig":{"asyncEnabled":false}`, oldServer, false, false},
		"asyncEnabled added, on":             {`"replicationConfig":{}`, `"replicationConfig":{"asyncEnabled":true}`, oldServer, true, false},
		"the factor":                         {`"replicationConfig":{"factor":1}`, `"replicationConfig":{"factor":2}`, newServer, true, true},

		"a worker of asynchronous replication":            {`"replicationConfig":{"asyncConfig":{"maxWorkers":3}}`, `"replicationConfig":{"asyncConfig":{}}`, newServer, false, false},
		"the same where it is a setting":                  {`"replicationConfig":{"asyncConfig":{"maxWorkers":3}}`, `"replicationConfig":{"asyncConfig":{}}`, "1.37.2", true, true},
		"another number of workers":                       {`"replicationConfig":{"asyncConfig":{"maxWorkers":3}}`, `"replicationConfig":{"asyncConfig":{"maxWorkers":4}}`, newServer, true, true},
		"another setting of it lost":                      {`"replicationConfig":{"asyncConfig":{"frequency":3}}`, `"replicationConfig":{"asyncConfig":{}}`, newServer, true, true},
		"all of asynchronous replication lost":            {`"replicationConfig":{"asyncConfig":{"maxWorkers":3}}`, `"replicationConfig":{}`, newServer, true, true},
		"a factor of 0":                                   {`"replicationConfig":{"factor":0}`, `"replicationConfig":{"factor":3}`, newServer, false, false},
		"a factor of 0 on the other side":                 {`"replicationConfig":{"factor":3}`, `"replicationConfig":{"factor":0}`, newServer, false, false},
		"a range index of a nested property lost":         {`"properties":[{"name":"o","nestedProperties":[{"name":"n","indexRangeFilters":true}]}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"n","indexRangeFilters":false}]}]`, newServer, false, true},
		"a range index of a nested property lost, 1.26.7": {`"properties":[{"name":"o","nestedProperties":[{"name":"n","indexRangeFilters":true}]}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"n","indexRangeFilters":false}]}]`, "1.26.7", true, true},
		"a range index of a nested property lost, 1.39.5": {`"properties":[{"name":"o","nestedProperties":[{"name":"n","indexRangeFilters":true}]}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"n","indexRangeFilters":false}]}]`, "1.39.5", false, true},
		"a range index of a nested property lost, 1.39.6": {`"properties":[{"name":"o","nestedProperties":[{"name":"n","indexRangeFilters":true}]}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"n","indexRangeFilters":false}]}]`, "1.39.6", true, true},
		"a range index of one inside that":                {`"properties":[{"name":"o","nestedProperties":[{"name":"n","nestedProperties":[{"name":"m","indexRangeFilters":true}]}]}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"n","nestedProperties":[{"name":"m","indexRangeFilters":false}]}]}]`, newServer, false, true},
		"a range index of a nested property gained":       {`"properties":[{"name":"o","nestedProperties":[{"name":"n","indexRangeFilters":false}]}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"n","indexRangeFilters":true}]}]`, newServer, true, true},
		"a range index of a property lost":                {`"properties":[{"name":"n","indexRangeFilters":true}]`, `"properties":[{"name":"n","indexRangeFilters":false}]`, newServer, true, true},
		"a zero of BM25 that newer servers show":          {`"invertedIndexConfig":{"bm25":{"k1":1.2}}`, `"invertedIndexConfig":{"bm25":{"b":0,"k1":1.2}}`, newServer, false, false},
		"a zero of BM25 that older ones don't":            {`"invertedIndexConfig":{"bm25":{"b":0,"k1":1.2}}`, `"invertedIndexConfig":{"bm25":{"k1":1.2}}`, oldServer, false, false},
		"a value of BM25 lost":                            {`"invertedIndexConfig":{"bm25":{"b":0.75,"k1":1.2}}`, `"invertedIndexConfig":{"bm25":{"k1":1.2}}`, newServer, true, true},
		"a value of BM25 that became zero":                {`"invertedIndexConfig":{"bm25":{"b":0.75,"k1":1.2}}`, `"invertedIndexConfig":{"bm25":{"b":0,"k1":1.2}}`, newServer, true, true},
		"the default training limit added":                {`"vectorIndexConfig":{"rq":{"bits":8}}`, `"vectorIndexConfig":{"rq":{"bits":8,"trainingLimit":10000}}`, "1.39.3", false, false},
		"the default training limit lost":                 {`"vectorIndexConfig":{"rq":{"bits":8,"trainingLimit":10000}}`, `"vectorIndexConfig":{"rq":{"bits":8}}`, newServer, false, false},
		"the default of HFresh added":                     {`"vectorIndexConfig":{"rq":{"bits":8}}`, `"vectorIndexConfig":{"rq":{"bits":8,"trainingLimit":0}}`, "1.39.3", false, false},
		"another training limit added":                    {`"vectorIndexConfig":{"rq":{"bits":8}}`, `"vectorIndexConfig":{"rq":{"bits":8,"trainingLimit":5000}}`, "1.39.3", true, false},
		"another training limit":                          {`"vectorIndexConfig":{"rq":{"bits":8,"trainingLimit":10000}}`, `"vectorIndexConfig":{"rq":{"bits":8,"trainingLimit":5000}}`, "1.39.3", true, true},
		"centering of rotational quantization":            {`"vectorIndexConfig":{"rq":{"bits":4}}`, `"vectorIndexConfig":{"rq":{"bits":4,"centering":false}}`, "1.39.3", false, false},
		"centering of rotational quantization, on":        {`"vectorIndexConfig":{"rq":{"bits":4,"centering":true}}`, `"vectorIndexConfig":{"rq":{"bits":4}}`, newServer, true, true},

		"a deletion strategy added":    {`"replicationConfig":{}`, `"replicationConfig":{"deletionStrategy":"DeleteOnConflict"}`, newServer, false, false},
		"a deletion strategy lost":     {`"replicationConfig":{"deletionStrategy":"DeleteOnConflict"}`, `"replicationConfig":{}`, newServer, true, true},
		"the only one of old servers":  {`"replicationConfig":{"deletionStrategy":"NoAutomatedResolution"}`, `"replicationConfig":{}`, "1.24.25", false, false},
		"the same where there is more": {`"replicationConfig":{"deletionStrategy":"NoAutomatedResolution"}`, `"replicationConfig":{}`, "1.24.26", true, true},
		"another one lost":             {`"replicationConfig":{"deletionStrategy":"DeleteOnConflict"}`, `"replicationConfig":{}`, "1.23.9", true, true},
		"sweeping of a newer server":   {`"vectorIndexConfig":{"filterStrategy":"sweeping"}`, `"vectorIndexConfig":{}`, "1.26.18", false, false},
		"acorn of a newer server":      {`"vectorIndexConfig":{"filterStrategy":"acorn"}`, `"vectorIndexConfig":{}`, "1.26.18", true, true},
		"another deletion strategy":    {`"replicationConfig":{"deletionStrategy":"DeleteOnConflict"}`, `"replicationConfig":{"deletionStrategy":"TimeBasedResolution"}`, newServer, true, true},
		"a filter strategy added":      {`"vectorIndexConfig":{}`, `"vectorIndexConfig":{"filterStrategy":"acorn"}`, newServer, false, false},
		"a named vector's":             {`"vectorConfig":{"a":{"vectorIndexConfig":{"hnsw":{}}}}`, `"vectorConfig":{"a":{"vectorIndexConfig":{"hnsw":{"filterStrategy":"acorn"}}}}`, newServer, false, false},
		"a filter strategy lost":       {`"vectorIndexConfig":{"filterStrategy":"acorn"}`, `"vectorIndexConfig":{}`, newServer, true, true},
		"another filter strategy":      {`"vectorIndexConfig":{"filterStrategy":"acorn"}`, `"vectorIndexConfig":{"filterStrategy":"sweeping"}`, newServer, true, true},

		"a feature added, off":            {`"vectorIndexConfig":{}`, `"vectorIndexConfig":{"rq":{"bits":8,"enabled":false}}`, newServer, false, false},
		"a feature added, on":             {`"vectorIndexConfig":{}`, `"vectorIndexConfig":{"rq":{"bits":8,"enabled":true}}`, newServer, true, true},
		"a feature dropped, off":          {`"vectorIndexConfig":{"rq":{"bits":8,"enabled":false}}`, `"vectorIndexConfig":{}`, oldServer, false, false},
		"a feature dropped, on":           {`"vectorIndexConfig":{"rq":{"bits":8,"enabled":true}}`, `"vectorIndexConfig":{}`, oldServer, true, true},
		"a feature switched on":           {`"vectorIndexConfig":{"rq":{"enabled":false}}`, `"vectorIndexConfig":{"rq":{"enabled":true}}`, newServer, true, true},
		"a feature switched off":          {`"vectorIndexConfig":{"rq":{"enabled":true}}`, `"vectorIndexConfig":{"rq":{"enabled":false}}`, newServer, true, true},
		"the default quantization's mark": {`"vectorIndexConfig":{}`, `"vectorIndexConfig":{"trackDefaultQuantization":true}`, newServer, false, false},
		"the mark of a named vector":      {`"vectorConfig":{"a":{"vectorIndexConfig":{"trackDefaultQuantization":true}}}`, `"vectorConfig":{"a":{"vectorIndexConfig":{"trackDefaultQuantization":false}}}`, newServer, false, false},
		"an opt-out that is switched on":  {`"vectorIndexConfig":{"skipDefaultQuantization":false}`, `"vectorIndexConfig":{"skipDefaultQuantization":true}`, newServer, true, true},
		"an older setting, off":           {`"vectorIndexConfig":{"pq":{"enabled":false}}`, `"vectorIndexConfig":{}`, newServer, true, true},
		"a text analyzer dropped":         {`"properties":[{"name":"t","textAnalyzer":{"asciiFold":true}}]`, `"properties":[{"name":"t"}]`, oldServer, true, true},
		"duplicated references, not off":  {`"properties":[{"name":"t","disableDuplicatedReferences":false}]`, `"properties":[{"name":"t"}]`, oldServer, false, false},

		"a key of the future":                {`"x":1`, `"x":1,"future":{"level":3}`, newServer, true, false},
		"a key of the future, on":            {`"x":1`, `"x":1,"future":{"deep":{"enabled":true},"mode":1}`, newServer, true, true},
		"a switch of the future, on":         {`"x":1`, `"x":1,"future":true`, newServer, true, false},
		"a switch of a future index, on":     {`"vectorIndexConfig":{}`, `"vectorIndexConfig":{"future":true}`, newServer, true, true},
		"an index of a property":             {`"properties":[{"name":"a"}]`, `"properties":[{"name":"a","indexFilterable":true}]`, newServer, true, false},
		"a setting of a module, on":          {`"moduleConfig":{"m":{}}`, `"moduleConfig":{"m":{"vectorizeClassName":true}}`, newServer, true, false},
		"multi-tenancy switched on":          {`"multiTenancyConfig":{}`, `"multiTenancyConfig":{"enabled":true}`, newServer, true, true},
		"a switch of the future, off":        {`"x":1`, `"x":1,"future":false`, newServer, true, false},
		"a setting of the future":            {`"vectorIndexConfig":{"ef":1}`, `"vectorIndexConfig":{"ef":1,"future":"fast"}`, newServer, true, false},
		"a property's default":               {`"properties":[{"name":"a"}]`, `"properties":[{"name":"a","tokenization":"word"}]`, newServer, true, false},
		"a default of one with a key's name": {`"properties":[{"name":"nestedProperties"}]`, `"properties":[{"name":"nestedProperties","tokenization":"word"}]`, newServer, true, false},
		"a module's default":                 {`"moduleConfig":{"m":{}}`, `"moduleConfig":{"m":{"model":"x"}}`, newServer, true, false},
		"a key lost":                         {`"x":1,"y":null`, `"x":1`, newServer, true, true},
		"a value of another kind":            {`"x":1`, `"x":"1"`, newServer, true, true},

		"a property added":        {`"properties":[{"name":"a"}]`, `"properties":[{"name":"a"},{"name":"b"}]`, newServer, true, true},
		"the first property":      {`"properties":null`, `"properties":[{"name":"a"}]`, newServer, true, true},
		"properties added":        {`"x":1`, `"x":1,"properties":[{"name":"a"}]`, newServer, true, true},
		"a nested property added": {`"properties":[{"name":"o","nestedProperties":[{"name":"x"}]}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"x"},{"name":"y"}]}]`, newServer, true, true},
		"nested properties added": {`"properties":[{"name":"o"}]`, `"properties":[{"name":"o","nestedProperties":[{"name":"x"}]}]`, newServer, true, true},
		"a vector added":          {`"vectorConfig":{"a":{}}`, `"vectorConfig":{"a":{},"b":{}}`, newServer, true, true},
		"the first vector":        {`"x":1`, `"x":1,"vectorConfig":{"b":{}}`, newServer, true, true},
		"a module added":          {`"moduleConfig":{"m":{}}`, `"moduleConfig":{"m":{},"n":{}}`, newServer, true, true},
		"the first module":        {`"x":1`, `"x":1,"moduleConfig":{"n":{}}`, newServer, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			differences, err := schema.Compare(define(test.before), define(test.after))
			require.NoError(t, err)
			require.Len(t, differences, 1)
			for _, judged := range []struct {
				how    string
				judge  func([]schema.Difference, string) (count, allowed []schema.Difference)
				counts bool
			}{{"standing", schema.Judge, test.counts}, {"fresh", schema.JudgeFresh, test.fresh}} {
				count, allowed := judged.judge(differences, test.version)
				if judged.counts {
					assert.Equal(t, differences, count, judged.how)
					assert.Empty(t, allowed)
				} else {
					assert.Equal(t, differences, allowed, judged.how)
					assert.Empty(t, count)
				}
			}
		})
	}
}

// The corpus of each version, created on another, differs as was seen there, and
// nothing of it counts unless a feature was lost.
func TestJudgeOfAnUpgrade(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"LegacyNone", "Named", "NamedDyn", "Flat", "Pq", "Bq", "Sq", "Mt", "Nest", "Shard3"} {
		before, after := collection(t, corpus(t, "1.27.0", name)), corpus(t, "1.39.0", name)
		at(t, after, "replicationConfig")["deletionStrategy"] = "DeleteOnConflict" // explicit values survive
		for _, index := range indexes(after) {
			if index["filterStrategy"] != nil {
				index["filterStrategy"] = "sweeping"
			}
		}
		differences, err := schema.Compare(before, collection(t, after))
		require.NoError(t, err)
		require.NotEmpty(t, differences, name)
		count, allowed := schema.Judge(differences, "1.39.0")
		assert.Empty(t, lines(count), name)
		assert.Equal(t, differences, allowed)
	}
}

// indexes are all the settings of vector indexes in a definition, the halves of
// dynamic ones too.
func indexes(value any) []object {
	members, ok := value.(object)
	if !ok {
		return nil
	}
	all := []object{members}
	for _, inside := range members {
		all = append(all, indexes(inside)...)
	}
	return all
}

func TestLeniencies(t *testing.T) {
	t.Parallel()
	for _, leniency := range schema.Leniencies() {
		for _, text := range []string{leniency.Path, leniency.What, leniency.Reason, leniency.Source} {
			assert.NotEmpty(t, text, leniency.Path)
		}
	}
}

// Each difference goes to one side, in its order; and a server that has just made
// the collection is never judged more strictly.
func TestJudgeParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		differences, err := schema.Compare(drawCollection(t, "Doc"), drawCollection(t, "Doc"))
		require.NoError(t, err)
		version := oneOf(t, "version", "1.27.0", "1.35.2", "1.39.0")
		count, allowed := schema.Judge(differences, version)
		fresh, _ := schema.JudgeFresh(differences, version)
		require.Len(t, differences, len(count)+len(allowed))
		for _, d := range fresh {
			require.Contains(t, count, d)
		}
		for _, d := range differences {
			if !d.Added() && !d.Removed() && !d.Path.Fits("invertedIndexConfig.usingBlockMaxWAND") && !d.Path.Fits("replicationConfig.asyncEnabled") && !d.Path.Fits("replicationConfig.factor") {
				require.Contains(t, fresh, d, "a value that was given is another now")
			}
		}
	})
}
