package schema_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// answer is GET /v1/schema of a real server of that version, with every feature
// of the corpus that it accepts.
func answer(tb testing.TB, version string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "schemas", version, "schema.json"))
	require.NoError(tb, err)
	return data
}

func TestSplitKeepsTheServersBytes(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.27.0", "1.35.2", "1.39.0"} {
		body := answer(t, version)
		var want struct{ Classes []json.RawMessage }
		require.NoError(t, json.Unmarshal(body, &want))
		raw := make(map[string]string)
		for _, class := range want.Classes {
			var named struct{ Class string }
			require.NoError(t, json.Unmarshal(class, &named))
			raw[named.Class] = string(class)
		}

		collections, err := schema.Split(body)
		require.NoError(t, err, version)
		require.Len(t, collections, len(raw), version)
		last := ""
		for _, c := range collections {
			assert.Equal(t, raw[c.Name], string(c.Raw))
			assert.Less(t, last, c.Name, "sorted by name")
			last = c.Name
		}
	}
}

func TestSplitRefusesHalfAnAnswer(t *testing.T) {
	t.Parallel()
	whole := answer(t, "1.39.0")
	_, err := schema.Split(whole)
	require.NoError(t, err)
	for length := 0; length < len(whole); length += 61 {
		_, err := schema.Split(whole[:length])
		require.ErrorContains(t, err, "ends too soon", "cut after %d bytes", length)
	}
}

func TestSplitRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, want string }{
		"nothing":               {"", "ends too soon"},
		"a page":                {"<html><body>502 Bad Gateway</body></html>", "not good JSON"},
		"another object":        {`{"version":"1.39.0"}`, `no "classes"`},
		"an array":              {`[]`, "an array where an object is expected"},
		"null":                  {`null`, "a null where an object is expected"},
		"classes null":          {`{"classes":null}`, "a null where an array is expected"},
		"classes an object":     {`{"classes":{}}`, "an object where an array is expected"},
		"classes twice":         {`{"classes":[],"classes":[]}`, "duplicate object member name"},
		"more text":             {`{"classes":[]}{"classes":[]}`, "more text after its end"},
		"garbage behind":        {`{"classes":[]} x`, "more text after its end"},
		"a nameless collection": {`{"classes":[{"class":"A"},{"description":"x"}]}`, `collection 2: no "class"`},
		"an empty name":         {`{"classes":[{"class":""}]}`, `no "class"`},
		"a number for a name":   {`{"classes":[{"class":1}]}`, "class: a number where a string is expected"},
		"one name twice":        {`{"classes":[{"class":"Doc"},{"class":"Doc"}]}`, `"Doc" and "Doc" have one name`},
		"one name in two cases": {`{"classes":[{"class":"Doc"},{"class":"DOC"}]}`, "have one name"},
		"a key twice":           {`{"classes":[{"class":"A","x":{"y":1,"y":2}}]}`, "duplicate object member name"},
		"bad UTF-8":             {"{\"classes\":[{\"class\":\"A\xff\"}]}", "invalid UTF-8"},
		"a half surrogate":      {`{"classes":[{"class":"A\ud800"}]}`, "invalid surrogate pair"},
		"properties an object":  {`{"classes":[{"class":"A","properties":{}}]}`, "properties: an object where an array is expected"},
		"a fraction as factor":  {`{"classes":[{"class":"A","replicationConfig":{"factor":1.5}}]}`, "1.5 where a whole number is expected"},
		"a word as switch":      {`{"classes":[{"class":"A","multiTenancyConfig":{"enabled":"yes"}}]}`, "a string where true or false is expected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := schema.Split([]byte(test.body))
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestSplitOfAnEmptyServer(t *testing.T) {
	t.Parallel()
	collections, err := schema.Split([]byte(`{"classes":[]}` + "\n"))
	require.NoError(t, err)
	assert.Empty(t, collections)
}

func TestParse(t *testing.T) {
	t.Parallel()
	c, err := schema.Parse([]byte(`{
		"class": "Article",
		"unheardOf": {"kept": true},
		"replicationConfig": {"factor": 3},
		"multiTenancyConfig": {"enabled": true},
		"vectorConfig": {"title": {"vectorIndexType": "hnsw"}, "body": {"vectorIndexType": "flat"}},
		"properties": [
			{"name": "title", "dataType": ["text"]},
			{"name": "writtenBy", "dataType": ["Author", "Robot"]},
			{"name": "cites", "dataType": ["Article"]}
		]
	}`))
	require.NoError(t, err)
	assert.Equal(t, "Article", c.Name)
	assert.Equal(t, 3, c.Properties)
	assert.Equal(t, 3, c.ReplicationFactor)
	assert.True(t, c.MultiTenant)
	assert.Equal(t, []string{"body (flat)", "title (hnsw)"}, c.Vectors)
	assert.Equal(t, []schema.Reference{
		{Property: "writtenBy", Target: "Author"}, {Property: "writtenBy", Target: "Robot"}, {Property: "cites", Target: "Article"},
	}, c.References)
}

func TestParseNullsAsAbsent(t *testing.T) {
	t.Parallel()
	c, err := schema.Parse([]byte(`{"class":"A","properties":null,"vectorConfig":null,"replicationConfig":null,"multiTenancyConfig":{"enabled":null}}`))
	require.NoError(t, err)
	assert.Equal(t, "A", c.Name)
	assert.False(t, c.MultiTenant)
	assert.Empty(t, c.Vectors)
}

// shuffled writes value again with the keys of every object in a random order,
// and the properties too.
func shuffled(value any, random *rand.Rand) []byte {
	switch value := value.(type) {
	case map[string]any:
		keys := make([]string, 0, len(value))
		for key := range value {
			keys = append(keys, key)
		}
		random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		var members [][]byte
		for _, key := range keys {
			if list, ok := value[key].([]any); ok && (key == "properties" || key == "nestedProperties") {
				random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			}
			name, _ := json.Marshal(key)
			members = append(members, append(append(name, ':'), shuffled(value[key], random)...))
		}
		return append(append([]byte{'{'}, bytes.Join(members, []byte(" ,\n"))...), '}')
	case []any:
		var elements [][]byte
		for _, element := range value {
			elements = append(elements, shuffled(element, random))
		}
		return append(append([]byte{'['}, bytes.Join(elements, []byte(", "))...), ']')
	default:
		data, _ := json.Marshal(value)
		return data
	}
}

func TestDigestIsTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, version := range []string{"1.27.0", "1.35.2", "1.39.0"} {
		collections, err := schema.Split(answer(t, version))
		require.NoError(t, err)
		for _, c := range collections {
			want, err := c.Digest()
			require.NoError(t, err)
			for range 10 {
				decoder := json.NewDecoder(bytes.NewReader(c.Raw))
				decoder.UseNumber()
				var value any
				require.NoError(t, decoder.Decode(&value))
				other, err := schema.Parse(shuffled(value, random))
				require.NoError(t, err)
				got, err := other.Digest()
				require.NoError(t, err)
				assert.Equal(t, want, got, "%s %s", version, c.Name)
			}
		}
	}
}

// Every value that a client may set changes the digest when it changes, and
// server-owned ones do not.
func TestDigestSeesEveryChange(t *testing.T) {
	t.Parallel()
	const base = `{"class":"A","description":"d","replicationConfig":{"asyncEnabled":false,"factor":1},` +
		`"shardingConfig":{"actualCount":1,"actualVirtualCount":128,"desiredCount":1,"desiredVirtualCount":128},` +
		`"properties":[{"name":"p","dataType":["text"],"bucketGeneration":1},{"name":"q","dataType":["int"]}],"new":{"deep":[1,{"x":1.5}]}}`
	digest := func(text string) string {
		c, err := schema.Parse([]byte(text))
		require.NoError(t, err)
		d, err := c.Digest()
		require.NoError(t, err)
		return d
	}
	want := digest(base)
	for _, change := range []struct {
		old, new string
		same     bool
	}{
		{`"d"`, `"e"`, false},
		{`"factor":1`, `"factor":2`, false},
		{`"asyncEnabled":false`, `"asyncEnabled":true`, false},
		{`"desiredCount":1`, `"desiredCount":2`, false},
		{`["text"]`, `["text[]"]`, false},
		{`"name":"q"`, `"name":"r"`, false},
		{`"x":1.5`, `"x":1.25`, false},
		{`"deep":[1,`, `"deep":[2,`, false},
		{`"new"`, `"newer"`, false},
		{`{"name":"p"`, `{"textAnalyzer":{"asciiFold":true},"name":"p"`, false},

		{`"actualCount":1`, `"actualCount":7`, true},
		{`"actualVirtualCount":128`, `"actualVirtualCount":9`, true},
		{`"desiredVirtualCount":128`, `"desiredVirtualCount":9`, true},
		{`"bucketGeneration":1`, `"bucketGeneration":2`, true},
		{`,"bucketGeneration":1`, ``, true},
		{`{"name":"p"`, `{"textAnalyzer":{},"name":"p"`, true},
		{`"x":1.5`, `"x":15e-1`, true},
		{`"d"`, `"\u0064"`, true},
	} {
		changed := strings.Replace(base, change.old, change.new, 1)
		require.NotEqual(t, base, changed)
		assert.Equal(t, change.same, digest(changed) == want, "%s -> %s", change.old, change.new)
	}
}

func TestCanonicalDropsShardingOfMultiTenantCollections(t *testing.T) {
	t.Parallel()
	c, err := schema.Parse([]byte(`{"shardingConfig":{"desiredCount":0},"class":"A","multiTenancyConfig":{"enabled":true}}`))
	require.NoError(t, err)
	form, err := c.Canonical()
	require.NoError(t, err)
	assert.Equal(t, `{"class":"A","multiTenancyConfig":{"enabled":true}}`, string(form))
	assert.Contains(t, string(c.Raw), "shardingConfig", "the raw bytes stay")
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte(`{"classes":[{"class":"A","properties":[{"name":"b","dataType":["A"],"nestedProperties":[{"name":"c"}]}]}]}`))
	f.Add([]byte(`{"classes":[{"class":"A","vectorConfig":{"a":{"vectorIndexType":"hnsw"}},"shardingConfig":{},"textAnalyzer":{}}]}`))
	f.Add([]byte(`{"classes":[]} `))
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		collections, err := schema.Split(body)
		require.Equal(t, before, body, "the answer is not changed")
		if err != nil {
			return
		}
		require.NoError(t, schema.Validate(body), "parts that are good JSON make a whole that is")
		require.True(t, json.Valid(body), "what is accepted is JSON for other parsers too")
		for _, c := range collections {
			require.True(t, json.Valid(c.Raw))
			require.Contains(t, string(body), string(c.Raw))
			form, err := c.Canonical()
			require.NoError(t, err)
			again, err := schema.Parse(form)
			require.NoError(t, err)
			second, err := again.Canonical()
			require.NoError(t, err)
			require.Equal(t, string(form), string(second), "the canonical form is its own canonical form")
		}
	})
}
