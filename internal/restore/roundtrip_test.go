package restore_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// Every feature that a server accepts comes back as it was: all collections
// together into an emptied server, beside the originals under other names, and
// each alone.
func TestRealRoundTrip(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{Env: weaviatetest.CorpusEnv()})
	names := weaviatetest.LoadCorpus(t, server)
	require.GreaterOrEqual(t, len(names), 40)
	backup := take(t, server.URL)
	want := savedDigests(t, backup)

	t.Log("beside the originals")
	result, err := run(t, server.URL, backup, func(o *restore.Options) { o.Template = "{name}_restored" })
	require.NoError(t, err)
	assert.Len(t, result.Restored, len(names))
	assert.Zero(t, result.Differences)
	live, err := connect(t, server.URL, "").Schema(t.Context())
	require.NoError(t, err)
	require.Len(t, live, 2*len(names))
	back := make(map[string]string)
	original := make(map[string]string)
	for _, name := range names {
		back[name+"_restored"], original[name+"_restored"] = name, name
	}
	for _, c := range live {
		if _, ok := original[c.Name]; !ok {
			continue
		}
		renamed, err := c.For(schema.Destination{Names: back})
		require.NoError(t, err)
		digest, err := renamed.Digest()
		require.NoError(t, err)
		assert.Equal(t, want[renamed.Name], digest, c.Name)
	}

	t.Log("together")
	clear(t, server.URL)
	result, err = run(t, server.URL, backup, nil)
	require.NoError(t, err)
	assert.Len(t, result.Restored, len(names))
	assert.Equal(t, want, digests(t, server.URL))
	for _, c := range result.Report.Collections {
		assert.Empty(t, c.Differences)
	}

	t.Log("once more, which changes nothing")
	result, err = run(t, server.URL, backup, func(o *restore.Options) { o.OnExisting = restore.Skip })
	require.NoError(t, err)
	assert.Empty(t, result.Restored)
	assert.Len(t, result.Skipped, len(names))
	assert.Equal(t, want, digests(t, server.URL))

	t.Log("each alone")
	clear(t, server.URL)
	for _, s := range backup.Snapshots {
		alone := backup
		alone.Snapshots = []snapshot.Snapshot{s} // what it refers to did not exist, as far as this backup knows
		result, err := run(t, server.URL, alone, nil)
		require.NoError(t, err, s.Metadata.Collection)
		assert.Equal(t, []string{s.Metadata.Collection}, result.Restored)
		assert.Equal(t, map[string]string{s.Metadata.Collection: want[s.Metadata.Collection]}, digests(t, server.URL))
		clear(t, server.URL)
	}
	t.Logf("%d collections, three ways", len(names))
}

// What an older server had comes back on a newer one; only keys that the newer
// one adds differ.
func TestRealOldToNew(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.27.0", "1.35.2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			weaviatetest.Need(t, version)
			old := weaviatetest.Run(t, weaviatetest.Options{Version: version, Env: weaviatetest.CorpusEnv()})
			names := weaviatetest.LoadCorpus(t, old)
			require.GreaterOrEqual(t, len(names), 30)
			backup := take(t, old.URL)
			require.NoError(t, old.Kill())

			server := weaviatetest.Run(t, weaviatetest.Options{Env: weaviatetest.CorpusEnv()})
			result, err := run(t, server.URL, backup, nil)
			require.NoError(t, err)
			assert.Len(t, result.Restored, len(names))
			added := make(map[string]int)
			for _, c := range result.Report.Collections {
				assert.Empty(t, c.Differences, c.Name)
				for _, d := range c.Added {
					added[d.Path+": "+d.Backup+" -> "+d.Server]++
				}
			}
			t.Logf("%d collections of %s on %s; keys that differ, and in how many: %v", len(names), version, weaviatetest.DefaultVersion, added)
			again, err := run(t, server.URL, backup, func(o *restore.Options) { o.OnExisting = restore.Skip })
			require.NoError(t, err)
			assert.Len(t, again.Skipped, len(names))
		})
	}
}

// What an older server would lose is refused in the plan, by name, and nothing
// is written. Since 1.36 every collection has a deletion strategy that 1.27 does
// not know, so there each is tried with one that it knows, too.
func TestRealNewToOld(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{Env: weaviatetest.CorpusEnv()})
	names := weaviatetest.LoadCorpus(t, server)
	backup := take(t, server.URL)
	require.NoError(t, server.Kill())
	for version, restored := range map[string]int{"1.27.0": 1, "1.35.2": 50} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			weaviatetest.Need(t, version)
			old := weaviatetest.Run(t, weaviatetest.Options{Version: version, Env: weaviatetest.CorpusEnv()})
			_, err := run(t, old.URL, backup, nil)
			require.ErrorIs(t, err, restore.ErrPlan)
			assert.Empty(t, digests(t, old.URL))

			assert.Len(t, eachAlone(t, old.URL, backup), len(names)-restored, "refused")
			if version != "1.27.0" {
				return
			}
			for i := range backup.Snapshots {
				text := strings.ReplaceAll(string(backup.Snapshots[i].Schema), `"TimeBasedResolution"`, `"DeleteOnConflict"`)
				backup.Snapshots[i].Schema = []byte(text)
			}
			assert.Len(t, eachAlone(t, old.URL, backup), 17, "refused, with another deletion strategy")
		})
	}
}

// eachAlone restores each collection alone, and gives what the plan says of those
// that it refuses. Nothing else may keep one from being restored.
func eachAlone(t *testing.T, address string, backup restore.Backup) map[string][]string {
	t.Helper()
	refused := make(map[string][]string)
	for _, s := range backup.Snapshots {
		alone := backup
		alone.Snapshots = []snapshot.Snapshot{s}
		result, err := run(t, address, alone, nil)
		if err != nil {
			require.ErrorIs(t, err, restore.ErrPlan)
			assert.NotEmpty(t, result.Report.Problems)
			assert.Empty(t, digests(t, address), "a failure leaves nothing: %v", err)
			refused[s.Metadata.Collection] = result.Report.Problems
			t.Logf("%q", result.Report.Problems)
		}
		clear(t, address)
	}
	return refused
}
