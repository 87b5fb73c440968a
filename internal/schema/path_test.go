package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

func TestPathString(t *testing.T) {
	t.Parallel()
	for want, path := range map[string]schema.Path{
		"":                              nil,
		"class":                         {"class"},
		"properties.title.tokenization": {"properties", "title", "tokenization"},
		"moduleConfig.text2vec-openai":  {"moduleConfig", "text2vec-openai"},
		`a.""`:                          {"a", ""},
		`a."b.c".d`:                     {"a", "b.c", "d"},
		`a."say \"x\""`:                 {"a", `say "x"`},
		`"\n::error::x"`:                {"\n::error::x"},
		`"\x1b[2J"`:                     {"\x1b[2J"},
		`"\x7f"`:                        {"\x7f"},
		`"\u2028"`:                      {"\u2028"},
		`"\u202egnp"`:                   {"\u202egnp"},
		`größe.a\b.*`:                   {"größe", `a\b`, "*"},
	} {
		assert.Equal(t, want, path.String())
	}
}

// Two paths never read the same.
func TestPathStringIsUnique(t *testing.T) {
	t.Parallel()
	key := rapid.StringMatching(`[a."\\]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		a := schema.Path(rapid.SliceOfN(key, 1, 3).Draw(t, "a"))
		b := schema.Path(rapid.SliceOfN(key, 1, 3).Draw(t, "b"))
		same := len(a) == len(b)
		for i := range a {
			same = same && a[i] == b[i]
		}
		require.Equal(t, same, a.String() == b.String(), "%q %q", a, b)
	})
}

func TestPathFits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path    schema.Path
		pattern string
		want    bool
	}{
		{schema.Path{"a"}, "a", true},
		{schema.Path{"a"}, "A", false},
		{schema.Path{"a"}, "b", false},
		{schema.Path{"a", "b"}, "a", false},
		{schema.Path{"a"}, "a.b", false},
		{schema.Path{"a", "b"}, "a.b", true},
		{nil, "a", false},

		{schema.Path{"a"}, "*", true},
		{schema.Path{""}, "*", true},
		{schema.Path{"a.b"}, "*", true},
		{nil, "*", false},
		{schema.Path{"a", "b"}, "*", false},
		{schema.Path{"a", "b", "c"}, "a.*.c", true},
		{schema.Path{"a", "c"}, "a.*.c", false},
		{schema.Path{"a", "b", "b", "c"}, "a.*.c", false},

		{schema.Path{"auto"}, "auto*", true},
		{schema.Path{"autoTenantCreation"}, "auto*", true},
		{schema.Path{"enabled"}, "auto*", false},
		{schema.Path{"skipDefaultQuantization"}, "*DefaultQuantization", true},
		{schema.Path{"auto", "x"}, "auto*", false},

		{nil, "**", true},
		{schema.Path{"a"}, "**", true},
		{schema.Path{"a", "b", "c"}, "**", true},
		{schema.Path{"a"}, "a.**", true},
		{schema.Path{"a", "b", "c"}, "a.**", true},
		{schema.Path{"b", "a"}, "a.**", false},
		{schema.Path{"c"}, "**.c", true},
		{schema.Path{"a", "b", "c"}, "**.c", true},
		{schema.Path{"a", "c", "b"}, "**.c", false},
		{schema.Path{"a", "x", "c", "y", "c"}, "a.**.c", true},
		{schema.Path{"a", "c"}, "a.**.c", true},
		{schema.Path{"vectorConfig", "v", "vectorIndexConfig", "hnsw", "rq", "bits"}, "**.vectorIndexConfig.**.rq.bits", true},
		{schema.Path{"vectorIndexConfig", "rq", "bits"}, "**.vectorIndexConfig.**.rq.bits", true},
		{schema.Path{"vectorIndexConfig", "rq"}, "**.vectorIndexConfig.**.rq.bits", false},
		{schema.Path{"a"}, "a.*.**", false},
		{schema.Path{"a", "b"}, "a.*.**", true},
	} {
		assert.Equal(t, test.want, test.path.Fits(test.pattern), "%s fits %s", test.path, test.pattern)
	}
}
