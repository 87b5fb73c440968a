package restore_test

import (
	"flag"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

var (
	olders = flag.String("versions", "1.27.0,1.35.2", "servers that backups move from and to: exact versions with commas between")
	newer  = flag.String("newer", weaviatetest.DefaultVersion, "the server that they move to and from")
)

// comeBack is how many collections of 1.39 older servers take.
var comeBack = map[string]int{"1.27.0": 1, "1.35.2": 50}

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
	deleteAll(t, server.URL)
	result, err = run(t, server.URL, backup, nil)
	require.NoError(t, err)
	assert.Len(t, result.Restored, len(names))
	assert.Equal(t, want, digests(t, server.URL))
	for _, c := range result.Report.Collections {
		assert.Empty(t, c.Differences)
	}

	t.Log("once more, which changes nothing")
	result, err = run(t, server.URL, backup, func(o *restore.Options) { o.OnExisting = restore.OnExistingSkip })
	require.NoError(t, err)
	assert.Empty(t, result.Restored)
	assert.Len(t, result.Skipped, len(names))
	assert.Equal(t, want, digests(t, server.URL))

	t.Log("each alone")
	deleteAll(t, server.URL)
	for _, s := range backup.Snapshots {
		alone := backup
		alone.Snapshots = []snapshot.Snapshot{s} // what it refers to did not exist, as far as this backup knows
		result, err := run(t, server.URL, alone, nil)
		require.NoError(t, err, s.Metadata.Collection)
		assert.Equal(t, []string{s.Metadata.Collection}, result.Restored)
		assert.Equal(t, map[string]string{s.Metadata.Collection: want[s.Metadata.Collection]}, digests(t, server.URL))
		deleteAll(t, server.URL)
	}
	t.Logf("%d collections, three ways", len(names))
}

// What an older server had comes back on a newer one; only keys that the newer
// one adds differ.
func TestRealOldToNew(t *testing.T) {
	t.Parallel()
	for version := range strings.SplitSeq(*olders, ",") {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			weaviatetest.Need(t, version)
			old := weaviatetest.Run(t, weaviatetest.Options{Version: version, Env: weaviatetest.CorpusEnv()})
			names := weaviatetest.LoadCorpus(t, old)
			require.GreaterOrEqual(t, len(names), 30)
			backup := take(t, old.URL)
			require.NoError(t, old.Kill())

			server := weaviatetest.Run(t, weaviatetest.Options{Version: *newer, Env: weaviatetest.CorpusEnv()})
			result, err := run(t, server.URL, backup, nil)
			require.NoError(t, err)
			assert.Len(t, result.Restored, len(names))
			t.Logf("%d collections of %s on %s; keys that differ, and how often: %v", len(names), version, *newer, differing(t, result))
			again, err := run(t, server.URL, backup, func(o *restore.Options) { o.OnExisting = restore.OnExistingSkip })
			require.NoError(t, err)
			assert.Len(t, again.Skipped, len(names))
		})
	}
}

// aName is the part of a path that people chose.
var aName = regexp.MustCompile(`([pP]roperties|vectorConfig)\.[^.]+`)

// differing counts how often a key differs as is expected. Nothing may differ
// otherwise.
func differing(t *testing.T, result restore.Result) map[string]int {
	t.Helper()
	expected := make(map[string]int)
	for _, c := range result.Report.Collections {
		assert.Empty(t, c.Differences, c.Name)
		for _, d := range c.Expected {
			expected[aName.ReplaceAllString(d.Path, "$1.*")]++
		}
	}
	return expected
}

// What an older server would lose is refused in the plan, by name, and nothing
// is written; the rest comes back. Since 1.36 every collection has by default
// a deletion strategy that 1.27.0 does not know, so each is tried with one that it
// knows, too.
func TestRealNewToOld(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{Version: *newer, Env: weaviatetest.CorpusEnv()})
	names := weaviatetest.LoadCorpus(t, server)
	backup := take(t, server.URL)
	require.NoError(t, server.Kill())
	for version := range strings.SplitSeq(*olders, ",") {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			weaviatetest.Need(t, version)
			old := weaviatetest.Run(t, weaviatetest.Options{Version: version, Env: weaviatetest.CorpusEnv()})
			refused := eachAlone(t, old.URL, backup)
			t.Logf("%d of %d collections of %s on %s", len(names)-len(refused), len(names), *newer, version)
			if want, ok := comeBack[version]; ok {
				assert.Len(t, refused, len(names)-want)
			}
			if len(refused) < len(names) {
				rest := func(o *restore.Options) { o.Exclude = slices.Collect(maps.Keys(refused)) }
				result, err := run(t, old.URL, backup, rest)
				require.NoError(t, err)
				assert.Len(t, result.Restored, len(names)-len(refused))
				t.Logf("keys that differ, and how often: %v", differing(t, result))
				deleteAll(t, old.URL)
			}
			if len(refused) > 0 {
				_, err := run(t, old.URL, backup, nil)
				require.ErrorIs(t, err, restore.ErrPlan)
				assert.Empty(t, digests(t, old.URL))
			}
			if version != "1.27.0" {
				return
			}
			backup := backup
			backup.Snapshots = slices.Clone(backup.Snapshots)
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
		deleteAll(t, address)
	}
	return refused
}

// A server that compresses vectors by its own default marks them, and does not mark those
// that are restored with the compression asked for.
func TestRealDefaultQuantization(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{Env: map[string]string{"DEFAULT_QUANTIZATION": "rq-8"}})
	none := map[string]any{"vectorizer": map[string]any{"none": map[string]any{}}, "vectorIndexType": "hnsw"}
	for _, class := range []map[string]any{
		{"class": "Legacy"},
		{"class": "Named", "vectorConfig": map[string]any{"v": none}},
		{"class": "Shop", "multiTenancyConfig": map[string]any{"enabled": true}},
	} {
		server.MustRequest(t, "POST", "/v1/schema", class)
	}
	backup := take(t, server.URL)
	require.Contains(t, string(backup.Snapshots[0].Schema), `"trackDefaultQuantization":true`)
	result, err := run(t, server.URL, backup, func(o *restore.Options) { o.Template = "{name}_restored" })
	require.NoError(t, err)
	assert.Len(t, result.Restored, 3)
	for _, onExisting := range []restore.OnExisting{restore.OnExistingSkip, restore.OnExistingUpdate} {
		result, err = run(t, server.URL, backup, func(o *restore.Options) { o.Template, o.OnExisting = "{name}_restored", onExisting })
		require.NoError(t, err)
		assert.Empty(t, result.Restored)
		assert.Zero(t, result.Differences)
	}
}
