package oidctest_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The clients that the provider knows, with one secret. The server knows the first
// as an administrator, the second as one who may read a collection, the third not at
// all.
const (
	clientID  = "ci"
	partID    = "part"
	strangeID = "stranger"
	secret    = "canary-secret/+&=0123456789"
)

const (
	discovery = "/.well-known/openid-configuration"
	tokens    = "/oauth/token"
)

// lasting is how long a token lives that is good for a run. passing is less than the
// ten seconds that golang.org/x/oauth2 wants to be left, so that each request gets a
// token of its own; and more than a request takes until the server has looked at it.
const (
	lasting = time.Hour
	passing = 9 * time.Second
)

// provider is an OpenID provider on loopback. Its storage is that of the library's
// own example, but for clients and the time that tokens live.
type provider struct {
	*storage.Storage

	URL string // of the issuer, without a trailing slash
	CA  string // its certificate, PEM text; empty without TLS

	server *httptest.Server
	honest http.Handler

	mu sync.Mutex
	// life is how long the next tokens live.
	life time.Duration
	// instead answers in place of the provider, by path.
	instead map[string]http.HandlerFunc
	issued  int
}

func newProvider(t *testing.T, secure bool) *provider {
	t.Helper()
	p := &provider{life: lasting}
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		answer := p.instead[r.URL.Path]
		p.mu.Unlock()
		if answer == nil {
			answer = p.honest.ServeHTTP
		}
		answer(w, r)
	}))
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it
	p.URL = "http://" + p.server.Listener.Addr().String()
	if secure {
		p.URL = strings.Replace(p.URL, "http:", "https:", 1)
	}
	p.open(t)
	if secure {
		p.server.StartTLS()
		p.CA = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.server.Certificate().Raw}))
	} else {
		p.server.Start()
	}
	t.Cleanup(p.server.Close)
	return p
}

// open makes what answers at the issuer's URL, with a new key.
func (p *provider) open(t *testing.T) {
	t.Helper()
	p.Storage = storage.NewStorage(storage.NewUserStore(p.URL))
	var err error
	p.honest, err = op.NewProvider(&op.Config{}, p, op.StaticIssuer(p.URL), op.WithAllowInsecure())
	require.NoError(t, err)
}

// impostor hands out tokens in this provider's name, signed by a key that it does not
// have.
func (p *provider) impostor(t *testing.T) http.HandlerFunc {
	t.Helper()
	other := &provider{URL: p.URL, life: lasting}
	other.open(t)
	return other.honest.ServeHTTP
}

// say makes the provider answer otherwise on a path.
func (p *provider) say(path string, answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instead = map[string]http.HandlerFunc{path: answer}
}

// live sets how long the next tokens live, and counts them from 0 again.
func (p *provider) live(life time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.life, p.issued = life, 0
}

// tokens is how many were handed out since live.
func (p *provider) tokens() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.issued
}

// machine is a client of the example that gets tokens a server can check by itself.
type machine struct {
	op.Client

	id string
}

func (m machine) GetID() string                       { return m.id }
func (m machine) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }

// ClientCredentials lets a client in, or does not.
func (p *provider) ClientCredentials(ctx context.Context, id, given string) (op.Client, error) {
	if !slices.Contains([]string{clientID, partID, strangeID}, id) || given != secret {
		return nil, errors.New("no such client, or not its secret")
	}
	example, err := p.Storage.ClientCredentials(ctx, "sid1", "verysecret")
	return machine{example, id}, err
}

// ClientCredentialsTokenRequest says whose the token is, and for whom: the server takes
// those for clientID only.
func (p *provider) ClientCredentialsTokenRequest(_ context.Context, id string, scopes []string) (op.TokenRequest, error) {
	return &oidc.JWTTokenRequest{Subject: id, Audience: []string{clientID}, Scopes: scopes}, nil
}

// CreateAccessToken says until when a token lives.
func (p *provider) CreateAccessToken(ctx context.Context, request op.TokenRequest) (string, time.Time, error) {
	id, _, err := p.Storage.CreateAccessToken(ctx, request)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.issued++
	return id, time.Now().Add(p.life), err
}

// text is an answer of a provider that is wrong, or of what stands in for it.
func text(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// gone ends a connection without an answer.
func gone(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// expired hands out tokens whose time is over, and says nothing of that.
func (p *provider) expired() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.live(-time.Minute)
		defer p.live(lasting)
		answer := httptest.NewRecorder()
		p.honest.ServeHTTP(answer, r)
		var told map[string]any
		_ = json.Unmarshal(answer.Body.Bytes(), &told) // what is no JSON has no token, and is told by that
		delete(told, "expires_in")
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(told)
	}
}

// at answers otherwise at the n-th request, and at so many from there.
func (p *provider) at(n, times int, answer http.HandlerFunc) http.HandlerFunc {
	asked := 0
	return func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		asked++
		now := asked
		p.mu.Unlock()
		if now >= n && now < n+times {
			answer(w, r)
			return
		}
		p.honest.ServeHTTP(w, r)
	}
}
