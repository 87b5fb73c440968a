package diff_test

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/diff"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// saved is a snapshot of a collection without properties.
func saved(name string, aliases []string) snapshot.Snapshot {
	return snapshot.Snapshot{
		Metadata: snapshot.Metadata{Version: snapshot.Version, Type: snapshot.TypeSchemaOnly, Collection: name, SchemaDigest: "of " + name},
		Schema:   jsontext.Value(`{"class":"` + name + `"}`),
		Aliases:  aliases,
	}
}

// Snapshots without a manifest speak of themselves only.
func TestBackupWithoutManifest(t *testing.T) {
	t.Parallel()
	b := diff.Backup{Label: "backups", Snapshots: []snapshot.File{{Snapshot: saved("A", []string{"X"})}, {Snapshot: saved("B", []string{})}}}
	side, err := b.Side()
	require.NoError(t, err)
	assert.True(t, side.Covers("A"))
	assert.False(t, side.Covers("C"))
	assert.False(t, side.Open)
	assert.Equal(t, map[string]string{"X": "A"}, side.Aliases)

	b.Snapshots[1].Aliases = nil
	side, err = b.Side()
	require.NoError(t, err)
	assert.Nil(t, side.Aliases, "those of B are not known")
}

// A manifest tells what its run would have saved.
func TestBackupWithManifest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		asked, excluded []string
		covers, open    bool
	}{
		{nil, nil, true, true},
		{nil, []string{"C*"}, false, true},
		{[]string{"C"}, nil, true, false},
		{[]string{"A"}, nil, false, false},
		{[]string{"C*"}, nil, true, true},
	} {
		run := &snapshot.Manifest{Completeness: snapshot.Completeness{Selection: snapshot.Selection{Collections: test.asked, Excluded: test.excluded}}}
		b := diff.Backup{Run: run}
		side, err := b.Side()
		require.NoError(t, err)
		assert.Equal(t, test.covers, side.Covers("C"), test)
		assert.Equal(t, test.open, side.Open, test)
	}
}

// An undecoded file has the server's collection where the definitions are the same, and
// is decoded where they are not.
func TestDecode(t *testing.T) {
	t.Parallel()
	undecoded := func(name, listed string) snapshot.Undecoded {
		data, err := saved(name, nil).Encode()
		require.NoError(t, err)
		return snapshot.Undecoded{Entry: snapshot.Entry{Collection: listed, SchemaDigest: "listed"}, Path: "backups/" + name, Data: data}
	}
	live := diff.Collection{Collection: schema.Collection{Name: "A", Raw: jsontext.Value(`{"class":"A"}`)}}

	b := diff.Backup{Undecoded: []snapshot.Undecoded{undecoded("A", "A"), undecoded("B", "B")}}
	side, err := b.Side()
	require.NoError(t, err)
	counterpart := side.Counterpart()
	assert.Equal(t, []string{"A", "B"}, counterpart.Names)
	assert.Equal(t, 2, counterpart.Count)
	live.KnownDigest = counterpart.Digest(live.Collection)
	assert.Equal(t, "listed", live.KnownDigest)
	assert.Empty(t, counterpart.Digest(schema.Collection{Name: "B", Raw: live.Raw}))
	live.Properties = 7 // to know it again
	require.NoError(t, side.Decode(diff.Side{Collections: []diff.Collection{live}}))
	require.Len(t, side.Collections, 2)
	assert.Equal(t, live, side.Collections[0])
	assert.Equal(t, "B", side.Collections[1].Name)

	b = diff.Backup{Undecoded: []snapshot.Undecoded{undecoded("A", "B")}}
	side, err = b.Side()
	require.NoError(t, err)
	require.ErrorContains(t, side.Decode(diff.Side{}), `backups/A: it is a snapshot of "A", not of "B" as the manifest says`)
}
