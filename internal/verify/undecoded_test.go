package verify_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
)

func runHashOnly(tb testing.TB, f folder) verify.Result {
	tb.Helper()
	result, err := verify.Run(tb.Context(), f, verify.Options{Path: "backups", HashOnly: true})
	require.NoError(tb, err)
	return result
}

// What is checked by its hash only has the definition that a closer look finds.
func TestUndecoded(t *testing.T) {
	t.Parallel()
	good := golden(t)
	result, looked := runHashOnly(t, good), run(t, good, "backups")
	assert.Empty(t, result.Findings)
	assert.Empty(t, result.Snapshots)
	assert.Equal(t, looked.Collections, result.Collections)
	require.Len(t, result.Undecoded, len(looked.Snapshots))
	for i, u := range result.Undecoded {
		definition, err := looked.Snapshots[i].Definition()
		require.NoError(t, err)
		assert.Equal(t, string(definition.Raw), string(schema.Compact(snapshot.CutDefinition(u.Data))))
		assert.Equal(t, looked.Snapshots[i].Path, u.Path)
		assert.Equal(t, looked.Snapshots[i].Data, u.Data)
	}
}

// Without a closer look too, a flipped bit is found in each file, and in a manifest
// where it changes what this means.
func TestFlippedBitsOfUndecodedFiles(t *testing.T) {
	t.Parallel()
	good := golden(t)
	whole := runHashOnly(t, good)
	for name, text := range good {
		for i := range len(text) {
			data := []byte(text)
			data[i] ^= 1 << (i % 8)
			result := runHashOnly(t, good.with(name, string(data)))
			if name == manifestFile && len(result.Findings) == 0 {
				require.Equal(t, string(schema.Compact([]byte(text))), string(schema.Compact(data)), "byte %d, bit %d", i, i%8)
				require.Equal(t, whole.Undecoded, result.Undecoded)
				continue
			}
			require.Equal(t, []string{name}, filesOf(result), "byte %d, bit %d", i, i%8)
		}
	}
}
