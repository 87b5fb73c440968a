package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// BenchmarkSplit and BenchmarkDigest go over the corpus of 1.39.0, 1.5 KB of JSON
// per collection.
func BenchmarkSplit(b *testing.B) {
	body := answer(b, "1.39.0")
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		_, err := schema.Split(body)
		require.NoError(b, err)
	}
}

func BenchmarkDigest(b *testing.B) {
	body := answer(b, "1.39.0")
	collections, err := schema.Split(body)
	require.NoError(b, err)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		for _, c := range collections {
			_, err := c.Digest()
			require.NoError(b, err)
		}
	}
}
