package config_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// diffOf gives the Config of a diff of the path b with the server of weaviate-url, changed
// by edit.
func diffOf(edit func(*config.Config)) config.Config {
	return want(func(c *config.Config) {
		c.Command, c.BackupPath, c.FailOn = "diff", "b", "any"
		edit(c)
	})
}

func TestDiff(t *testing.T) {
	t.Parallel()
	other := &url.URL{Scheme: "https", Host: "other", Path: "/base"}
	tests := []struct {
		name string
		vars env
		args []string
		edit func(*config.Config)
	}{
		{name: "a backup with the server", args: []string{"--backup-path", "b"}, edit: func(*config.Config) {}},
		{
			name: "two backups, and no server", vars: env{"INPUT_WEAVIATE-URL": "", "INPUT_AGAINST": "./new//manifest.json"}, args: []string{"--backup-path=b"},
			edit: func(c *config.Config) { c.Server.URL, c.Against = nil, "new/manifest.json" },
		},
		{
			name: "an address that is no side is not looked at", vars: env{"INPUT_WEAVIATE-URL": "x", "INPUT_AGAINST": "new", "INPUT_BACKUP-PATH": "b"},
			edit: func(c *config.Config) { c.Server.URL, c.Against = nil, "new" },
		},
		{
			name: "a folder that is called live", vars: env{"INPUT_WEAVIATE-URL": "", "INPUT_AGAINST": "./live", "INPUT_BACKUP-PATH": "b"},
			edit: func(c *config.Config) { c.Server.URL, c.Against = nil, "live" },
		},
		{
			name: "a backup with a second server",
			vars: env{"INPUT_WEAVIATE-URL": "", "INPUT_BACKUP-PATH": "b", "INPUT_AGAINST-URL": "https://other/base/", "INPUT_AGAINST-API-KEY": " key-2\n"},
			edit: func(c *config.Config) { c.Server.URL, c.AgainstURL, c.AgainstAPIKey = nil, other, "key-2" },
		},
		{
			name: "two servers", vars: env{"INPUT_AGAINST": "live", "INPUT_AGAINST-URL": "https://other/base", "INPUT_API-KEY": "key-1"},
			edit: func(c *config.Config) { c.BackupPath, c.AgainstURL, c.Server.APIKey = "", other, "key-1" },
		},
		{
			name: "every other input of diff",
			vars: env{
				"INPUT_BACKUP-PATH": "b", "INPUT_FAIL-ON": "breaking", "INPUT_VERBOSE": "TRUE", "INPUT_OUTPUT-DIRECTORY": "out",
				"INPUT_COLLECTIONS": "A*", "INPUT_EXCLUDE-COLLECTIONS": "AB",
				"INPUT_IGNORE": "\nArticle\r\n *.replicationConfig.factor \n\nArticle\n**.description\n?x.moduleConfig.text2vec-*.**",
			},
			edit: func(c *config.Config) {
				c.FailOn, c.Verbose, c.OutputDirectory = "breaking", true, "out"
				c.Collections, c.ExcludeCollections = []string{"A*"}, []string{"AB"}
				c.Ignore = []string{"Article", "*.replicationConfig.factor", "**.description", "?x.moduleConfig.text2vec-*.**"}
			},
		},
		{
			name: "flags add up", args: []string{"--backup-path", "b", "--ignore", "A.b", "--ignore=B.c", "--fail-on", "none", "--verbose"},
			edit: func(c *config.Config) { c.Ignore, c.FailOn, c.Verbose = []string{"A.b", "B.c"}, "none", true },
		},
		{
			name: "what only restore uses is not looked at", vars: env{"INPUT_BACKUP-PATH": "b", "INPUT_RENAME": "x", "INPUT_ON-EXISTING": "x"},
			edit: func(*config.Config) {},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			vars := env{"INPUT_WEAVIATE-URL": serverURL}
			for name, text := range tt.vars {
				vars[name] = text
			}
			cfg, err := config.Load(source(t, vars, nil, append([]string{"diff"}, tt.args...)...))
			require.NoError(t, err)
			assert.Equal(t, diffOf(tt.edit), cfg)
		})
	}
}

func TestDiffRefuses(t *testing.T) {
	t.Parallel()
	const (
		address = `weaviate-url: is required: give the input weaviate-url, the flag --weaviate-url or the environment variable WEAVIATE_URL ` +
			`(a secret is empty in a pull request from a fork)`
		path = "backup-path: is required by diff unless against-url is given: " +
			"the path of a snapshot, of a manifest, or of the folder that holds them"
	)
	tests := []struct {
		name string
		vars env
		want []string
	}{
		{"nothing", env{}, []string{address, path}},
		{"a backup alone", env{"INPUT_BACKUP-PATH": "b"}, []string{address}},
		{"a second server alone", env{"INPUT_AGAINST-URL": "http://other"}, []string{address}},
		{"the second backup alone", env{"INPUT_AGAINST": "new"}, []string{path}},
		{"backups outside", env{"INPUT_BACKUP-PATH": "../b", "INPUT_AGAINST": "/etc"}, []string{
			`backup-path: "../b" leaves the workspace, off GitHub the current folder; allowed: a path inside it, for example backups`,
			`against: "/etc" leaves the workspace, off GitHub the current folder; allowed: a path inside it, for example backups`,
		}},
		{"a path beside a second server", env{"INPUT_BACKUP-PATH": "b", "INPUT_AGAINST": "new", "INPUT_AGAINST-URL": "http://other"}, []string{
			`against: "new" is given beside against-url; give only one of the two`,
		}},
		{"a second address with credentials", env{"INPUT_BACKUP-PATH": "b", "INPUT_AGAINST-URL": "http://a:s3cret@other"}, []string{
			`against-url: has an @, so it may hold credentials (not shown); give them by against-api-key (an @ of the path is written %40)`,
		}},
		{"a second address with a query", env{"INPUT_BACKUP-PATH": "b", "INPUT_AGAINST-URL": "http://other?s3cret"}, []string{
			`against-url: "http://other?…" has a query or a fragment; allowed: scheme, host, port and base path, for example http://weaviate:8080`,
		}},
		{"a key with its scheme", env{"INPUT_BACKUP-PATH": "b", "INPUT_AGAINST-URL": "http://other", "INPUT_AGAINST-API-KEY": "Bearer s3cret"}, []string{
			`against-api-key: must be the key alone, without the word Bearer`,
		}},
		{"a key without its server", env{"INPUT_WEAVIATE-URL": serverURL, "INPUT_BACKUP-PATH": "b", "INPUT_AGAINST-API-KEY": "s3cret"}, []string{
			`against-api-key: needs against-url too (a secret is empty in a pull request from a fork)`,
		}},
		{"words", env{"INPUT_BACKUP-PATH": "b", "INPUT_AGAINST": "c", "INPUT_FAIL-ON": "Any", "INPUT_VERBOSE": "1"}, []string{
			`fail-on: "Any" is not allowed; allowed: any, breaking, none`,
			`verbose: "1" is not a boolean; allowed: true, True, TRUE, false, False or FALSE`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, source(t, tt.vars, nil, "diff"))
			assert.Equal(t, tt.want, got)
			assert.NotContains(t, strings.Join(got, "\n"), "s3cret")
		})
	}
}

func TestIgnoreRefuses(t *testing.T) {
	t.Parallel()
	const (
		allowed    = "; allowed: one path per line, for example Article.properties.*.description"
		empty      = " has an empty key" + allowed
		characters = " holds a blank, a comma or a quote" + allowed + ", with * for a key that holds such a character"
		stars      = " has ** beside other text in one key; allowed: ** alone between dots, for any number of keys"
		first      = " starts with a key that no collection is named; allowed: the collection first, for example *.replicationConfig.factor"
	)
	for given, want := range map[string]string{
		"Article.":                 empty,
		".Article":                 empty,
		"A..b":                     empty,
		"A.b, C.d":                 characters,
		"A.b,C.d":                  characters,
		"- A.b":                    characters,
		"A.\x00b":                  characters,
		`A."b.c"`:                  characters,
		"A.b**":                    stars,
		"***.b":                    stars,
		"properties.title":         first,
		"_A.b":                     first,
		"1*.b":                     first,
		"A-b.c":                    first,
		"Ä.c":                      first,
		"/properties/title":        first,
		"replicationConfig.factor": first,
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			got := problems(t, source(t, diffing("WEAVIATE_URL", serverURL, "INPUT_IGNORE", "Good.path\n"+given), nil))
			require.Len(t, got, 1)
			_, rest, _ := strings.Cut(got[0], `" `)
			if strings.Contains(given, `"`) {
				rest = got[0][strings.Index(got[0], "holds"):]
			}
			assert.Equal(t, want, " "+rest)
			assert.True(t, strings.HasPrefix(got[0], `ignore: "`), got[0])
		})
	}
	got := problems(t, source(t, diffing("WEAVIATE_URL", serverURL, "INPUT_IGNORE", "a.b\nA.b\nA."), nil))
	assert.Len(t, got, 2, "each bad line is told")
}

// TestIgnoreCanFit gives Load any pattern of a few keys: what it accepts fits some path
// that starts with the name of a collection.
func TestIgnoreCanFit(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"A", "a", "*", "**", "?", ".", "b", "_", ",", " ", `"`, "-"})
	rapid.Check(t, func(t *rapid.T) {
		vars := diffing("WEAVIATE_URL", serverURL, "INPUT_IGNORE", strings.Join(rapid.SliceOfN(piece, 1, 8).Draw(t, "pieces"), ""))
		cfg, err := config.Load(config.Source{Getenv: func(name string) string { return vars[name] }})
		if err != nil {
			require.ErrorContains(t, err, "ignore: ")
			return
		}
		for _, pattern := range cfg.Ignore {
			var path schema.Path
			for _, key := range strings.Split(pattern, ".") {
				path = append(path, strings.NewReplacer("*", "A", "?", "A").Replace(key))
			}
			assert.True(t, path.Fits(pattern), pattern)
			assert.True(t, schema.ValidName(path[0]), pattern)
		}
	})
}
