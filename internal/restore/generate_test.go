package restore_test

import (
	"fmt"

	"pgregory.net/rapid"
)

// The generators make what Weaviate 1.39.0 accepts: a definition that it refuses
// is a mistake here.

// object is a JSON object.
type object = map[string]any

// drawn is a server's content: collections, with the references that are added
// when all of them are there, and tenants.
type drawn struct {
	collections []object
	references  []reference
	tenants     map[string][]object
}

type reference struct {
	collection string
	property   object
}

func oneOf[T any](t *rapid.T, label string, values ...T) T {
	return rapid.SampledFrom(values).Draw(t, label)
}

func yes(t *rapid.T, label string) bool { return rapid.Bool().Draw(t, label) }

// drawServer draws one to three collections that refer to one another.
func drawServer(t *rapid.T) drawn {
	names := []string{"Ape", "Bee", "Cat"}[:rapid.IntRange(1, 3).Draw(t, "collections")]
	d := drawn{tenants: map[string][]object{}}
	for _, name := range names {
		d.collections = append(d.collections, drawCollection(t, d, name))
		for i := range rapid.IntRange(0, 2).Draw(t, "references") {
			targets := []string{oneOf(t, "target", names...)}
			if other := oneOf(t, "second target", names...); other != targets[0] {
				targets = append(targets, other)
			}
			d.references = append(d.references, reference{name, object{"name": fmt.Sprintf("r%d", i), "dataType": targets}})
		}
	}
	return d
}

func drawCollection(t *rapid.T, d drawn, name string) object {
	c := object{
		"class": name, "properties": drawProperties(t, 0),
		"description": oneOf(t, "description", "", "plain", "a \"b\" \\ \n::error::x", "<b>&\u2028\u0000\U0001F600"),
	}
	inverted := object{
		"bm25":                   object{"b": oneOf(t, "b", 0.75, 0.1), "k1": oneOf(t, "k1", 1.2, 2.0)},
		"cleanupIntervalSeconds": oneOf(t, "clean-up", 60, 5),
		"stopwords":              object{"preset": oneOf(t, "preset", "en", "none"), "additions": oneOf(t, "additions", nil, []string{"foo"})},
		"indexNullState":         yes(t, "null state"), "indexPropertyLength": yes(t, "property length"), "indexTimestamps": yes(t, "timestamps"),
	}
	if yes(t, "presets") {
		inverted["stopwordPresets"] = object{"mine": []string{"x", "y"}}
	}
	c["invertedIndexConfig"] = inverted
	if yes(t, "ttl") {
		c["objectTtlConfig"] = object{"enabled": true, "deleteOn": "_creationTimeUnix", "defaultTtl": oneOf(t, "seconds", 60, 3600)}
	}
	if yes(t, "modules") {
		c["moduleConfig"] = object{"generative-openai": object{"maxTokens": oneOf(t, "tokens", 100, 200)}}
	}
	if yes(t, "multi-tenant") {
		c["multiTenancyConfig"] = object{"enabled": true, "autoTenantCreation": yes(t, "creation"), "autoTenantActivation": yes(t, "activation")}
		for i := range rapid.IntRange(0, 4).Draw(t, "tenants") {
			d.tenants[name] = append(d.tenants[name], object{"name": fmt.Sprintf("t-%d", i), "activityStatus": oneOf(t, "status", "HOT", "COLD")})
		}
	} else {
		c["shardingConfig"] = object{"desiredCount": oneOf(t, "shards", 1, 2)}
		c["replicationConfig"] = object{"deletionStrategy": oneOf(t, "strategy", "DeleteOnConflict", "NoAutomatedResolution", "TimeBasedResolution")}
	}
	if yes(t, "named") {
		vectors := object{}
		for i := range rapid.IntRange(1, 2).Draw(t, "vectors") {
			vector := drawVector(t)
			vector["vectorizer"] = object{"none": object{}}
			vectors[fmt.Sprintf("v%d", i)] = vector
		}
		c["vectorConfig"] = vectors
		return c
	}
	for key, value := range drawVector(t) {
		c[key] = value
	}
	c["vectorizer"] = "none"
	return c
}

func drawProperties(t *rapid.T, depth int) []object {
	primitives := []string{"text", "text[]", "int", "int[]", "number", "number[]", "boolean", "boolean[]", "date", "date[]", "uuid", "uuid[]"}
	if depth == 0 {
		primitives = append(primitives, "geoCoordinates", "phoneNumber", "blob", "blobHash")
	}
	all := []object{}
	for i := range rapid.IntRange(min(depth, 1), 3).Draw(t, "properties") {
		p := object{"name": fmt.Sprintf("p%d", i)}
		if yes(t, "described") {
			p["description"] = oneOf(t, "about", "x", "ü\t")
		}
		kind := oneOf(t, "kind", append(primitives, "object", "object[]")...)
		if depth == 3 {
			kind = oneOf(t, "leaf", primitives...)
		}
		p["dataType"] = []string{kind}
		switch kind {
		case "object", "object[]":
			p["nestedProperties"] = drawProperties(t, depth+1)
		case "text", "text[]":
			p["tokenization"] = oneOf(t, "tokenization", "word", "lowercase", "whitespace", "field")
			if depth == 0 && yes(t, "trigram") { // which nested properties may not have
				p["tokenization"] = "trigram"
			}
			p["indexSearchable"] = yes(t, "searchable")
			p["indexFilterable"] = yes(t, "filterable")
		case "int", "number", "date":
			p["indexRangeFilters"] = yes(t, "range")
			p["indexFilterable"] = yes(t, "filterable")
		case "boolean", "uuid":
			p["indexFilterable"] = yes(t, "filterable")
		}
		all = append(all, p)
	}
	return all
}

// drawVector is the index of a vector and its type.
func drawVector(t *rapid.T) object {
	switch kind := oneOf(t, "index", "hnsw", "flat", "dynamic", "hfresh"); kind {
	case "hnsw":
		return object{"vectorIndexType": kind, "vectorIndexConfig": drawHNSW(t)}
	case "flat":
		return object{"vectorIndexType": kind, "vectorIndexConfig": drawFlat(t)}
	case "hfresh":
		return object{"vectorIndexType": kind, "vectorIndexConfig": object{"distance": oneOf(t, "distance", "cosine", "l2-squared"), "searchProbe": oneOf(t, "probe", 64, 32)}}
	default:
		hnsw, flat := drawHNSW(t), drawFlat(t)
		flat["distance"] = hnsw["distance"]
		return object{"vectorIndexType": kind, "vectorIndexConfig": object{
			"distance": hnsw["distance"], "threshold": oneOf(t, "threshold", 1000, 20000), "hnsw": hnsw, "flat": flat,
		}}
	}
}

func drawHNSW(t *rapid.T) object {
	config := object{
		"distance": oneOf(t, "distance", "cosine", "dot", "l2-squared"), "ef": oneOf(t, "ef", -1, 64),
		"efConstruction": oneOf(t, "construction", 64, 128), "maxConnections": oneOf(t, "connections", 16, 32),
		"filterStrategy": oneOf(t, "filter", "sweeping", "acorn"), "vectorCacheMaxObjects": oneOf(t, "cache", 1000, 1000000000000),
	}
	switch compression := oneOf(t, "compression", "none", "pq", "bq", "sq", "rq"); compression {
	case "pq":
		config["pq"] = object{"enabled": true, "centroids": oneOf(t, "centroids", 256, 128), "encoder": object{"type": "kmeans", "distribution": "log-normal"}}
	case "bq", "sq":
		config[compression] = object{"enabled": true}
	case "rq":
		config["rq"] = object{"enabled": true, "bits": oneOf(t, "bits", 1, 4, 8)}
	}
	return config
}

func drawFlat(t *rapid.T) object {
	config := object{"distance": oneOf(t, "distance", "cosine", "dot"), "vectorCacheMaxObjects": oneOf(t, "cache", 1000, 1000000000000)}
	switch compression := oneOf(t, "flat compression", "none", "bq", "rq"); compression {
	case "bq":
		config["bq"] = object{"enabled": true, "cache": yes(t, "cached"), "rescoreLimit": oneOf(t, "rescore", -1, 10)}
	case "rq":
		config["rq"] = object{"enabled": true, "bits": oneOf(t, "bits", 1, 8)}
	}
	return config
}
