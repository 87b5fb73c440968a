package schema_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// mutation is a line of testdata/mutations: a collection was created on a server
// of that version, its definition was read, changed at one place, and PUT back.
type mutation struct {
	// Base names the collection, Change is what was done to its definition.
	Base, Change string
	// Skipped says that the server refused to create the collection.
	Skipped bool
	Status  int
	// Changed says whether the server's own definition differed afterwards.
	Changed bool
}

var (
	mutationLine = regexp.MustCompile(`^(LEG|MT|RQ|FLAT|HF|DYN|NAMED|LMOD|TA) +(.*?) +(\d{3}) (CHANGED|unchanged)( |$)`)
	skippedLine  = regexp.MustCompile(`^SKIP (.*): create \d{3} `)
)

// mutations reads what was tried on a server of the version.
func mutations(tb testing.TB, version string) []mutation {
	tb.Helper()
	file, err := os.Open(filepath.Join("..", "..", "testdata", "mutations", version+".txt"))
	require.NoError(tb, err)
	defer func() { require.NoError(tb, file.Close()) }()
	var all []mutation
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if skipped := skippedLine.FindStringSubmatch(lines.Text()); skipped != nil {
			all = append(all, mutation{Change: skipped[1], Skipped: true})
			continue
		}
		found := mutationLine.FindStringSubmatch(lines.Text())
		require.NotNil(tb, found, "not the line of a mutation: %s", lines.Text())
		status, err := strconv.Atoi(found[3])
		require.NoError(tb, err)
		all = append(all, mutation{Base: found[1], Change: found[2], Status: status, Changed: found[4] == "CHANGED"})
	}
	require.NoError(tb, lines.Err())
	return all
}

// at gives the object at the keys.
func at(tb testing.TB, value any, keys ...string) object {
	tb.Helper()
	for _, key := range keys {
		value = value.(object)[key] //nolint:forcetypeassert,errcheck // a test's own data
	}
	inside, ok := value.(object)
	require.True(tb, ok, "%v", keys)
	return inside
}

func parseObject(tb testing.TB, text string) object {
	tb.Helper()
	var value object
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	require.NoError(tb, decoder.Decode(&value), text)
	return value
}

func parseValue(tb testing.TB, text string) any {
	tb.Helper()
	return parseObject(tb, `{"value":`+text+`}`)["value"]
}

// collection gives what the test made of a definition.
func collection(tb testing.TB, definition object) schema.Collection {
	tb.Helper()
	text, err := json.Marshal(definition)
	require.NoError(tb, err)
	c, err := schema.Parse(text)
	require.NoError(tb, err)
	return c
}

// corpus gives the definition of a collection as a server of the version showed
// it.
func corpus(tb testing.TB, version, name string) object {
	tb.Helper()
	collections, err := schema.Split(answer(tb, version))
	require.NoError(tb, err)
	i := slices.IndexFunc(collections, func(c schema.Collection) bool { return c.Name == name })
	require.GreaterOrEqual(tb, i, 0, name)
	return parseObject(tb, string(collections[i].Raw))
}

// mutationBase gives the definition that the mutations of the name began with.
func mutationBase(tb testing.TB, version, base string) object {
	tb.Helper()
	name := map[string]string{
		"LEG": "LegacyNone", "MT": "Mt", "RQ": "Rq8", "FLAT": "Flat", "HF": "Hfresh",
		"DYN": "LegacyNone", "NAMED": "Named", "LMOD": "LegacyMod", "TA": "TextAn",
	}[base]
	definition := corpus(tb, version, name)
	definition["class"] = "Mut"
	switch base {
	case "LEG":
		definition["description"] = "d"
		definition["properties"] = parseValue(tb, `[
			{"name":"t","dataType":["text"],"description":"pd","indexFilterable":true,"indexSearchable":true,"tokenization":"word"},
			{"name":"n","dataType":["number"],"indexFilterable":true,"indexRangeFilters":false},
			{"name":"dt","dataType":["date"],"indexFilterable":true},
			{"name":"o","dataType":["object"],"nestedProperties":[{"name":"x","dataType":["text"]}]},
			{"name":"r","dataType":["Tgt"]}]`)
	case "MT":
		at(tb, definition, "multiTenancyConfig")["autoTenantCreation"] = false
		at(tb, definition, "multiTenancyConfig")["autoTenantActivation"] = false
	case "FLAT":
		at(tb, definition, "vectorIndexConfig")["distance"] = "cosine"
	case "DYN":
		dynamic := at(tb, corpus(tb, version, "NamedDyn"), "vectorConfig", "d", "vectorIndexConfig")
		at(tb, dynamic, "flat", "bq")["enabled"] = false
		definition["vectorIndexType"] = "dynamic"
		definition["vectorIndexConfig"] = dynamic
	case "LMOD":
		delete(at(tb, definition, "moduleConfig"), "reranker-cohere")
		property := at(tb, definition["properties"].([]any)[0]) //nolint:errcheck // the corpus has it
		at(tb, property, "moduleConfig", "text2vec-openai")["skip"] = false
		at(tb, definition, "moduleConfig", "text2vec-openai")["model"] = "text-embedding-3-small"
	case "TA":
		if schema.AtLeast(version, "1.37") {
			at(tb, definition, "invertedIndexConfig")["stopwordPresets"] = parseValue(tb, `{"p":["a"],"q":["b"]}`)
			property := at(tb, definition["properties"].([]any)[0]) //nolint:errcheck // the corpus has it
			property["textAnalyzer"] = parseValue(tb, `{"asciiFold":true,"stopwordPreset":"p"}`)
		}
	}
	return definition
}

// mutate makes the change in the definition.
func mutate(tb testing.TB, definition object, change string) {
	tb.Helper()
	properties, _ := definition["properties"].([]any)
	hnsw := func() any { return parseValue(tb, `{"vectorIndexType":"hnsw","vectorizer":{"none":{}}}`) }
	switch change {
	case "noop", "MT noop (GET body PUT back)":
	case "properties: add one":
		definition["properties"] = append(properties, object{"name": "added", "dataType": []any{"text"}})
	case "properties: remove one":
		definition["properties"] = properties[1:]
	case "properties: reversed order":
		slices.Reverse(properties)
	case "nested: add one":
		nested := at(tb, properties[3])
		nested["nestedProperties"] = append(nested["nestedProperties"].([]any), parseValue(tb, `{"name":"added","dataType":["int"]}`)) //nolint:errcheck // of the base
	case "vectorConfig add c":
		at(tb, definition, "vectorConfig")["c"] = hnsw()
	case "vectorConfig remove a":
		delete(at(tb, definition, "vectorConfig"), "a")
	case "named: add legacy vectorizer":
		definition["vectorizer"] = "none"
	case "legacy: add named c":
		definition["vectorConfig"] = object{"c": hnsw()}
	case "legacy: add named default":
		definition["vectorConfig"] = object{"default": hnsw()}
	case "add second generative (both present)":
		at(tb, definition, "moduleConfig")["generative-cohere"] = object{"model": "command-r"}
	case "replace generative":
		delete(at(tb, definition, "moduleConfig"), "generative-openai")
		at(tb, definition, "moduleConfig")["generative-cohere"] = object{"model": "command-r"}
	case "add reranker":
		at(tb, definition, "moduleConfig")["reranker-cohere"] = object{"model": "x"}
	default:
		place, text, found := strings.Cut(change, "=")
		require.True(tb, found, "what is %q?", change)
		if place == "invertedIndexConfig/tokenizerUserDict" { // the line is cut short
			text = `[{"tokenizer":"kagome_kr","replacements":[{"source":"a","target":"b"}]}]`
		}
		mutateAt(tb, definition, strings.Split(place, "/"), text)
	}
}

// mutateAt sets the value at the keys, of which a number is a place in a list;
// REMOVE takes it away.
func mutateAt(tb testing.TB, value any, keys []string, text string) {
	tb.Helper()
	if list, ok := value.([]any); ok {
		i, err := strconv.Atoi(keys[0])
		require.NoError(tb, err)
		mutateAt(tb, list[i], keys[1:], text)
		return
	}
	members := at(tb, value)
	switch {
	case len(keys) > 1:
		if members[keys[0]] == nil { // what the server is too old for
			members[keys[0]] = object{}
			mutateAt(tb, members[keys[0]], keys[1:], text)
			if len(at(tb, members[keys[0]])) == 0 {
				delete(members, keys[0])
			}
			return
		}
		mutateAt(tb, members[keys[0]], keys[1:], text)
	case text == "REMOVE":
		delete(members, keys[0])
	default:
		members[keys[0]] = parseValue(tb, text)
	}
}

// copyOf is a deep copy.
func copyOf(tb testing.TB, definition object) object {
	tb.Helper()
	text, err := json.Marshal(definition)
	require.NoError(tb, err)
	return parseObject(tb, string(text))
}
