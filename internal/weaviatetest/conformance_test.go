package weaviatetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// How closely the fake must answer like the real server.
const (
	sameText  = "text"  // byte for byte
	sameValue = "value" // as JSON
	sameShape = "shape" // as JSON, keys and kinds only
	sameKeys  = "keys"  // as JSON, the keys of the outermost object
)

var conformance = []struct {
	name, method, path, body, like string
}{
	{"ready", "GET", "/v1/.well-known/ready", "", sameText},
	{"live", "GET", "/v1/.well-known/live", "", sameText},
	{"no OIDC", "GET", "/v1/.well-known/openid-configuration", "", sameText},
	{"meta", "GET", "/v1/meta", "", sameKeys}, // the modules differ
	{"schema", "GET", "/v1/schema", "", sameShape},
	{"statistics of a lone node", "GET", "/v1/cluster/statistics", "", sameShape},
	{"a collection", "GET", "/v1/schema/Article", "", sameValue},
	{"a multi-tenant collection", "GET", "/v1/schema/Shop", "", sameValue},
	{"a collection by its alias", "GET", "/v1/schema/Texts", "", sameValue},
	{"no such collection", "GET", "/v1/schema/Nope", "", sameText},
	{"tenants", "GET", "/v1/schema/Shop/tenants", "", sameShape},
	{"tenants of a plain collection", "GET", "/v1/schema/Author/tenants", "", sameText},
	{"tenants of no collection", "GET", "/v1/schema/Nope/tenants", "", sameText},
	{"aliases", "GET", "/v1/aliases", "", sameValue},
	{"aliases of a collection", "GET", "/v1/aliases?class=Author", "", sameValue},
	{"no such path", "GET", "/v1/nothing", "", sameText},
	{"GET of graphql", "GET", "/v1/graphql", "", sameText},
	{"counts", "POST", "/v1/graphql", `{Aggregate{c0:Article{meta{count}} c1:Author{meta{count}} c2:Shop(tenant:"t1"){meta{count}} c3:Shop(tenant:"t2"){meta{count}}}}`, sameValue},
	{"a count by alias", "POST", "/v1/graphql", `{Aggregate{c0:Texts{meta{count}}}}`, sameValue},
	{"a count without a key of its own", "POST", "/v1/graphql", `query { Aggregate { Author { meta { count } } } }`, sameValue},
	{"tenants that can't be counted", "POST", "/v1/graphql", `{Aggregate{c0:Shop(tenant:"t3"){meta{count}} c1:Shop(tenant:"zz"){meta{count}} c2:Shop{meta{count}} c3:Author{meta{count}}}}`, sameValue},
	{"collections that don't exist", "POST", "/v1/graphql", `{Aggregate{c0:Nope{meta{count}} c1:Author{meta{count}} c2:Nope2{meta{count}}}}`, sameValue},
	{"a tenant of a plain collection", "POST", "/v1/graphql", `{Aggregate{c0:Author(tenant:"t1"){meta{count}}}}`, sameValue},
}

func TestFakeAnswersLikeTheRealServer(t *testing.T) {
	t.Parallel()
	genuine, fake := Run(t, Options{}), NewFake(t, func(c *FakeConfig) { c.Alone = true })
	compareEmpty(t, genuine)
	fill(t, genuine, DefaultFakeConfig())
	for _, c := range conformance {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantStatus, wantKind, want := exchange(t, genuine.URL, c.method, c.path, c.body)
			gotStatus, gotKind, got := exchange(t, fake.URL, c.method, c.path, c.body)
			assert.Equal(t, wantStatus, gotStatus)
			assert.Equal(t, wantKind, gotKind)
			switch c.like {
			case sameText:
				assert.Equal(t, strings.TrimSpace(want), strings.TrimSpace(got))
			case sameValue:
				assert.JSONEq(t, inOrder(t, want), inOrder(t, got))
			case sameShape:
				assert.Equal(t, shapeOf(t, want), shapeOf(t, got))
			case sameKeys:
				assert.ElementsMatch(t, keysOf(t, want), keysOf(t, got))
			}
		})
	}
}

// inOrder sorts the errors of a GraphQL answer, if it has any: the real server
// finds them side by side, and lists them in the order in which it was done.
func inOrder(t *testing.T, answer string) string {
	t.Helper()
	var value map[string]any
	if json.Unmarshal([]byte(answer), &value) != nil {
		return answer // a list, or no JSON, which the comparison reports
	}
	if found, ok := value["errors"].([]any); ok {
		slices.SortFunc(found, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return string(data)
}

// compareEmpty holds a fake without collections against a server without any.
func compareEmpty(t *testing.T, genuine *Server) {
	t.Helper()
	fake := NewFake(t, func(c *FakeConfig) { c.Classes, c.Aliases = nil, map[string]string{} })
	for _, c := range conformance {
		if c.path != "/v1/schema" && c.path != "/v1/aliases" && c.name != "counts" {
			continue
		}
		wantStatus, _, want := exchange(t, genuine.URL, c.method, c.path, c.body)
		gotStatus, _, got := exchange(t, fake.URL, c.method, c.path, c.body)
		assert.Equal(t, wantStatus, gotStatus, c.name)
		assert.JSONEq(t, want, got, c.name)
	}
}

func TestFakeRefusesKeysLikeTheRealServer(t *testing.T) {
	t.Parallel()
	const key = "the-right-key"
	genuine := Run(t, Options{Env: RBACEnv(key, nil), APIKey: key})
	fake := NewFake(t, func(c *FakeConfig) { c.APIKey = key })
	faked := &Server{URL: fake.URL, client: newTestClient()}
	for _, path := range []string{"/v1/.well-known/ready", "/v1/.well-known/openid-configuration", "/v1/schema", "/v1/meta"} {
		for _, sent := range []string{"", "wrong"} {
			wantStatus, want, err := genuine.RequestAs(t.Context(), sent, http.MethodGet, path, nil)
			require.NoError(t, err)
			gotStatus, got, err := faked.RequestAs(t.Context(), sent, http.MethodGet, path, nil)
			require.NoError(t, err)
			assert.Equal(t, wantStatus, gotStatus, "%s with key %q", path, sent)
			if wantStatus == http.StatusUnauthorized {
				assert.JSONEq(t, string(want), string(got), "%s with key %q", path, sent)
			}
		}
	}
}

// fill gives the real server what the fake's configuration says.
func fill(t *testing.T, s *Server, c FakeConfig) {
	t.Helper()
	for _, name := range []string{"Author", "Article", "Shop"} { // a reference's target first
		class, raw, found := c.class(name)
		require.True(t, found, name)
		if class.MultiTenancyConfig.Enabled {
			raw = withoutSharding(t, raw)
		}
		s.MustRequest(t, http.MethodPost, "/v1/schema", raw)
	}
	for collection, tenants := range c.Tenants {
		s.AddTenants(t, collection, tenants...)
	}
	for alias, collection := range c.Aliases {
		s.MustRequest(t, http.MethodPost, "/v1/aliases", map[string]string{"alias": alias, "class": collection})
	}
	for name, n := range c.Counts {
		collection, tenant, _ := strings.Cut(name, "/")
		s.InsertObjects(t, collection, tenant, int(n))
	}
}

// withoutSharding drops what a server shows of a multi-tenant collection and
// does not take back.
func withoutSharding(t *testing.T, raw json.RawMessage) json.RawMessage {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &fields))
	delete(fields, "shardingConfig")
	changed, err := json.Marshal(fields)
	require.NoError(t, err)
	return changed
}

func exchange(t *testing.T, base, method, path, query string) (status int, kind, body string) {
	t.Helper()
	var sent bytes.Buffer
	if query != "" {
		require.NoError(t, json.NewEncoder(&sent).Encode(map[string]string{"query": query}))
	}
	request, err := http.NewRequestWithContext(t.Context(), method, base+path, &sent)
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := newTestClient().Do(request)
	require.NoError(t, err)
	var text bytes.Buffer
	_, err = text.ReadFrom(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode, response.Header.Get("Content-Type"), text.String()
}

func keysOf(t *testing.T, text string) []string {
	t.Helper()
	var object map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &object))
	return slices.Collect(maps.Keys(object))
}

// shapeOf replaces every JSON value by its kind. Of an array, whose order means
// nothing here, it keeps the set of its members' shapes.
func shapeOf(t *testing.T, text string) any {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(text), &value))
	return shape(value)
}

func shape(value any) any {
	switch value := value.(type) {
	case map[string]any:
		keys := map[string]any{}
		for key, member := range value {
			keys[key] = shape(member)
		}
		return keys
	case []any:
		members := map[string]bool{}
		for _, member := range value {
			text, err := json.Marshal(shape(member))
			members[string(text)] = err == nil
		}
		return members
	case string:
		return "a string"
	case float64:
		return "a number"
	case bool:
		return "a boolean"
	default:
		return "null"
	}
}
