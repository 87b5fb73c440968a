package oidctest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the provider tells of each refusal there
	goleak.VerifyTestMain(m)
}

const rootKey = "the-key-of-root"

// newServer starts a server that lets in whom the provider vouches for, with a
// collection, a tenant and an alias.
func newServer(t *testing.T, p *provider) *weaviatetest.Server {
	t.Helper()
	env := weaviatetest.RBACEnv(rootKey, nil)
	for name, value := range map[string]string{
		"ENABLED": "true", "ISSUER": p.URL, "CLIENT_ID": clientID, "USERNAME_CLAIM": "sub", "SCOPES": "openid,email", "CERTIFICATE": p.CA,
	} {
		env["AUTHENTICATION_OIDC_"+name] = value
	}
	server := weaviatetest.Run(t, weaviatetest.Options{Env: env, APIKey: rootKey})
	server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": "Article"})
	server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": "Shop", "multiTenancyConfig": map[string]any{"enabled": true}})
	server.AddTenants(t, "Shop", weaviatetest.Tenant{Name: "north"})
	server.MustRequest(t, "POST", "/v1/aliases", map[string]any{"alias": "Paper", "class": "Article"})
	server.MustRequest(t, "POST", "/v1/authz/users/"+clientID+"/assign", map[string]any{"roles": []string{"admin"}, "userType": "oidc"})
	server.MustRequest(t, "POST", "/v1/authz/roles", map[string]any{
		"name": partID, "permissions": []any{weaviatetest.ReadCollections("Article")},
	})
	server.MustRequest(t, "POST", "/v1/authz/users/"+partID+"/assign", map[string]any{"roles": []string{partID}, "userType": "oidc"})
	return server
}

// finished is one run of the program, with all that it has said and written.
type finished struct {
	code    int
	log     string
	printed string
	files   map[string]string
}

// program runs the program in a folder, with debug logging.
func program(t *testing.T, folder string, args ...string) finished {
	t.Helper()
	return programUntil(t.Context(), t, folder, args...)
}

// programUntil is program that is stopped when the context ends.
func programUntil(ctx context.Context, t *testing.T, folder string, args ...string) finished {
	t.Helper()
	var stdout, stderr bytes.Buffer
	var run finished
	run.code = action.Run(ctx, action.Process{
		Args: append(args, "--wait-for-ready", "0s", "--retry-max-wait", "1ms"),
		Getenv: func(name string) string {
			return map[string]string{"RUNNER_DEBUG": "1"}[name]
		},
		Directory: folder,
		Stdout:    &stdout,
		Stderr:    &stderr,
		Version:   "v0.0.0-test",
		Now:       time.Now,
	})
	run.log, run.printed, run.files = stderr.String(), stdout.String(), make(map[string]string)
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		run.files[path] = string(data)
		return err
	}))
	assertSilent(t, run)
	return run
}

// as are the inputs of a client.
func as(id, secret string) []string {
	return []string{"--oidc-client-id", id, "--oidc-client-secret", secret}
}

// assertSilent fails where a secret, or a token, is in what a run left.
func assertSilent(t *testing.T, run finished) {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(clientID) + ":" + url.QueryEscape(secret)))
	seen := map[string]string{"the log": run.log, "the outputs": run.printed}
	for path, text := range run.files {
		seen[path] = text
	}
	for place, text := range seen {
		for _, part := range []string{"cana", "Y2Fu", basic[:16], "eyJhbGciOi"} { // so a signed token begins
			assert.NotContains(t, text, part, place)
		}
	}
}

// bearers are the tokens that requests carried, none twice.
func bearers(received []weaviatetest.Received) []string {
	var all []string
	seen := make(map[string]bool)
	for _, r := range received {
		if token := r.Header.Get("Authorization"); token != "" && !seen[token] {
			seen[token] = true
			all = append(all, token)
		}
	}
	return all
}

func TestRealProvider(t *testing.T) {
	t.Parallel()
	p := newProvider(t, false)
	server := newServer(t, p)
	folder := t.TempDir()
	commands := func(t *testing.T, url, rename string) {
		t.Helper()
		for _, args := range [][]string{
			{"backup", "--skip-unchanged"},
			{"verify", "--backup-path", "backups", "--oidc-issuer", p.URL},
			{"diff", "--backup-path", "backups", "--collections", "Article, Shop"},
			{"restore", "--backup-path", "backups", "--rename", rename, "--collections", "Article, Shop"},
		} {
			run := program(t, folder, append(append(args, "--weaviate-url", url), as(clientID, secret)...)...)
			require.Zero(t, run.code, "%q: %s", args, run.log)
		}
	}

	// A token that lives is fetched once, and used for all of a run.
	p.live(lasting)
	proxy := weaviatetest.NewProxy(t, server.URL)
	commands(t, proxy.URL, "{name}_once")
	assert.Equal(t, 4, p.tokens(), "one for each command")
	assert.Len(t, bearers(proxy.Received()), 4)
	assert.Equal(t, clientID, whoami(t, server.URL, bearers(proxy.Received())[0]), "the server took it for the client's")

	// One that runs out midway is renewed: here for each request.
	p.live(passing)
	proxy = weaviatetest.NewProxy(t, server.URL)
	commands(t, proxy.URL, "{name}_often")
	t.Logf("%d requests, %d tokens", len(proxy.Received()), len(bearers(proxy.Received())))
	assert.Greater(t, len(bearers(proxy.Received())), 20)
	assert.Len(t, bearers(proxy.Received()), p.tokens()-4, "the first of each command is spent by then")

	// And for each attempt of a request: a wait may last longer than a token.
	require.NoError(t, proxy.SetFaults(weaviatetest.Fault{Path: "/v1/schema", Status: 503, Times: 2}))
	run := program(t, folder, append([]string{"backup", "--dry-run", "--weaviate-url", proxy.URL}, as(clientID, secret)...)...)
	require.Zero(t, run.code, run.log)
	attempts := slices.DeleteFunc(proxy.Received(), func(r weaviatetest.Received) bool { return r.Path != "/v1/schema" || r.Method != http.MethodGet })
	attempts = attempts[len(attempts)-3:]
	assert.Len(t, bearers(attempts), 3)

	// A secret goes to no other issuer.
	before := p.tokens()
	run = program(t, folder, append([]string{"backup", "--dry-run", "--weaviate-url", server.URL, "--oidc-issuer", p.URL + "/other"}, as(clientID, secret)...)...)
	assert.Equal(t, 1, run.code)
	assert.Contains(t, run.log, "and not the issuer "+p.URL+"/other; no secret was sent")
	assert.Equal(t, before, p.tokens())

	// A token that the server refuses is replaced, once.
	p.live(lasting)
	p.say(tokens, p.at(1, 1, p.expired()))
	run = program(t, folder, append([]string{"backup", "--dry-run", "--weaviate-url", server.URL}, as(clientID, secret)...)...)
	require.Zero(t, run.code, run.log)
	assert.Contains(t, run.log, `reason="a token that the server refused"`)
}

// whoami is the name that the server knows the holder of a token by.
func whoami(t *testing.T, server, bearer string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server+"/v1/users/own-info", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", bearer)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Username string `json:"username"`
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	return answer.Username
}
