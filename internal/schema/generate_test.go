package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// The generators make definitions of collections that a server could have: all
// data types, vectors and settings, and little of each, so that two of them often
// have members in common.

// object is a JSON object that a test changes.
type object = map[string]any

// primitives are the data types that name no collection, but for object.
var primitives = []string{
	"text", "text[]", "int", "int[]", "number", "number[]", "boolean", "boolean[]", "date", "date[]", "uuid", "uuid[]",
	"geoCoordinates", "phoneNumber", "blob", "blobHash",
}

// collectionNames are those that generated collections have and refer to.
var collectionNames = []string{"Author", "Book", "City", "Doc", "Event"}

// propertyNames hold those that are keys elsewhere.
var propertyNames = []string{"title", "description", "nestedProperties", "textAnalyzer", "properties", "name", "vectorIndexConfig", "indexFilterable"}

// sometimes sets the member in one of two draws.
func sometimes(t *rapid.T, value object, key string, draw func() any) {
	if rapid.Bool().Draw(t, "has "+key) {
		value[key] = draw()
	}
}

func oneOf[T any](t *rapid.T, label string, values ...T) T {
	return rapid.SampledFrom(values).Draw(t, label)
}

// generatedCollection is a collection of the name.
func generatedCollection(t *rapid.T, name string) object {
	definition := object{
		"class": name, "properties": generatedProperties(t, propertyNames, 0),
		"invertedIndexConfig": generatedInvertedIndex(t),
		"replicationConfig":   generatedReplication(t),
		"multiTenancyConfig":  object{"enabled": false, "autoTenantCreation": false},
		"shardingConfig":      object{"desiredCount": oneOf(t, "shards", 1, 3), "actualCount": oneOf(t, "actual shards", 1, 3), "function": "murmur3"},
	}
	if len(definition["properties"].([]any)) == 0 { //nolint:errcheck // it is one
		definition["properties"] = nil
	}
	sometimes(t, definition, "description", func() any { return oneOf(t, "text", "", "a \"b\"", "<&>\u2028\x00", "zwei") })
	if rapid.Bool().Draw(t, "multi-tenant") {
		definition["multiTenancyConfig"] = object{"enabled": true, "autoTenantCreation": rapid.Bool().Draw(t, "auto")}
		definition["shardingConfig"] = object{"desiredCount": 0, "actualCount": 0, "function": ""}
	}
	sometimes(t, definition, "moduleConfig", func() any { return generatedModules(t) })
	sometimes(t, definition, "objectTtlConfig", func() any {
		return object{"enabled": rapid.Bool().Draw(t, "ttl"), "deleteOn": "date", "defaultTtl": oneOf(t, "seconds", 60, 3600)}
	})
	if rapid.Bool().Draw(t, "named vectors") {
		vectors := object{}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3, rapid.ID).Draw(t, "vectors") {
			vectors[name] = generatedVector(t)
			vectors[name].(object)["vectorizer"] = oneOf(t, "vectorizer", object{"none": object{}}, //nolint:forcetypeassert,errcheck // made here
				object{"text2vec-openai": object{"model": "small", "sourceProperties": []any{"title"}}})
		}
		definition["vectorConfig"] = vectors
	} else {
		for key, value := range generatedVector(t) {
			definition[key] = value
		}
		definition["vectorizer"] = oneOf(t, "vectorizer", "none", "text2vec-openai")
	}
	return definition
}

// generatedProperties have other names each; nested ones go three deep.
func generatedProperties(t *rapid.T, names []string, depth int) []any {
	all := []any{}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 4, rapid.ID).Draw(t, "names") {
		property := object{"name": name}
		switch kind := oneOf(t, "kind", "primitive", "reference", "object"); {
		case kind == "object" && depth < 3:
			property["dataType"] = []any{oneOf(t, "object", "object", "object[]")}
			property["nestedProperties"] = generatedProperties(t, names, depth+1)
		case kind == "reference" && depth == 0:
			targets := []any{}
			for _, target := range rapid.SliceOfNDistinct(rapid.SampledFrom(collectionNames), 1, 3, rapid.ID).Draw(t, "targets") {
				targets = append(targets, target)
			}
			property["dataType"] = targets
		default:
			property["dataType"] = []any{rapid.SampledFrom(primitives).Draw(t, "primitive")}
		}
		sometimes(t, property, "description", func() any { return oneOf(t, "about", "x", "y") })
		sometimes(t, property, "tokenization", func() any { return oneOf(t, "tokenization", "word", "field") })
		sometimes(t, property, "indexFilterable", func() any { return rapid.Bool().Draw(t, "filterable") })
		sometimes(t, property, "textAnalyzer", func() any { return oneOf(t, "analyzer", object{}, object{"asciiFold": true}) })
		if depth == 0 {
			sometimes(t, property, "bucketGeneration", func() any { return oneOf(t, "generation", 1, 2) })
			sometimes(t, property, "moduleConfig", func() any {
				return object{"text2vec-openai": object{"skip": rapid.Bool().Draw(t, "skip")}}
			})
		}
		all = append(all, property)
	}
	return all
}

func generatedInvertedIndex(t *rapid.T) object {
	index := object{
		"bm25":                   object{"b": oneOf(t, "b", 0.75, 0.1), "k1": oneOf(t, "k1", 1.2, 2.0)},
		"cleanupIntervalSeconds": oneOf(t, "clean-up", 60, 5),
		"stopwords":              object{"preset": oneOf(t, "preset", "en", "none"), "additions": nil, "removals": []any{"a"}},
	}
	sometimes(t, index, "usingBlockMaxWAND", func() any { return rapid.Bool().Draw(t, "wand") })
	sometimes(t, index, "indexTimestamps", func() any { return true })
	sometimes(t, index, "stopwordPresets", func() any { return object{oneOf(t, "list", "p", "q"): []any{"x"}} })
	return index
}

func generatedReplication(t *rapid.T) object {
	replication := object{"factor": oneOf(t, "factor", 1, 3)}
	sometimes(t, replication, "asyncEnabled", func() any { return rapid.Bool().Draw(t, "async") })
	sometimes(t, replication, "deletionStrategy", func() any {
		return oneOf(t, "strategy", "DeleteOnConflict", "NoAutomatedResolution", "TimeBasedResolution")
	})
	return replication
}

func generatedModules(t *rapid.T) object {
	modules := object{}
	for _, name := range []string{"generative-openai", "generative-cohere", "reranker-cohere", "text2vec-openai"} {
		sometimes(t, modules, name, func() any {
			return object{"model": oneOf(t, "model", "a", "b"), "temperature": json.Number(oneOf(t, "number", "0.5", "1e+22", "5e-1"))}
		})
	}
	return modules
}

// generatedVector is the index of a vector and its type.
func generatedVector(t *rapid.T) object {
	hnsw := object{
		"distance": oneOf(t, "distance", "cosine", "dot"), "ef": oneOf(t, "ef", -1, 64), "maxConnections": oneOf(t, "connections", 32, 64),
		"pq": object{"enabled": rapid.Bool().Draw(t, "pq"), "encoder": object{"type": "kmeans"}},
	}
	sometimes(t, hnsw, "rq", func() any {
		return object{"enabled": rapid.Bool().Draw(t, "rq"), "bits": oneOf(t, "bits", 1, 4, 8)}
	})
	sometimes(t, hnsw, "multivector", func() any { return object{"enabled": rapid.Bool().Draw(t, "multi")} })
	flat := object{"distance": oneOf(t, "flat distance", "cosine", "dot"), "bq": object{"enabled": rapid.Bool().Draw(t, "bq"), "cache": false}}
	switch kind := oneOf(t, "index", "hnsw", "flat", "dynamic"); kind {
	case "hnsw":
		return object{"vectorIndexType": kind, "vectorIndexConfig": hnsw}
	case "flat":
		return object{"vectorIndexType": kind, "vectorIndexConfig": flat}
	default:
		return object{"vectorIndexType": kind, "vectorIndexConfig": object{"threshold": oneOf(t, "threshold", 10, 20), "hnsw": hnsw, "flat": flat}}
	}
}

// drawCollection is a generated collection of the name, as a definition.
func drawCollection(t *rapid.T, name string) schema.Collection {
	return collectionOf(t, generatedCollection(t, name))
}

// collectionOf is collection for a property test.
func collectionOf(t *rapid.T, definition object) schema.Collection {
	text, err := json.Marshal(definition)
	if err != nil {
		t.Fatal(err)
	}
	c, err := schema.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// define is a collection of the members that are given as JSON without braces.
func define(members ...string) schema.Collection {
	c, err := schema.Parse([]byte(`{"class":"A",` + strings.Join(members, ",") + `}`))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", members, err))
	}
	return c
}
