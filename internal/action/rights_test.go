package action_test

import (
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// roles are what users of the server may do, by user. The first are those of a
// backup without what counts need, and each of them but one; the others may read
// collections whose names fit a pattern.
func roles() map[string][]weaviatetest.Permission {
	collections, tenants, aliases := weaviatetest.ReadCollections("*"), weaviatetest.ReadTenants("*"), weaviatetest.ReadAliases("*")
	return map[string][]weaviatetest.Permission{
		"least":         {collections, tenants, aliases},
		"onlyschema":    {collections},
		"nocollections": {tenants, aliases},
		"notenants":     {collections, aliases},
		"noaliases":     {collections, tenants},
		"article":       {weaviatetest.ReadCollections("Article"), tenants, aliases},
		"articles":      {weaviatetest.ReadCollections("Article*"), tenants, aliases},
		// The name that tells of the right to read all fits this one.
		"wide":    {weaviatetest.ReadCollections("W*"), tenants, aliases},
		"noroles": nil,
	}
}

// The words of a key that does not show enough.
const (
	hides  = "so there is no telling whether it lacks these, or hides them: "
	more   = "so there is no telling whether it has more than it shows"
	lacks  = "so there is no telling whether the server lacks these, or hides them: "
	unsure = "so there is no telling whether it "
	part   = "No difference in what could be compared between "
	same   = "No difference between "
)

// look is a command by a user, and what it comes to.
type look struct {
	user    string
	command string
	inputs  map[string]string
	code    int
	says    string
}

// looks are of a server that is as it was saved: all of it, Article and ArticleNote
// by their names, what fits Article*, or Warehouse by its name.
func looks() []look {
	with := func(folder string, more ...string) map[string]string {
		inputs := map[string]string{"backup-path": folder}
		for i := 0; i < len(more); i += 2 {
			inputs[more[i]] = more[i+1]
		}
		return inputs
	}
	names := "Article, ArticleNote"
	return []look{
		{"least", "verify", with("all"), action.ExitDone, "compared with http://"},
		{"onlyschema", "verify", with("all"), action.ExitDone, "compared with http://"},
		{"nocollections", "verify", with("all"), action.ExitFailed, lacks + "Article, ArticleNote, Shop, Warehouse"},
		{"noroles", "verify", with("all"), action.ExitFailed, lacks + "Article, ArticleNote, Shop, Warehouse"},
		{"articles", "verify", with("all"), action.ExitFailed, lacks + "Shop, Warehouse"},
		{"articles", "verify", with("named"), action.ExitDone, "the key may not read every collection"},
		{"articles", "verify", with("glob"), action.ExitDone, "the key may not read every collection"},
		{"article", "verify", with("named"), action.ExitFailed, lacks + "ArticleNote"},
		{"noroles", "verify", with("named"), action.ExitFailed, lacks + "Article, ArticleNote"},
		{"wide", "verify", with("all"), action.ExitFailed, lacks + "Article, ArticleNote, Shop"},
		{"wide", "verify", with("one"), action.ExitDone, "the key may not read every collection"},

		{"least", "diff", with("all"), action.ExitDone, same},
		{"nocollections", "diff", with("all"), action.ExitFailed, hides + "Article, ArticleNote, Shop, Warehouse"},
		{"noroles", "diff", with("all"), action.ExitFailed, hides + "Article, ArticleNote, Shop, Warehouse"},
		{"notenants", "diff", with("all"), action.ExitDone, part},
		{"noaliases", "diff", with("all"), action.ExitDone, part},
		{"onlyschema", "diff", with("all"), action.ExitDone, part},
		{"articles", "diff", with("all"), action.ExitFailed, hides + "Shop, Warehouse"},
		{"articles", "diff", with("all", "collections", names), action.ExitDone, same},
		{"articles", "diff", with("all", "collections", "Article*"), action.ExitFailed, more},
		{"articles", "diff", with("all", "exclude-collections", "Shop, Warehouse"), action.ExitFailed, more},
		{"articles", "diff", with("named"), action.ExitDone, same},
		{"articles", "diff", with("glob"), action.ExitFailed, more},
		{"article", "diff", with("named"), action.ExitFailed, hides + "ArticleNote"},
		{"article", "diff", with("named", "collections", "Article"), action.ExitDone, same},
		{"wide", "diff", with("all"), action.ExitFailed, hides + "Article, ArticleNote, Shop"},
		{"wide", "diff", with("one"), action.ExitDone, same},
	}
}

// liveLooks are of the server against itself, by one who may read all and by another.
func liveLooks() []look {
	names := map[string]string{"collections": "Article, ArticleNote"}
	return []look{
		{"least", "diff", nil, action.ExitDone, same},
		{"notenants", "diff", nil, action.ExitDone, part},
		{"noaliases", "diff", nil, action.ExitDone, part},
		{"nocollections", "diff", nil, action.ExitFailed, unsure},
		{"noroles", "diff", nil, action.ExitFailed, unsure},
		{"articles", "diff", nil, action.ExitFailed, unsure},
		{"articles", "diff", names, action.ExitDone, same},
		{"articles", "diff", map[string]string{"collections": "Article, Shop"}, action.ExitFailed, hides + "Shop"},
		{"articles", "diff", map[string]string{"collections": "Article*"}, action.ExitFailed, unsure},
		{"article", "diff", names, action.ExitFailed, hides + "ArticleNote"},
		{"wide", "diff", nil, action.ExitFailed, unsure},
	}
}

// The server filters what a key may not read without a word. A part of a schema is
// never called valid, nor the same as another: it is compared where it is all that
// was asked for, and an error elsewhere.
func TestRealRights(t *testing.T) {
	t.Parallel()
	keys := make(map[string]string)
	for user := range roles() {
		keys[user] = "the-key-of-" + user
	}
	server := weaviatetest.Run(t, weaviatetest.Options{Env: weaviatetest.RBACEnv("root-key", keys), APIKey: "root-key"})
	for user, permissions := range roles() {
		if permissions != nil {
			server.GrantRole(t, user, user, permissions...)
		}
	}
	for _, name := range []string{"Article", "ArticleNote", "Warehouse"} {
		server.MustRequest(t, http.MethodPost, "/v1/schema", map[string]any{"class": name})
	}
	server.MustRequest(t, http.MethodPost, "/v1/schema", map[string]any{"class": "Shop", "multiTenancyConfig": map[string]any{"enabled": true}})
	server.AddTenants(t, "Shop", weaviatetest.Tenant{Name: "north"})
	server.MustRequest(t, http.MethodPost, "/v1/aliases", map[string]any{"alias": "Paper", "class": "Article"})
	folder := t.TempDir()
	for name, collections := range map[string]string{"all": "", "named": "Article, ArticleNote", "glob": "Article*", "one": "Warehouse"} {
		saved := newStep(folder).run(t, map[string]string{
			"weaviate-url": server.URL, "api-key": "root-key", "collections": collections, "output-directory": name, "count-objects": "false",
		})
		require.Zero(t, saved.code, saved.printed)
	}

	// by runs a command with the keys of the two sides.
	by := func(t *testing.T, l look, key, against string) left {
		t.Helper()
		inputs := map[string]string{"command": l.command, "weaviate-url": server.URL, "api-key": key, "output-directory": "reports"}
		maps.Copy(inputs, l.inputs)
		if against != "" {
			inputs["against-url"], inputs["against-api-key"] = server.URL, against
		}
		s := newStep(t.TempDir())
		s.env["GITHUB_WORKSPACE"] = filepath.Join(folder, "workspace")
		return s.run(t, inputs)
	}
	for _, l := range looks() {
		l.holds(t, by(t, l, keys[l.user], ""))
	}
	for _, l := range liveLooks() {
		l.holds(t, by(t, l, "root-key", keys[l.user]))
		l.holds(t, by(t, l, keys[l.user], "root-key"))
		if l.code != action.ExitDone {
			l.holds(t, by(t, l, keys[l.user], keys[l.user]))
		}
	}

	// What is there in truth is found, or not judged.
	server.MustRequest(t, http.MethodDelete, "/v1/schema/Shop", nil)
	server.MustRequest(t, http.MethodPost, "/v1/schema", map[string]any{"class": "More"})
	for _, l := range looks() {
		whole := l.inputs["backup-path"] == "all" && l.inputs["collections"] == "" && l.inputs["exclude-collections"] == ""
		if whole && l.code == action.ExitDone {
			l.code, l.says = action.ExitDifference, "Shop"
		}
		if l.code == action.ExitFailed {
			l.says = "so there is no telling whether"
		}
		l.holds(t, by(t, l, keys[l.user], ""))
	}
}

// holds says whether a run came to what it should, and judged only what it saw.
func (l look) holds(t *testing.T, got left) {
	t.Helper()
	assert.Equal(t, l.code, got.code, "%s: %s %v: %s", l.user, l.command, l.inputs, got.printed)
	assert.Contains(t, got.printed, l.says, "%s: %s %v", l.user, l.command, l.inputs)
	verdicts := map[int][]string{action.ExitDone: {"valid=true", "drift=false"}, action.ExitDifference: {"valid=false", "drift=true"}}[l.code]
	for line := range strings.SplitSeq(got.outputs, "\n") {
		if strings.HasPrefix(line, "valid=") || strings.HasPrefix(line, "drift=") {
			assert.Contains(t, verdicts, line, "%s: %s %v", l.user, l.command, l.inputs)
		}
	}
	if l.says == part {
		assert.Contains(t, got.printed, "not compared: ")
		assert.NotContains(t, got.printed, same)
	}
}
