package snapshot_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var started = time.Date(2024, 2, 1, 10, 30, 0, 0, time.UTC)

func pointer[T any](value T) *T { return &value }

func articles(t *testing.T) snapshot.Snapshot {
	t.Helper()
	raw := jsontext.Value(`{"class":"Article","description":"<a> & \u003cb\u003e\nü","multiTenancyConfig":{"enabled":true},"future":{"n":1e+22,"z":-0.0,"list":[],"none":{}},"properties":[{"name":"title","dataType":["text"]}]}`)
	c, err := schema.Parse(raw)
	require.NoError(t, err)
	digest, err := c.Digest()
	require.NoError(t, err)
	return snapshot.Snapshot{
		Metadata: snapshot.Metadata{
			Version:         snapshot.Version,
			Timestamp:       started,
			Collection:      "Article",
			WeaviateVersion: "1.39.0",
			Type:            snapshot.TypeSchemaOnly,
			Count:           snapshot.Count{AtLeast: pointer(int64(12)), Method: snapshot.CountMethod, Reason: "1 of 2 tenants is not active"},
			SchemaDigest:    digest,
			Tool:            "weaviate-backup-action v1.0.0",
		},
		Schema:  raw,
		Tenants: []jsontext.Value{[]byte(`{"activityStatus":"HOT","name":"t1"}`), []byte(`{"activityStatus":"COLD","name":"t2","new":1}`)},
		Aliases: []string{"Articles"},
	}
}

func run(t *testing.T) snapshot.Manifest {
	t.Helper()
	return snapshot.Manifest{
		Version:   snapshot.Version,
		Type:      snapshot.TypeManifest,
		Timestamp: started,
		Source:    snapshot.Source{URL: "http://weaviate:8080", WeaviateVersion: "1.39.0", Modules: []string{"text2vec-openai"}},
		Completeness: snapshot.Completeness{
			Selection: snapshot.Selection{Collections: []string{"Art*"}, Excluded: []string{}},
			Rights:    "user \"ci\" has read_collections on *",
			NotSaved:  []string{"Objects and their vectors: a snapshot holds the schema only."},
		},
		Snapshots: []snapshot.Entry{{
			Collection:   "Article",
			File:         "Article_schema_20240201_103000.json",
			Bytes:        1234,
			SHA256:       schema.SHA256(nil),
			SchemaDigest: schema.SHA256([]byte("x")),
			Count:        snapshot.Count{Objects: pointer(int64(0)), Method: snapshot.CountMethod},
		}},
		Aliases: map[string]string{"Articles": "Article"},
		Tool:    "weaviate-backup-action v1.0.0",
	}
}

// golden compares with, or rewrites, a file of testdata/golden.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "golden", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestSnapshotFile(t *testing.T) {
	t.Parallel()
	data, err := articles(t).Encode()
	require.NoError(t, err)
	golden(t, "snapshot.json", data)
}

func TestManifestFile(t *testing.T) {
	t.Parallel()
	data, err := run(t).Encode()
	require.NoError(t, err)
	golden(t, "manifest.json", data)
}

// What readers of elysiactl's files look for: three top-level keys, the version
// and type strings, no objects, and an indent of two.
func TestSnapshotHasTheShapeThatElysiactlReads(t *testing.T) {
	t.Parallel()
	data, err := articles(t).Encode()
	require.NoError(t, err)
	var file map[string]any
	require.NoError(t, json.Unmarshal(data, &file))
	for _, key := range []string{"metadata", "schema", "objects"} {
		assert.Contains(t, file, key)
	}
	metadata, ok := file["metadata"].(map[string]any)
	require.True(t, ok)
	assert.Equal(t, "1.0", metadata["version"])
	assert.Equal(t, "schema-only", metadata["type"])
	assert.Equal(t, "2024-02-01T10:30:00Z", metadata["timestamp"])
	assert.Equal(t, []any{}, file["objects"])
	assert.True(t, strings.HasPrefix(string(data), "{\n  \"metadata\": {\n    \"version\""))
}

func TestDecodeGivesBackWhatWasEncoded(t *testing.T) {
	t.Parallel()
	want := articles(t)
	data, err := want.Encode()
	require.NoError(t, err)
	got, err := snapshot.Decode(data)
	require.NoError(t, err)
	assert.Equal(t, want.Metadata, got.Metadata)
	assert.Equal(t, want.Aliases, got.Aliases)
	assert.Equal(t, compact(t, want.Schema), compact(t, got.Schema), "bytes but for white space")
	require.Len(t, got.Tenants, 2)
	assert.Equal(t, compact(t, want.Tenants[1]), compact(t, got.Tenants[1]))
	assert.Equal(t, got.Metadata.SchemaDigest, digest(t, got))

	again, err := got.Encode()
	require.NoError(t, err)
	assert.Equal(t, string(data), string(again))
}

func compact(t *testing.T, value jsontext.Value) string {
	t.Helper()
	value = value.Clone()
	require.NoError(t, value.Compact())
	return string(value)
}

// Every class of the corpus survives, key for key and number for number.
func TestDecodeOfEveryFeature(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.27.0", "1.35.2", "1.39.0"} {
		body, err := os.ReadFile(filepath.Join("..", "..", "testdata", "schemas", version, "schema.json"))
		require.NoError(t, err)
		collections, err := schema.Split(body)
		require.NoError(t, err)
		for _, c := range collections {
			s := snapshot.Snapshot{Schema: c.Raw, Metadata: snapshot.Metadata{
				Version: snapshot.Version, Type: snapshot.TypeSchemaOnly, Collection: c.Name, Timestamp: started,
			}}
			data, err := s.Encode()
			require.NoError(t, err)
			got, err := snapshot.Decode(data)
			require.NoError(t, err)
			assert.Equal(t, compact(t, c.Raw), compact(t, got.Schema))
		}
	}
}

func TestDecodeReadsFilesOfElysiactl(t *testing.T) {
	t.Parallel()
	got, err := snapshot.Decode([]byte(`{
  "metadata": {"version": "1.0", "timestamp": "2024-02-01T10:30:00Z", "collection": "UserDocuments",
    "weaviate_version": "1.23.0", "type": "schema-only", "object_count": 1250},
  "schema": {"class": "UserDocuments", "properties": []},
  "objects": []
}`))
	require.NoError(t, err)
	assert.Equal(t, int64(1250), *got.Metadata.Objects)
	assert.Nil(t, got.Tenants)
	assert.Empty(t, got.Metadata.SchemaDigest)
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good, err := articles(t).Encode()
	require.NoError(t, err)
	for name, test := range map[string]struct{ old, new, want string }{
		"an unknown version":       {`"version": "1.0"`, `"version": "2.0"`, `version "2.0" of the snapshot format is not known`},
		"another type":             {`"schema-only"`, `"full"`, `type "full" is not known`},
		"another collection":       {`"collection": "Article"`, `"collection": "Author"`, `metadata are of collection "Author", the schema of "Article"`},
		"no metadata":              {`"metadata"`, `"meta"`, `no "metadata"`},
		"no schema":                {`"schema"`, `"scheme"`, `no "schema"`},
		"no objects":               {`"objects": []`, `"things": []`, `no "objects"`},
		"objects":                  {`"objects": []`, `"objects": [{}]`, "1 objects in a snapshot"},
		"a key twice":              {`"objects": []`, `"objects": [], "objects": []`, "duplicate object member name"},
		"a nameless schema":        {`"class": "Article"`, `"klass": "Article"`, `no "class"`},
		"a count that is no count": {`"object_count": null`, `"object_count": "12"`, "not a snapshot"},
		"text behind it":           {"\"objects\": []\n}\n", "\"objects\": []\n}\n{}", "more text after its end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(string(good), test.old, test.new, 1)
			require.NotEqual(t, string(good), bad)
			_, err := snapshot.Decode([]byte(bad))
			require.ErrorContains(t, err, test.want)
		})
	}
	for length := range len(good) - 2 {
		_, err := snapshot.Decode(good[:length])
		require.Error(t, err, "cut after %d bytes", length)
	}
}

// digest is that of the definition.
func digest(tb testing.TB, s snapshot.Snapshot) string {
	tb.Helper()
	collection, err := s.Definition()
	require.NoError(tb, err)
	digest, err := collection.Digest()
	require.NoError(tb, err)
	return digest
}

func TestDigestSeesAnEdit(t *testing.T) {
	t.Parallel()
	good, err := articles(t).Encode()
	require.NoError(t, err)
	bad := strings.Replace(string(good), `"title"`, `"titel"`, 1)
	got, err := snapshot.Decode([]byte(bad))
	require.NoError(t, err)
	assert.NotEqual(t, got.Metadata.SchemaDigest, digest(t, got))
}

func TestManifestProvesItself(t *testing.T) {
	t.Parallel()
	want := run(t)
	data, err := want.Encode()
	require.NoError(t, err)
	got, err := snapshot.DecodeManifest(data)
	require.NoError(t, err)
	want.Checksum = got.Checksum
	assert.Equal(t, want, got)

	// Another order of keys and other white space are the same manifest; any
	// other byte is not.
	value := jsontext.Value(data).Clone()
	require.NoError(t, value.Canonicalize())
	_, err = snapshot.DecodeManifest(value)
	require.NoError(t, err)
	for i := range value {
		for _, bit := range []byte{1, 2, 4, 8, 16, 32, 64, 128} {
			flipped := value.Clone()
			flipped[i] ^= bit
			_, err := snapshot.DecodeManifest(flipped)
			require.Error(t, err, "bit %d of byte %d: %s", bit, i, flipped)
		}
	}
}

func TestManifestChecksumCoversUnknownKeys(t *testing.T) {
	t.Parallel()
	data, err := run(t).Encode()
	require.NoError(t, err)
	_, err = snapshot.DecodeManifest([]byte(strings.Replace(string(data), `"tool"`, `"added": 1, "tool"`, 1)))
	require.ErrorContains(t, err, "does not have the checksum")
}

func TestManifestRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ data, want string }{
		"a snapshot":         {`{"metadata":{}}`, `its type is ""`},
		"an unknown version": {`{"type":"manifest","version":"9"}`, `version "9" of the manifest format`},
		"no checksum":        {`{"type":"manifest","version":"1.0"}`, "no checksum"},
		"a list":             {`[]`, "not a manifest"},
	} {
		_, err := snapshot.DecodeManifest([]byte(test.data))
		require.ErrorContains(t, err, test.want, name)
	}
}

// Both files obey the schemas that other programs read, which refuse unknown
// types but let unknown keys pass.
func TestFilesObeyTheirJSONSchema(t *testing.T) {
	t.Parallel()
	s, err := articles(t).Encode()
	require.NoError(t, err)
	m, err := run(t).Encode()
	require.NoError(t, err)
	for file, data := range map[string][]byte{"snapshot.schema.json": s, "manifest.schema.json": m} {
		compiled, err := jsonschema.NewCompiler().Compile(file)
		require.NoError(t, err)
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
		require.NoError(t, err)
		require.NoError(t, compiled.Validate(instance), file)

		bad, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(string(data), `"1.0"`, `1.0`, 1)))
		require.NoError(t, err)
		require.Error(t, compiled.Validate(bad), file)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"metadata":{"version":"1.0","type":"schema-only","collection":"A"},"schema":{"class":"A"},"objects":[]}`))
	f.Add([]byte(`{"metadata":{"version":"1.0","type":"schema-only","collection":"A","object_count":1},"schema":{"class":"A","x":1e5},"tenants":[{}],"aliases":["B"],"objects":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := snapshot.Decode(data)
		if err != nil {
			return
		}
		encoded, err := s.Encode()
		if err != nil {
			// A time stamp outside of the years that RFC 3339 can write.
			require.ErrorContains(t, err, "time.Time")
			return
		}
		again, err := snapshot.Decode(encoded)
		require.NoError(t, err)
		second, err := again.Encode()
		require.NoError(t, err)
		require.Equal(t, string(encoded), string(second))
	})
}

// What many values deep inside make huge is refused before it is laid out.
func TestSnapshotThatCouldNotBeReadAgain(t *testing.T) {
	t.Parallel()
	s := snapshot.Snapshot{
		Metadata: snapshot.Metadata{Collection: "Deep"},
		Schema:   []byte(`{"class":"Deep","moduleConfig":` + strings.Repeat("[", 2000) + "0" + strings.Repeat(",0", 70_000) + strings.Repeat("]", 2000) + `}`),
	}
	require.Less(t, len(s.Schema), 1<<20)
	_, err := s.Encode()
	require.EqualError(t, err, "encode the snapshot of Deep: it would have more than 256 MiB, and could not be read again")
}
