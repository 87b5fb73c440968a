package schema_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// lines writes differences as "path: before -> after", with - for nothing.
func lines(differences []schema.Difference) []string {
	var all []string
	for _, d := range differences {
		before, after := string(d.Before), string(d.After)
		if d.Added() {
			before = "-"
		}
		if d.Removed() {
			after = "-"
		}
		all = append(all, d.Path.String()+": "+before+" -> "+after)
	}
	return all
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after string
		want          []string
	}{
		"equal":            {`"x":{"y":1}`, `"x":{"y":1.0}`, nil},
		"one value":        {`"x":{"y":1,"z":2}`, `"x":{"y":3,"z":2}`, []string{"x.y: 1 -> 3"}},
		"added":            {`"x":{}`, `"x":{"y":{"z":1}}`, []string{`x.y: - -> {"z":1}`}},
		"removed":          {`"x":{"y":null}`, `"x":{}`, []string{"x.y: null -> -"}},
		"another type":     {`"x":{"y":1}`, `"x":[1]`, []string{`x: {"y":1} -> [1]`}},
		"sorted by path":   {`"b":1,"a":{"d":1,"c":1}`, `"a":{"c":2,"d":2},"b":2`, []string{"a.c: 1 -> 2", "a.d: 1 -> 2", "b: 1 -> 2"}},
		"lists as a whole": {`"x":[{"name":"a"},2]`, `"x":[2,{"name":"a"}]`, []string{`x: [{"name":"a"},2] -> [2,{"name":"a"}]`}},

		"a property by its name": {
			`"properties":[{"name":"a","dataType":["text"]},{"name":"b","dataType":["int"]}]`,
			`"properties":[{"dataType":["date"],"name":"b"},{"name":"a","dataType":["text"]}]`,
			[]string{`properties.b.dataType: ["int"] -> ["date"]`},
		},
		"a property renamed": {
			`"properties":[{"name":"a"}]`, `"properties":[{"name":"b"}]`,
			[]string{`properties.a: {"name":"a"} -> -`, `properties.b: - -> {"name":"b"}`},
		},
		"the first property":        {`"properties":null`, `"properties":[{"name":"a"}]`, []string{`properties.a: - -> {"name":"a"}`}},
		"the last property":         {`"properties":[{"name":"a"}]`, `"properties":null`, []string{`properties.a: {"name":"a"} -> -`}},
		"no properties in two ways": {`"properties":null`, `"properties":[]`, nil},
		"a nested property": {
			`"properties":[{"name":"o","nestedProperties":[{"name":"x","nestedProperties":[{"name":"y","d":1}]},{"name":"w"}]}]`,
			`"properties":[{"name":"o","nestedProperties":[{"name":"w"},{"name":"x","nestedProperties":[{"name":"y","d":2}]}]}]`,
			[]string{"properties.o.nestedProperties.x.nestedProperties.y.d: 1 -> 2"},
		},
		"a property called nestedProperties": {
			`"properties":[{"name":"nestedProperties","d":[{"name":"a"}]}]`,
			`"properties":[{"name":"nestedProperties","d":[{"name":"b"}]}]`,
			[]string{`properties.nestedProperties.d: [{"name":"a"}] -> [{"name":"b"}]`},
		},
		"one name twice": {
			`"properties":[{"name":"a","d":1},{"name":"a","d":2}]`, `"properties":[{"name":"a","d":1}]`,
			[]string{`properties: [{"d":1,"name":"a"},{"d":2,"name":"a"}] -> [{"d":1,"name":"a"}]`},
		},
		"no name": {
			`"properties":[{"d":1}]`, `"properties":[{"d":2}]`,
			[]string{`properties: [{"d":1}] -> [{"d":2}]`},
		},
		"a nested name that is no text": {
			`"properties":[{"name":"o","nestedProperties":[{"name":1}]}]`, `"properties":[{"name":"o","nestedProperties":[{"name":2}]}]`,
			[]string{`properties.o.nestedProperties: [{"name":1}] -> [{"name":2}]`},
		},
		"what the server owns": {
			`"shardingConfig":{"actualCount":1,"desiredCount":1},"properties":[{"name":"a","bucketGeneration":1,"textAnalyzer":{}}]`,
			`"shardingConfig":{"actualCount":2,"desiredCount":1},"properties":[{"name":"a","searchableBlockmax":true}]`,
			nil,
		},
		"a named vector": {
			`"vectorConfig":{"a":{"ef":1}}`, `"vectorConfig":{"a":{"ef":2},"b":{}}`,
			[]string{"vectorConfig.a.ef: 1 -> 2", "vectorConfig.b: - -> {}"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := schema.Compare(define(test.before), define(test.after))
			require.NoError(t, err)
			assert.Equal(t, test.want, lines(got))
		})
	}
}

func TestCompareRefusesBadJSON(t *testing.T) {
	t.Parallel()
	good, bad := define(`"x":1`), schema.Collection{Raw: []byte(`{"class":"A","x":`)}
	_, err := schema.Compare(good, bad)
	require.Error(t, err)
	_, err = schema.Compare(bad, good)
	require.Error(t, err)
}

// A definition does not differ from itself, whatever the order of its keys and
// properties; and the differences are empty just where the digests are equal.
func TestCompareWithItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		definition := generatedCollection(t, "Doc")
		c := collectionOf(t, definition)
		same, err := schema.Compare(c, c)
		require.NoError(t, err)
		require.Empty(t, same)

		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		other, err := schema.Parse(shuffled(parseCopy(t, definition), random))
		require.NoError(t, err)
		same, err = schema.Compare(c, other)
		require.NoError(t, err)
		require.Empty(t, same)

		differences, err := schema.Compare(c, drawCollection(t, "Doc"))
		require.NoError(t, err)
		require.True(t, slices.IsSortedFunc(differences, func(a, b schema.Difference) int { return slices.Compare(a.Path, b.Path) }))
	})
}

func TestSameValue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		a, b string
		want bool
	}{
		"white space":                 {`{"a":[1,"x y"],"b":{}}`, " {\n \"a\" : [ 1 ,\t\"x y\" ] , \"b\" : { } } ", true},
		"order of keys":               {`{"a":1,"b":{"c":2,"d":{"e":3,"f":4}}}`, `{"b":{"d":{"f":4,"e":3},"c":2},"a":1}`, true},
		"order of the last keys":      {`{"x":{"y":0},"a":1,"b":[2]}`, `{"x":{"y":0},"b":[2],"a":1}`, true},
		"a key in two spellings":      {`{"x":0,"\u0061":1,"b":2}`, `{"x":0,"a":1,"b":2}`, true},
		"a longer number":             {`{"a":1}`, `{"a":12}`, false},
		"one in another order":        {`{"a":1,"b":2}`, `{"b":2,"a":12}`, false},
		"white space within a text":   {`{"a":"x y"}`, `{"a":"x  y"}`, false},
		"a quote in a text":           {`{"a":"\"","b":" "}`, `{"a":"\"","b":""}`, false},
		"one more":                    {`{"a":1}`, `{"a":1,"b":2}`, false},
		"one fewer":                   {`{"b":2,"a":1}`, `{"a":1}`, false},
		"another key":                 {`{"a":1,"b":2}`, `{"c":2,"a":1}`, false},
		"another value":               {`{"a":1,"b":2}`, `{"b":3,"a":1}`, false},
		"another kind":                {`{"a":1}`, `["a",1]`, false},
		"order of a list":             {`{"a":[1,2]}`, `{"a":[2,1]}`, false},
		"order of keys within a list": {`{"a":[{"b":1,"c":2}]}`, `{"a":[{"c":2,"b":1}]}`, false},
		"another spelling":            {`{"a":1}`, `{"a":1.0}`, false},
		"deep":                        {strings.Repeat(`{"a":1,"b":`, 9) + "1" + strings.Repeat("}", 9), strings.Repeat(`{"b":`, 9) + "1" + strings.Repeat(`,"a":1}`, 9), false},
		"nothing":                     {``, ``, false},
		"nothing and something":       {``, `{}`, false},
		"cut short":                   {`{"a":1,"b":2}`, `{"b":2,"a":`, false},
	} {
		assert.Equal(t, test.want, schema.SameValue(jsontext.Value(test.a), jsontext.Value(test.b)), name)
		assert.Equal(t, test.want, schema.SameValue(jsontext.Value(test.b), jsontext.Value(test.a)), name)
	}
}

// FuzzSameValue holds what is called the same against the form of RFC 8785, and
// tries bytes that are no JSON.
func FuzzSameValue(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"a":[1,{"b":"\"x"}],"c":null}`, "{ \"c\":null,\n\"a\":[1,{\"b\":\"\\\"x\"}] }"},
		{`{"a":1}`, `{"a":12}`},
		{`[1,2]`, `[2,1]`},
		{`{"a":{"b":1,"c":2}}`, `{"a":{"c":2,"b":1}}`},
		{`{"x":0,"a":1,"b":2}`, `{"x":0,"b":2,"a":12}`},
		{`{"a"`, `{"a":}`},
		{`"`, `"`},
		{`}`, `},`},
		{``, ``},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		same := schema.SameValue(a, b)
		if schema.Validate(a) != nil || schema.Validate(b) != nil {
			return
		}
		require.True(t, schema.SameValue(a, schema.Compact(a)))
		require.Equal(t, same, schema.SameValue(b, a))
		if same {
			first, second := jsontext.Value(slices.Clone(a)), jsontext.Value(slices.Clone(b))
			require.NoError(t, first.Canonicalize())
			require.NoError(t, second.Canonicalize())
			require.Equal(t, string(first), string(second))
		}
	})
}

// Definitions of one value have one digest, and are of one value in any order of keys.
func TestSameValueHasOneDigest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		definition := generatedCollection(t, "Doc")
		a, b := collectionOf(t, definition), drawCollection(t, "Doc")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		other, err := schema.Parse(shuffled(parseCopy(t, definition), random))
		require.NoError(t, err)
		for _, pair := range [][2]schema.Collection{{a, b}, {a, other}, {b, other}} {
			if schema.SameValue(pair[0].Raw, pair[1].Raw) {
				require.Equal(t, digestOf(t, pair[0]), digestOf(t, pair[1]))
			}
		}
	})
}

func digestOf(t require.TestingT, c schema.Collection) string {
	digest, err := c.Digest()
	require.NoError(t, err)
	return digest
}

// parseCopy is the definition as a parser gives it, numbers as they are written.
func parseCopy(t *rapid.T, definition object) any {
	decoder := json.NewDecoder(bytes.NewReader(collectionOf(t, definition).Raw))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	return value
}

func TestCompareMirrors(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawCollection(t, "Doc"), drawCollection(t, "Doc")
		there, err := schema.Compare(a, b)
		require.NoError(t, err)
		back, err := schema.Compare(b, a)
		require.NoError(t, err)
		for i, d := range back {
			back[i].Before, back[i].After = d.After, d.Before
		}
		require.Equal(t, there, back)

		first, err := a.Digest()
		require.NoError(t, err)
		second, err := b.Digest()
		require.NoError(t, err)
		require.Equal(t, first == second, len(there) == 0)
		for _, d := range there {
			require.False(t, d.Added() && d.Removed())
			require.NotEqual(t, string(d.Before), string(d.After), d.Path)
			for _, side := range []json.RawMessage{json.RawMessage(d.Before), json.RawMessage(d.After)} {
				require.True(t, side == nil || json.Valid(side))
			}
		}
	})
}

// What Apply is for is gone afterwards, and nothing else has changed.
func TestApply(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawCollection(t, "Doc"), drawCollection(t, "Doc")
		all, err := schema.Compare(a, b)
		require.NoError(t, err)
		var applied, rest []schema.Difference
		for _, d := range all {
			switch {
			case d.Path.Fits("multiTenancyConfig.enabled"), d.Path.Fits("shardingConfig.**"): // the canonical form of one hangs on the other
				rest = append(rest, d)
			case d.Path.Fits("vectorConfig.*") && d.Added(), !d.Added() && !d.Removed():
				applied = append(applied, d)
			default:
				rest = append(rest, d)
			}
		}
		got, err := a.Apply(applied)
		require.NoError(t, err)
		left, err := schema.Compare(got, b)
		require.NoError(t, err)
		require.Equal(t, lines(rest), lines(left))
	})
}

func TestApplyKeepsTheOtherBytes(t *testing.T) {
	t.Parallel()
	c := define(`"z":1e+22`, `"properties":[{"name":"b","n":64.0},{"name":"nestedProperties","description":"old"},`+
		`{"name":"o","nestedProperties":[{"name":"nestedProperties","description":"old"},7]}]`, `"m":{"keep":5e-1,"gone":{}}`)
	got, err := c.Apply([]schema.Difference{
		{Path: schema.Path{"properties", "nestedProperties", "description"}, After: []byte(`"new"`)},
		{Path: schema.Path{"properties", "o", "nestedProperties", "nestedProperties", "description"}, After: []byte(`"newer"`)},
		{Path: schema.Path{"m", "gone"}},
		{Path: schema.Path{"m", "more"}, After: []byte(`{"deep":true}`)},
		{Path: schema.Path{"vectorConfig"}, After: []byte(`{"c":{}}`)},
		{Path: schema.Path{"properties", "not there"}, After: []byte(`{"name":"not there"}`)},
	})
	require.NoError(t, err)
	assert.Equal(t, `{"class":"A","z":1e+22,"properties":[{"name":"b","n":64.0},{"name":"nestedProperties","description":"new"},`+
		`{"name":"o","nestedProperties":[{"name":"nestedProperties","description":"newer"},7]}],`+
		`"m":{"keep":5e-1,"more":{"deep":true}},"vectorConfig":{"c":{}}}`, string(got.Raw))

	without, err := got.Apply([]schema.Difference{{Path: schema.Path{"properties", "nestedProperties"}}, {Path: schema.Path{"m"}, After: []byte(`{}`)}})
	require.NoError(t, err)
	assert.Equal(t, 2, without.Properties, "a property that is to go is left out")
	filled, err := without.Apply([]schema.Difference{{Path: schema.Path{"m", "x"}, After: []byte("1")}})
	require.NoError(t, err)
	assert.Contains(t, string(filled.Raw), `"m":{"x":1}`)
}

// White space within a string counts, and an escaped quote does not end one.
func TestCompareSpace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{`{"class":"A","x":[1, 2],"y":{}}`, "{\n  \"class\": \"A\",\t\"x\": [1,2],\r\n\"y\":{ }\n}\n", true},
		{`{"class":"A","x":"a b"}`, `{"class":"A","x":"ab"}`, false},
		{`{"class":"A","x":"\" b"}`, `{"class":"A","x":"\"b"}`, false},
		{`{"class":"A","x":"\\"}`, `{"class":"A","x" : "\\" }`, true},
		{`{"class":"A","x":"\\\" "}`, `{"class":"A","x":"\\\""}`, false},
		{`{"class":"A","x":12}`, `{"class":"A","x":1}`, false},
		{`{"class":"A","x":"\u0041"}`, `{"class":"A","x":"A"}`, true}, // by the longer way
	} {
		for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			a, err := schema.Parse([]byte(pair[0]))
			require.NoError(t, err)
			b, err := schema.Parse([]byte(pair[1]))
			require.NoError(t, err)
			found, err := schema.Compare(a, b)
			require.NoError(t, err)
			assert.Equal(t, test.same, len(found) == 0, "%s and %s", pair[0], pair[1])
		}
	}
}
