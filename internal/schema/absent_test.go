package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// Properties are compared one by one also where one side has none, so that each
// is a property that can be added.
func TestCompareWithoutProperties(t *testing.T) {
	t.Parallel()
	full, err := schema.Parse([]byte(`{"class":"A","properties":[{"name":"x"},{"name":"y"}]}`))
	require.NoError(t, err)
	for _, none := range []string{`{"class":"A"}`, `{"class":"A","properties":null}`, `{"class":"A","properties":[]}`} {
		empty, err := schema.Parse([]byte(none))
		require.NoError(t, err)
		added, err := schema.Compare(empty, full)
		require.NoError(t, err)
		require.Len(t, added, 2, none)
		assert.Equal(t, schema.Path{"properties", "x"}, added[0].Path)
		assert.True(t, added[0].Added() && added[1].Added())
		changes, err := schema.Classify(empty, added, "1.39.0")
		require.NoError(t, err)
		assert.Equal(t, schema.Additive, changes[0].Class)
		removed, err := schema.Compare(full, empty)
		require.NoError(t, err)
		require.Len(t, removed, 2, none)
		assert.True(t, removed[0].Removed() && removed[1].Removed())
		other, err := schema.Parse([]byte(`{"class":"A","properties":[]}`))
		require.NoError(t, err)
		same, err := schema.Compare(empty, other)
		require.NoError(t, err)
		assert.Empty(t, same, none)
	}
}
