package schema_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// nested is a definition with so many levels of nested properties.
func nested(levels int, leaf string) string {
	return `{"class":"Deep","properties":[` + strings.Repeat(`{"name":"p","nestedProperties":[`, levels) + leaf + strings.Repeat(`]}`, levels) + `]}`
}

func TestValidateDepth(t *testing.T) {
	t.Parallel()
	for _, pair := range []string{"[]", `{"a":}`} {
		middle := pair[:len(pair)-1]
		deep := func(levels int) []byte {
			return []byte(strings.Repeat(middle, levels-1) + "{}" + strings.Repeat(pair[len(pair)-1:], levels-1))
		}
		require.NoError(t, schema.Validate(deep(2500)))
		require.EqualError(t, schema.Validate(deep(2501)), "objects and lists in it are 2501 levels deep, and at most 2500 are read")
		require.ErrorContains(t, schema.Validate(deep(20000)), "not good JSON")
	}
	require.NoError(t, schema.Validate([]byte(`["`+strings.Repeat(`[{\"\\`, 3000)+`"]`)), "brackets in a text are none")
	require.NoError(t, schema.Validate([]byte("["+strings.Repeat(`{},[],`, 3000)+"0]")), "side by side is not deep")
}

// Values deep inside, side by side, have a long line each when they are indented.
func TestIndentedWithin(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	list := func(values int) string {
		return strings.Repeat("[", 2000) + "0" + strings.Repeat(",0", values-1) + strings.Repeat("]", 2000)
	}
	value := jsontext.Value(list(10_000))
	for range 2 { // what is indented already does not grow
		assert.True(t, schema.IndentedWithin(value, 47*mib))
		assert.False(t, schema.IndentedWithin(value, 45*mib))
		require.NoError(t, value.Indent(jsontext.WithIndent("  ")))
		require.Equal(t, 46, (len(value)-1)>>20+1)
	}
	assert.False(t, schema.IndentedWithin([]byte("["+strings.Repeat(list(1)+",", 20)+"0]"), 100*mib))
	assert.True(t, schema.IndentedWithin([]byte(`"`+strings.Repeat("[,", mib)+`"`), 3*mib), "commas and brackets in a text are none")
}

// A change a thousand properties deep is found, and judged.
func TestCompareDeep(t *testing.T) {
	t.Parallel()
	before, err := schema.Parse([]byte(nested(1000, `{"name":"leaf","dataType":["text"]}`)))
	require.NoError(t, err)
	after, err := schema.Parse([]byte(nested(1000, `{"name":"leaf","dataType":["int"]}`)))
	require.NoError(t, err)
	differences, err := schema.Compare(before, after)
	require.NoError(t, err)
	require.Len(t, differences, 1)
	assert.Equal(t, "properties."+strings.Repeat("p.nestedProperties.", 1000)+"leaf.dataType", differences[0].Path.String())
	changes, err := schema.Classify(before, differences, "1.39.0")
	require.NoError(t, err)
	assert.Equal(t, schema.Recreate, changes[0].Class)
}
