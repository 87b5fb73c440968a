package verify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

const stableManifest = "manifest.json"

// stable is the golden folder with a run of stable names beside the other one.
func stable(t *testing.T) folder {
	t.Helper()
	f := golden(t)
	m, err := snapshot.DecodeManifest([]byte(f[manifestFile]))
	require.NoError(t, err)
	m.Timestamp = time.Time{}
	for i, entry := range m.Snapshots {
		s, err := snapshot.Decode([]byte(f[entry.File]))
		require.NoError(t, err)
		s.Metadata.Timestamp = time.Time{}
		data, err := s.Encode()
		require.NoError(t, err)
		name := entry.Collection + "_schema.json"
		f[name] = string(data)
		m.Snapshots[i].File, m.Snapshots[i].Bytes, m.Snapshots[i].SHA256 = name, int64(len(data)), schema.SHA256(data)
	}
	data, err := m.Encode()
	require.NoError(t, err)
	f[stableManifest] = string(data)
	return f
}

// A folder stands for its manifest.json, whatever else is in it.
func TestStableNames(t *testing.T) {
	t.Parallel()
	good := stable(t)
	result := run(t, good, "backups")
	assert.Empty(t, result.Findings)
	assert.Equal(t, "backups/"+stableManifest, result.Manifest)
	assert.Equal(t, []string{"Article", "Author", "Shop"}, result.Collections)
	assert.Empty(t, run(t, good, "backups/"+manifestFile).Findings, "the other run is no worse for it")
	assert.Empty(t, run(t, good, "backups/Article_schema.json").Findings)

	for name, test := range map[string]struct {
		folder folder
		want   string
	}{
		"damaged":               {good.with(stableManifest, "{"), stableManifest},
		"a byte more":           {good.with("Shop_schema.json", good["Shop_schema.json"]+"\n"), "Shop_schema.json"},
		"missing":               {good.without("Shop_schema.json"), "Shop_schema.json"},
		"not listed":            {good.with("More_schema.json", good["Shop_schema.json"]), "More_schema.json"},
		"of another run":        {good.with("Shop_schema.json", good[shopFile]), "Shop_schema.json"},
		"of another collection": {good.with("Shop_schema.json", good["Author_schema.json"]), "Shop_schema.json"},
	} {
		assert.Equal(t, []string{test.want}, filesOf(run(t, test.folder, "backups")), name)
	}
}

// A manifest without a time is none of a run that has one in its name.
func TestTimeInTheNameOnly(t *testing.T) {
	t.Parallel()
	good := stable(t)
	assert.Equal(t, []string{manifestFile}, filesOf(run(t, good.with(manifestFile, good[stableManifest]), "backups/"+manifestFile)))
	result := run(t, good.without(manifestFile).with(articleFile, good["Article_schema.json"]), "backups/"+articleFile)
	assert.Equal(t, []string{articleFile}, filesOf(result))
	assert.Contains(t, result.Findings[0].Text, `"Article" at no time`)

	// A snapshot of a run with a time may be kept under any name that no manifest lists.
	kept := run(t, good.without(stableManifest).with("Article_schema.json", good[articleFile]), "backups/Article_schema.json")
	assert.Empty(t, kept.Findings)
	assert.Contains(t, kept.NotChecked[0], `The name "Article_schema.json"`)
}
