package oidctest_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// failure is a way for a provider, or what it was given, to be wrong.
type failure struct {
	name       string
	id, secret string // empty: those that are right
	path       string // where the provider answers otherwise; empty: nowhere
	answer     http.HandlerFunc
	says       string // must be in the error
	hint       string // must be in the log
}

const (
	fetching = `get a token from the OpenID Connect provider at https?://127\.0\.0\.1:\d+/\S+ for client "[a-z]+": `
	reading  = `read the OpenID Connect provider's settings: GET https?://127\.0\.0\.1:\d+/\.well-known/openid-configuration(?: \(\d attempts\))?: `
	refused  = `GET http://127\.0\.0\.1:\d+/v1/\S+ \(2 attempts\): 401 Unauthorized: unauthorized: `
)

// failures are all but a provider that is down.
func failures(t *testing.T, p *provider) []failure {
	t.Helper()
	return []failure{
		{name: "wrong secret", secret: "canary-wrong", says: fetching + `401 Unauthorized: invalid_client$`, hint: "Check oidc-client-id"},
		{name: "unknown client", id: "nobody", says: fetching + `401 Unauthorized: `, hint: "Check oidc-client-id"},
		{name: "client without a role", id: strangeID, says: "the key may not read every|forbidden action|403 Forbidden"},

		{name: "no discovery", path: discovery, answer: text(404, "text/html", "<html>"), says: reading + `404 Not Found$`, hint: "The server names this OpenID Connect provider"},
		{name: "discovery a page", path: discovery, answer: text(200, "text/html", "<html>Sign in"), says: reading + `.*content type "text/html"\)`},
		{name: "discovery empty", path: discovery, answer: text(200, "application/json", ""), says: reading + "the answer is empty"},
		{name: "discovery of nothing", path: discovery, answer: text(200, "application/json", "{}"), says: reading + `no "token_endpoint" in it`},
		{name: "discovery cut", path: discovery, answer: text(200, "application/json", `{"token_endpoint":"http`), says: reading + "the JSON ends too soon"},
		{name: "endpoint no URL", path: discovery, answer: text(200, "application/json", `{"token_endpoint":"oauth/token"}`), says: reading + `the "token_endpoint" in it, "oauth/token", is no http or https URL`},
		{name: "endpoint a file", path: discovery, answer: text(200, "application/json", `{"token_endpoint":"file:///etc/passwd"}`), says: reading + `the "token_endpoint" in it, "file:///etc/passwd", is no http or https URL`},
		{name: "endpoint where nobody is", path: discovery, answer: text(200, "application/json", `{"token_endpoint":"http://127.0.0.1:1/oauth/token"}`), says: fetching + ".*connection refused", hint: "must be reachable from here too"},

		{name: "tokens a page", path: tokens, answer: text(200, "text/html", "<html>Sign in"), says: fetching},
		{name: "tokens of nothing", path: tokens, answer: text(200, "application/json", "{}"), says: fetching + ".*access_token"},
		{name: "tokens broken", path: tokens, answer: text(500, "text/plain", "out of order"), says: fetching + "500 Internal Server Error$"},
		{name: "tokens gone", path: tokens, answer: gone, says: fetching + "EOF"},
		{name: "tokens echo", path: tokens, answer: text(401, "application/json", `{"error":"invalid_client","error_description":"not `+secret+`"}`), says: fetching + `401 Unauthorized: invalid_client; not \*\*\*`},
		{name: "a token that is none", path: tokens, answer: text(200, "application/json", `{"access_token":"canary-opaque","token_type":"Bearer"}`), says: refused},
		{name: "a token of an impostor", path: tokens, answer: p.impostor(t), says: refused + "failed to verify signature", hint: "The server does not take this token"},
		{name: "a token that has expired", path: tokens, answer: p.expired(), says: refused + "oidc: token is expired"},
	}
}

// Whatever is wrong with the provider, or with what it was given, each command fails
// and says what it was, writes nothing, and judges nothing.
func TestRealProviderFaults(t *testing.T) { //nolint:tparallel // the cases share the provider, and what it says
	t.Parallel()
	p := newProvider(t, false)
	server := newServer(t, p)
	folder := t.TempDir()
	run := program(t, folder, append([]string{"backup", "--weaviate-url", server.URL}, as(clientID, secret)...)...)
	require.Zero(t, run.code, run.log)

	for _, f := range failures(t, p) {
		t.Run(f.name, func(t *testing.T) {
			p.say(f.path, f.answer)
			fails(t, server, folder, f)
		})
	}
	t.Run("provider down", func(t *testing.T) {
		p.server.Close()
		fails(t, server, folder, failure{says: reading + ".*connection refused", hint: "must be reachable from here too"})
	})
}

// fails runs each command with what is wrong.
func fails(t *testing.T, server *weaviatetest.Server, folder string, f failure, more ...string) {
	t.Helper()
	id, given := clientID, secret
	if f.id != "" {
		id = f.id
	}
	if f.secret != "" {
		given = f.secret
	}
	before := program(t, folder, "verify", "--backup-path", "backups")
	require.Zero(t, before.code, before.log)
	for _, args := range [][]string{
		{"backup"},
		{"verify", "--backup-path", "backups"},
		{"diff", "--backup-path", "backups"},
		{"restore", "--backup-path", "backups", "--rename", "{name}_again"},
	} {
		run := program(t, folder, append(append(append(args, "--weaviate-url", server.URL, "--json"), as(id, given)...), more...)...)
		assert.Equal(t, action.ExitFailed, run.code, "%q: %s", args, run.log)
		var result struct {
			Error   string            `json:"error"`
			Outputs map[string]string `json:"outputs"`
		}
		require.NoError(t, json.Unmarshal([]byte(run.printed), &result), run.printed)
		assert.Regexp(t, f.says, result.Error, args[0])
		assert.Contains(t, run.log, f.hint, args[0])
		for _, verdict := range []string{"valid", "drift", "changed", "schema-digest", "backup-path"} {
			assert.NotContains(t, result.Outputs, verdict, "%q", args)
		}
		assert.True(t, maps.Equal(before.files, run.files), "%s wrote something", args[0])
	}
	names := server.MustRequest(t, http.MethodGet, "/v1/schema", nil)
	assert.NotContains(t, string(names), "_again")
}

// A private authority is trusted where it was given, for the provider too.
func TestRealProviderTLS(t *testing.T) { //nolint:tparallel // the cases share the provider, and what it says
	t.Parallel()
	p := newProvider(t, true)
	server := newServer(t, p)
	folder := t.TempDir()
	run := program(t, folder, append([]string{"backup", "--weaviate-url", server.URL, "--ca-certificate", p.CA}, as(clientID, secret)...)...)
	require.Zero(t, run.code, run.log)

	t.Run("not trusted", func(t *testing.T) {
		fails(t, server, folder, failure{says: reading + "tls: failed to verify certificate: x509: certificate signed by unknown authority", hint: "give that CA's certificate as ca-certificate"})
	})
	t.Run("sends the secret in the clear", func(t *testing.T) {
		listener := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			t.Error("the secret was sent without TLS")
		}))
		defer listener.Close()
		p.say(discovery, text(200, "application/json", `{"token_endpoint":"`+listener.URL+`/oauth/token"}`))
		fails(t, server, folder, failure{says: reading + `the "token_endpoint" in it, "` + listener.URL + `/oauth/token", is without TLS`}, "--ca-certificate", p.CA)
	})
}
