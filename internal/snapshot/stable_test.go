package snapshot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// stable is the same file of a run without a time.
func stable(t *testing.T) (snapshot.Snapshot, snapshot.Manifest) {
	t.Helper()
	s, m := articles(t), run(t)
	s.Metadata.Timestamp, m.Timestamp = time.Time{}, time.Time{}
	m.Snapshots[0].File = "Article_schema.json"
	return s, m
}

func TestStableFiles(t *testing.T) {
	t.Parallel()
	s, m := stable(t)
	data, err := s.Encode()
	require.NoError(t, err)
	golden(t, "stable-snapshot.json", data)
	list, err := m.Encode()
	require.NoError(t, err)
	golden(t, "stable-manifest.json", list)

	// Another run, at another server, with other counts.
	s.Metadata.WeaviateVersion, s.Metadata.Tool, s.Metadata.Count = "1.40.0", "another", snapshot.Count{Reason: "not asked"}
	m.Source, m.Tool, m.Completeness.Rights, m.Snapshots[0].Count = snapshot.Source{}, "another", "other", s.Metadata.Count
	again, err := s.Encode()
	require.NoError(t, err)
	assert.Equal(t, string(data), string(again))
	again, err = m.Encode()
	require.NoError(t, err)
	assert.Equal(t, string(list), string(again))

	// And back.
	back, err := snapshot.Decode(data)
	require.NoError(t, err)
	assert.Equal(t, back.Metadata.SchemaDigest, digest(t, back))
	assert.Equal(t, snapshot.Metadata{
		Version: snapshot.Version, Collection: "Article", Type: snapshot.TypeSchemaOnly, SchemaDigest: s.Metadata.SchemaDigest,
	}, back.Metadata)
	assert.Len(t, back.Tenants, 2)
	read, err := snapshot.DecodeManifest(list)
	require.NoError(t, err)
	assert.True(t, read.Timestamp.IsZero())
	assert.Equal(t, "Article_schema.json", read.Snapshots[0].File)
	for check, data := range map[string][]byte{"snapshot": data, "manifest": list} {
		problems, err := map[string]func([]byte) ([]string, error){
			"snapshot": snapshot.CheckShape, "manifest": snapshot.CheckManifestShape,
		}[check](data)
		require.NoError(t, err)
		assert.Empty(t, problems)
	}
}

// A file that has lost its time is not taken for a stable one.
func TestTimeIsNotMissed(t *testing.T) {
	t.Parallel()
	data, err := articles(t).Encode()
	require.NoError(t, err)
	problems, err := snapshot.CheckShape([]byte(strings.Replace(string(data), `"timestamp"`, `"time"`, 1)))
	require.NoError(t, err)
	assert.Equal(t, []string{
		`/metadata lacks "timestamp", which "object_count" needs`, `/metadata lacks "timestamp", which "tool" needs`,
		`/metadata lacks "timestamp", which "weaviate_version" needs`,
	}, problems)
	data, err = run(t).Encode()
	require.NoError(t, err)
	problems, err = snapshot.CheckManifestShape([]byte(strings.Replace(string(data), `"timestamp"`, `"time"`, 1)))
	require.NoError(t, err)
	assert.Equal(t, []string{`the file lacks "timestamp", which "source" needs`, `the file lacks "timestamp", which "tool" needs`}, problems)

	s, _ := stable(t)
	s.Metadata.SchemaDigest = ""
	data, err = s.Encode()
	require.NoError(t, err)
	_, err = snapshot.Decode(data)
	require.EqualError(t, err, "not a snapshot: neither a timestamp nor a schema digest")
}

func TestStableNames(t *testing.T) {
	t.Parallel()
	for _, try := range []int{1, 2} {
		name, err := snapshot.FileName("UserDocuments", time.Time{}, try)
		require.NoError(t, err)
		assert.Equal(t, "UserDocuments_schema.json", name)
		assert.Equal(t, "manifest.json", snapshot.ManifestName(time.Time{}, try))
	}
	name, err := snapshot.FileName(strings.Repeat("A", 255), time.Time{}, 1)
	require.NoError(t, err)
	assert.Len(t, name, 255)
}
