package diff_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/diff"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

const article = `{"class":"Article","description":"texts","vectorizer":"none","vectorIndexType":"hnsw",
	"vectorIndexConfig":{"ef":-1,"efConstruction":128},"replicationConfig":{"factor":3},
	"properties":[{"name":"title","dataType":["text"],"tokenization":"word"},{"name":"size","dataType":["int"]}]}`

// side is a whole server that has these collections.
func side(t *testing.T, definitions ...string) diff.Side {
	t.Helper()
	s := diff.Side{Version: "1.39.0", Aliases: map[string]string{}, Covers: func(string) bool { return true }}
	for _, definition := range definitions {
		c, err := schema.Parse([]byte(definition))
		require.NoError(t, err)
		s.Collections = append(s.Collections, diff.Collection{Collection: c})
	}
	slices.SortFunc(s.Collections, func(a, b diff.Collection) int { return strings.Compare(a.Name, b.Name) })
	return s
}

// words are the changes, one each: collection, path, kind, class.
func words(changes []diff.Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, strings.TrimSpace(c.Collection+" "+c.Path.String())+" "+string(c.Kind())+" ("+string(c.Class)+")")
	}
	return all
}

func TestCompare(t *testing.T) {
	t.Parallel()
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(article) }
	for name, test := range map[string]struct {
		base, against []string
		want          []string
	}{
		"the same":  {[]string{article}, []string{article}, nil},
		"key order": {[]string{article}, []string{change(`"class":"Article","description":"texts"`, `"description":"texts","class":"Article"`)}, nil},
		"a setting": {[]string{article}, []string{change(`"ef":-1`, `"ef":64`)}, []string{"Article vectorIndexConfig.ef changed (in place)"}},
		"how the index is built": {
			[]string{article},
			[]string{change(`"efConstruction":128`, `"efConstruction":64`)},
			[]string{"Article vectorIndexConfig.efConstruction changed (re-create)"},
		},
		"worst first": {
			[]string{article},
			[]string{change(`"texts"`, `"more"`, `"word"`, `"field"`, `]}]}`, `]},{"name":"new","dataType":["int"]}]}`)},
			[]string{"Article properties.title.tokenization changed (re-create)", "Article properties.new added (additive)", "Article description changed (in place)"},
		},
		"fewer replicas": {[]string{article}, []string{change(`"factor":3`, `"factor":2`)}, []string{"Article replicationConfig.factor changed (in place)"}},
		"more replicas":  {[]string{article}, []string{change(`"factor":3`, `"factor":4`)}, []string{"Article replicationConfig.factor changed (re-create)"}},
		"a collection came and one went": {
			[]string{article, `{"class":"Old"}`},
			[]string{article, `{"class":"New","description":"x"}`},
			[]string{"Old removed (re-create)", "New added (additive)"},
		},
		"what a newer server adds": {
			[]string{`{"class":"A","vectorIndexConfig":{"ef":-1},"invertedIndexConfig":{}}`},
			[]string{`{"class":"A","vectorIndexConfig":{"ef":-1,"rq":{"bits":8,"enabled":false}},"invertedIndexConfig":{"usingBlockMaxWAND":true}}`},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := diff.Compare(side(t, test.base...), side(t, test.against...), diff.Options{})
			require.NoError(t, err)
			assert.Equal(t, test.want, words(result.Changes))
		})
	}
}

func TestCompareOptions(t *testing.T) {
	t.Parallel()
	base := side(t, article, `{"class":"Author","description":"a"}`, `{"class":"Scratch"}`)
	against := side(t, strings.Replace(article, `"factor":3`, `"factor":2`, 1), `{"class":"Author","description":"b"}`)
	for name, test := range map[string]struct {
		options diff.Options
		want    []string
		ignored int
	}{
		"include": {diff.Options{Include: []string{"Aut*"}}, []string{"Author description changed (in place)"}, 0},
		"exclude": {diff.Options{Exclude: []string{"A*"}}, []string{"Scratch removed (re-create)"}, 0},
		"ignore a path everywhere": {
			diff.Options{Ignore: []string{"*.replicationConfig.factor"}},
			[]string{"Scratch removed (re-create)", "Author description changed (in place)"},
			1,
		},
		"ignore all of a collection": {
			diff.Options{Ignore: []string{"Author.**", "Scratch"}}, []string{"Article replicationConfig.factor changed (in place)"}, 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := diff.Compare(base, against, test.options)
			require.NoError(t, err)
			assert.Equal(t, test.want, words(result.Changes))
			assert.Equal(t, test.ignored, result.Ignored)
		})
	}
}

// Nothing follows from the absence of what a side would not show.
func TestCompareCovers(t *testing.T) {
	t.Parallel()
	part := side(t, article)
	part.Label = "the part"
	part.Covers = func(name string) bool { return name == "Article" }
	whole := side(t, article, `{"class":"Other"}`, `{"class":"Second"}`)
	whole.Aliases["Others"] = "Other"
	for _, pair := range [][2]diff.Side{{part, whole}, {whole, part}} {
		result, err := diff.Compare(pair[0], pair[1], diff.Options{})
		require.NoError(t, err)
		assert.Empty(t, result.Changes)
		assert.Equal(t, []string{"Not in the part, which would not show them: Other, Second."}, result.NotCompared)
	}
}

func TestCompareTenantsAndAliases(t *testing.T) {
	t.Parallel()
	const shop = `{"class":"Shop","multiTenancyConfig":{"enabled":true}}`
	base, against := side(t, article, shop), side(t, article, shop)
	base.Collections[1].Tenants = map[string]string{"a": "HOT", "b": "HOT", "c": "COLD"}
	against.Collections[1].Tenants = map[string]string{"a": "ACTIVE", "b": "COLD", "d": "HOT"}
	base.Aliases = map[string]string{"Texts": "Article", "Gone": "Shop", "Else": "Nowhere"}
	against.Aliases = map[string]string{"Texts": "Shop", "New": "Shop"}

	result, err := diff.Compare(base, against, diff.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"Shop tenants.c removed (re-create)",
		"Shop aliases.New added (additive)",
		"Shop tenants.d added (additive)",
		"Article aliases.Texts changed (in place)",
		"Shop aliases.Gone removed (in place)",
		"Shop tenants.b changed (in place)",
	}, words(result.Changes))

	base.Label, against.Label = "files", "server"
	against.Collections[1].Tenants, against.Aliases = nil, nil
	result, err = diff.Compare(base, against, diff.Options{})
	require.NoError(t, err)
	assert.Empty(t, result.Changes)
	assert.Equal(t, []string{"The tenants of Shop: not known of server.", "Aliases: not known of server."}, result.NotCompared)

	base.Aliases = map[string]string{}
	base.Collections[1].Tenants = nil
	result, err = diff.Compare(base, against, diff.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{"The tenants of Shop: neither side knows them.", "Aliases: not known of server."}, result.NotCompared, "the server may have some")
}

// Aliases came with 1.32: an older server has none, whoever says so.
func TestCompareAliasesOfOldServers(t *testing.T) {
	t.Parallel()
	base, old := side(t, article), side(t, article)
	base.Version, base.Aliases = "1.39.0", map[string]string{"Texts": "Article"}
	for _, none := range []map[string]string{nil, {}} {
		old.Version, old.Aliases = "1.31.22", none
		result, err := diff.Compare(base, old, diff.Options{})
		require.NoError(t, err)
		assert.Equal(t, []string{"Article aliases.Texts removed (no effect)"}, words(result.Changes))
		assert.Equal(t, "this server has no aliases (before 1.32)", result.Changes[0].Reason)
		result, err = diff.Compare(old, base, diff.Options{})
		require.NoError(t, err)
		assert.Equal(t, []string{"Article aliases.Texts added (additive)"}, words(result.Changes))
		result, err = diff.Compare(old, old, diff.Options{})
		require.NoError(t, err)
		assert.Empty(t, result.NotCompared)
	}
}

func TestCompareRenames(t *testing.T) {
	t.Parallel()
	base := side(t, article, `{"class":"Old","properties":[{"name":"self","dataType":["Old"]}]}`)
	against := side(t, strings.Replace(article, `"size"`, `"length"`, 1), `{"class":"New","properties":[{"name":"self","dataType":["New"]}]}`)
	result, err := diff.Compare(base, against, diff.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"Article: the property size is perhaps length now",
		"the collection Old is perhaps New now",
	}, result.Renames)
	assert.Equal(t, 2, result.Breaking())
}

// Where many are the same but for the name, nothing is suggested: of 1000 by 1000
// pairs neither.
func TestCompareRenamesOfMany(t *testing.T) {
	t.Parallel()
	many := func(letter string, n int) (collections []string) {
		var properties []string
		for i := range n {
			properties = append(properties, fmt.Sprintf(`{"name":"%s%d","dataType":["text"]}`, letter, i))
			collections = append(collections, fmt.Sprintf(`{"class":"%s%d"}`, strings.ToUpper(letter), i))
		}
		return append(collections, `{"class":"Z","properties":[`+strings.Join(properties, ",")+`]}`)
	}
	for n, want := range map[int]int{1: 2, 3: 2 * 3 * 3, 4: 0, 1000: 0} {
		result, err := diff.Compare(side(t, many("a", n)...), side(t, many("b", n)...), diff.Options{})
		require.NoError(t, err)
		assert.Len(t, result.Changes, 4*n)
		assert.Len(t, result.Renames, want)
	}
}

func TestCompareVerbose(t *testing.T) {
	t.Parallel()
	base := side(t, `{"class":"A","replicationConfig":{"asyncEnabled":true}}`)
	against := side(t, `{"class":"A","replicationConfig":{"asyncEnabled":false}}`)
	for _, verbose := range []bool{false, true} {
		result, err := diff.Compare(base, against, diff.Options{Verbose: verbose})
		require.NoError(t, err)
		assert.Empty(t, result.Changes)
		assert.Equal(t, verbose, len(result.Notes) == 1)
	}
	against.Version = "1.35.2" // where it is a setting
	result, err := diff.Compare(base, against, diff.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{"A replicationConfig.asyncEnabled changed (in place)"}, words(result.Changes))
}

// What a server is too old to hold is gone from it all the same: after a move to
// an older one it must not pass for equal.
func TestCompareWithAServerThatIsTooOld(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ before, after, version, want string }{
		"compression was lost": {
			`"vectorIndexType":"hnsw","vectorIndexConfig":{"rq":{"enabled":true,"bits":8}}`, `"vectorIndexType":"hnsw","vectorIndexConfig":{}`, "1.31.0",
			"A vectorIndexConfig.rq removed (no effect)",
		},
		"time-to-live was lost": {
			`"vectorIndexType":"hnsw","objectTtlConfig":{"enabled":true,"deleteOn":"_creationTimeUnix"}`, `"vectorIndexType":"hnsw"`, "1.34.0",
			"A objectTtlConfig removed (no effect)",
		},
		"a feature that was off": {
			`"vectorIndexType":"hnsw","vectorIndexConfig":{"rq":{"enabled":false,"bits":8}}`, `"vectorIndexType":"hnsw","vectorIndexConfig":{}`, "1.31.0", "",
		},
	} {
		base, against := side(t, `{"class":"A",`+tt.before+`}`), side(t, `{"class":"A",`+tt.after+`}`)
		against.Version = tt.version
		result, err := diff.Compare(base, against, diff.Options{})
		require.NoError(t, err)
		assert.Equal(t, tt.want, strings.Join(words(result.Changes), "; "), name)
		assert.Zero(t, result.Breaking(), name)
	}
}

// A mistyped name would hide every change.
func TestCompareChoice(t *testing.T) {
	t.Parallel()
	base, against := side(t, article), side(t, article, `{"class":"Author"}`)
	for _, test := range []struct {
		options diff.Options
		want    string // empty: no error
	}{
		{diff.Options{Include: []string{"Author"}}, ""},
		{diff.Options{Include: []string{"Athor", "Zz*"}}, "neither side has a collection Athor (did you mean Author?); neither side has a collection Zz*"},
		{diff.Options{Include: []string{"Author", "Athor"}}, "neither side has a collection Athor"},
		{diff.Options{Exclude: []string{"*"}}, "takes away every collection"},
	} {
		_, err := diff.Compare(base, against, test.options)
		if test.want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, diff.ErrChoice)
		require.ErrorContains(t, err, test.want)
	}
	_, err := diff.Compare(side(t), side(t), diff.Options{})
	require.NoError(t, err, "two empty servers are the same")
}

// A side that shows a part says nothing of what else there may be.
func TestPartial(t *testing.T) {
	t.Parallel()
	whole, part := side(t, article), side(t, article)
	whole.Open, part.Open, part.Partial = true, true, true
	part.Label = "http://part"
	named := side(t, article)
	for name, test := range map[string]struct {
		base, against diff.Side
		include       []string
		told          bool
	}{
		"against the whole":           {whole, part, nil, false},
		"from a part":                 {part, whole, nil, false},
		"two parts":                   {part, part, nil, false},
		"by a pattern":                {whole, part, []string{"Art*"}, false},
		"by a name and a pattern":     {whole, part, []string{"Article", "A*"}, false},
		"by a name":                   {whole, part, []string{"Article"}, true},
		"files of some by their name": {named, part, nil, true},
		"two that show all":           {whole, whole, nil, true},
	} {
		result, err := diff.Compare(test.base, test.against, diff.Options{Include: test.include})
		if test.told {
			require.NoError(t, err, name)
			assert.Equal(t, 1, result.Collections, name)
			continue
		}
		require.ErrorIs(t, err, diff.ErrRights, name)
		assert.ErrorContains(t, err, "of http://part, so there is no telling whether it has more than it shows", name)
	}
}
