package schema_test

import (
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"Doc", "Doc", true},
		{"Doc", "Docs", false},
		{"doc", "Doc", false},
		{"*", "Doc", true},
		{"Doc*", "Doc", true},
		{"Doc*", "Docs", true},
		{"*s", "Docs", true},
		{"D?c", "Doc", true},
		{"D?c", "Dc", false},
		{"*a*b*", "xxaxxbxx", true},
		{"*a*b", "xxaxxbx", false},
		{"**", "", true},
		{"?", "", false},
	} {
		assert.Equal(t, test.want, schema.Match(test.pattern, test.name), "%s %s", test.pattern, test.name)
	}
}

// The standard library's globs agree wherever the pattern has only * and ?.
func TestMatchAgreesWithPathMatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab*?]{0,12}`).Draw(t, "pattern")
		name := rapid.StringMatching(`[ab]{0,12}`).Draw(t, "name")
		want, err := path.Match(pattern, name)
		require.NoError(t, err)
		require.Equal(t, want, schema.Match(pattern, name))
	})
}

func TestValidatePattern(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"Doc", "doc_1", "*", "Doc?", "*_v2"} {
		require.NoError(t, schema.ValidatePattern(good), good)
	}
	require.ErrorContains(t, schema.ValidatePattern(""), "an empty name")
	for _, bad := range []string{"a-b", "a b", "[ab]", "Dö", "a/b", "a,b", "a\n"} {
		require.ErrorContains(t, schema.ValidatePattern(bad), "is not allowed", bad)
	}
}

func TestValidName(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"A", "Doc_1", "A" + strings.Repeat("b", 254)} {
		assert.True(t, schema.ValidName(good), good)
	}
	for _, bad := range []string{"", "doc", "1A", "A-b", "A" + strings.Repeat("b", 255), "A\n", "../A", "Ä"} {
		assert.False(t, schema.ValidName(bad), bad)
	}
	assert.True(t, schema.ValidTenantName("a-B_9"))
	for _, bad := range []string{"", "a b", `a")`, strings.Repeat("x", 65), "a\n"} {
		assert.False(t, schema.ValidTenantName(bad), bad)
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	names := []string{"Article", "Author", "Publication", "UserDocuments"}
	assert.Equal(t, []string{"Article"}, schema.Near("Articel", names))
	assert.Equal(t, []string{"Article"}, schema.Near("article", names))
	assert.Equal(t, []string{"UserDocuments"}, schema.Near("UserDocument", names))
	assert.Empty(t, schema.Near("Wholly", names))
	assert.Len(t, schema.Near("Ab", []string{"Aa", "Ac", "Ad", "Ae"}), 3)
}
