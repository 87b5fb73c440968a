package weaviate_test

import (
	"context"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	issuer := func(c *weaviatetest.FakeConfig) {
		c.OIDC = &weaviatetest.FakeOIDC{ClientID: "ci", ClientSecret: "s3cret-of-ci", Scopes: []string{"openid"}, Token: "token-1"}
	}
	with := func(secret string) func(*weaviate.Options) {
		return func(o *weaviate.Options) { o.OIDC = &weaviate.OIDC{ClientID: "ci", ClientSecret: secret} }
	}

	t.Run("with a client that the provider knows", func(t *testing.T) {
		t.Parallel()
		server := weaviatetest.NewFake(t, issuer)
		var fetched []string
		client, _ := connect(t, server.URL, with("s3cret-of-ci"), func(o *weaviate.Options) {
			o.OnToken = func(token string) { fetched = append(fetched, token) }
		})
		_, err := client.Schema(t.Context())
		require.ErrorIs(t, err, weaviate.ErrUnauthorized, "no token yet")
		require.NoError(t, client.Authenticate(t.Context()))
		assert.Equal(t, []string{"token-1"}, fetched)
		_, err = client.Schema(t.Context())
		require.NoError(t, err)
		received := server.Received()
		assert.Equal(t, "Bearer token-1", received[len(received)-1].Header.Get("Authorization"))
	})
	t.Run("with a provider that fails first", func(t *testing.T) {
		t.Parallel()
		server := weaviatetest.NewFake(t, issuer, func(c *weaviatetest.FakeConfig) {
			c.Faults = []weaviatetest.Fault{{Method: "POST", Path: "/issuer/*", Status: 503, Times: 4}} // oauth2 tries two ways to send the secret each time
		})
		client, log := connect(t, server.URL, with("s3cret-of-ci"))
		require.NoError(t, client.Authenticate(t.Context()))
		assert.Len(t, log.lines("trying again"), 2)
	})
	t.Run("with a provider that says when to come back", func(t *testing.T) {
		t.Parallel()
		server := weaviatetest.NewFake(t, issuer, func(c *weaviatetest.FakeConfig) {
			c.Faults = []weaviatetest.Fault{{Method: "POST", Path: "/issuer/*", Status: 429, Header: map[string]string{"Retry-After": "0"}, Times: 2}}
		})
		client, log := connect(t, server.URL, with("s3cret-of-ci"), func(o *weaviate.Options) {
			o.RetryMinWait, o.RetryMaxWait = time.Hour, time.Hour
		})
		require.NoError(t, client.Authenticate(t.Context()))
		assert.Len(t, log.lines("wait=0s"), 1)
	})
	t.Run("with a wrong secret", func(t *testing.T) {
		t.Parallel()
		server := weaviatetest.NewFake(t, issuer)
		client, _ := connect(t, server.URL, with("wrong-s3cret"))
		err := client.Authenticate(t.Context())
		require.ErrorContains(t, err, "get a token from the OpenID Connect provider at "+server.URL)
		require.ErrorContains(t, err, `client "ci"`)
		assert.NotContains(t, err.Error(), "wrong-s3cret")
	})
	t.Run("with a provider that would get the secret elsewhere", func(t *testing.T) {
		t.Parallel()
		for _, endpoint := range []string{"token", "//elsewhere/token", "file:///token", "ftp://elsewhere/token", "http://%zz/"} {
			server := weaviatetest.NewFake(t, issuer, func(c *weaviatetest.FakeConfig) {
				c.Faults = []weaviatetest.Fault{{Path: "/issuer/.well-known/*", Body: `{"token_endpoint":"` + endpoint + `"}`}}
			})
			client, _ := connect(t, server.URL, with("s3cret-of-ci"))
			require.ErrorContains(t, client.Authenticate(t.Context()), `the "token_endpoint" in it, "`+endpoint+`", is no http or https URL`)
		}
	})
	t.Run("with what is no provider's document, of which nothing is shown", func(t *testing.T) {
		t.Parallel()
		for _, test := range []struct {
			status            int
			contentType, want string
			token             bool // it is what the provider says when it is asked for a token
		}{
			{200, "text/plain", `not good JSON: .* \(content type "text/plain"\)$`, false},
			{200, "application/json", "not good JSON: ", false},
			{404, "text/plain", ": 404 Not Found$", false},
			{403, "text/plain", ": 403 Forbidden$", true},
			{503, "application/json", ": 503 Service Unavailable$", true},
		} {
			elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if test.token && r.Method == http.MethodGet {
					_, _ = io.WriteString(w, `{"token_endpoint":"http://`+r.Host+`/token"}`)
					return
				}
				w.Header().Set("Content-Type", test.contentType)
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, "internal-s3cret of this machine")
			}))
			t.Cleanup(elsewhere.Close)
			server := weaviatetest.NewFake(t, issuer, func(c *weaviatetest.FakeConfig) {
				c.Faults = []weaviatetest.Fault{{Path: "/v1/.well-known/openid-configuration", Body: `{"href":"` + elsewhere.URL + `"}`}}
			})
			client, log := connect(t, server.URL, with("s3cret-of-ci"))
			err := client.Authenticate(t.Context())
			require.Error(t, err)
			assert.Regexp(t, test.want, err.Error())
			assert.NotContains(t, err.Error(), "internal")
			assert.Empty(t, log.lines("internal"))
		}
	})
	t.Run("with the issuer that is allowed, and with another one", func(t *testing.T) {
		t.Parallel()
		server := weaviatetest.NewFake(t, issuer)
		for allowed, want := range map[string]bool{"/issuer": true, "/issuer/": true, "/issue": false, "": false} {
			client, _ := connect(t, server.URL, with("s3cret-of-ci"), func(o *weaviate.Options) { o.OIDC.Issuer = server.URL + allowed })
			sent := len(server.Requests())
			err := client.Authenticate(t.Context())
			if want {
				require.NoError(t, err)
				continue
			}
			require.EqualError(t, err, `log in with OpenID Connect: the server names "`+server.URL+`/issuer/.well-known/openid-configuration", and not the issuer `+
				server.URL+allowed+`; no secret was sent`)
			assert.Len(t, server.Requests()[sent:], 1, "the server was asked, and nobody else")
		}
	})
	t.Run("with a server that does not use it", func(t *testing.T) {
		t.Parallel()
		server := weaviatetest.NewFake(t)
		client, _ := connect(t, server.URL, with("s3cret-of-ci"))
		require.ErrorContains(t, client.Authenticate(t.Context()), "the server does not use OpenID Connect")
	})
	t.Run("not asked for", func(t *testing.T) {
		t.Parallel()
		server := weaviatetest.NewFake(t)
		client, _ := connect(t, server.URL)
		require.NoError(t, client.Authenticate(t.Context()))
		assert.Empty(t, server.Requests())
	})
}

// What the provider says when a token has run out is not the server's word, whatever
// it would mean from the server.
func TestAuthenticateAgain(t *testing.T) {
	t.Parallel()
	for _, fault := range []weaviatetest.Fault{
		{Status: 404},
		{Status: 404, Body: `{"code":404,"message":"path /v1/aliases was not found"}`},
		{Status: 403},
		{Status: 401},
		{Status: 503},
		{Do: weaviatetest.DoEOF},
	} {
		fault.Path, fault.Skip = "/issuer/token", 1
		server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
			c.OIDC = &weaviatetest.FakeOIDC{ClientID: "ci", ClientSecret: "s3cret-of-ci", Token: "token-1", ExpiresIn: 1}
			c.Faults = []weaviatetest.Fault{fault}
		})
		client, _ := connect(t, server.URL, func(o *weaviate.Options) {
			o.OIDC = &weaviate.OIDC{ClientID: "ci", ClientSecret: "s3cret-of-ci"}
		})
		require.NoError(t, client.Authenticate(t.Context()))
		_, _, found := client.Collection(t.Context(), "Nothing")
		_, all := client.CanReadAll(t.Context(), weaviate.Rights{})
		_, rights := client.Rights(t.Context())
		_, aliases := client.Aliases(t.Context())
		_, created := client.CreateCollection(t.Context(), schema.Collection{Name: "Doc", Raw: []byte(`{"class":"Doc"}`)})
		for _, err := range []error{found, all, rights, aliases, created} {
			require.ErrorContains(t, err, "get a token from the OpenID Connect provider", "%+v", fault)
			for _, of := range []error{
				weaviate.ErrNotFound, weaviate.ErrForbidden, weaviate.ErrUnauthorized, weaviate.ErrNoSuchPath, weaviate.ErrNoAliases, weaviate.ErrUnsettled,
			} {
				require.NotErrorIs(t, err, of, "%+v", fault)
			}
		}
	}
}

// A token that the server does not take is replaced, for reads and for writes, once
// for each.
func TestAuthenticateRefused(t *testing.T) {
	t.Parallel()
	for times, want := range map[int]bool{1: true, 2: false} {
		server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
			c.OIDC = &weaviatetest.FakeOIDC{ClientID: "ci", ClientSecret: "s3cret-of-ci", Token: "token-1"}
			c.Faults = []weaviatetest.Fault{
				{Method: "GET", Path: "/v1/schema", Status: 401, Times: times},
				{Method: "DELETE", Status: 401, Times: times},
				{Method: "DELETE", Status: 200},
			}
		})
		client, log := connect(t, server.URL, func(o *weaviate.Options) {
			o.OIDC = &weaviate.OIDC{ClientID: "ci", ClientSecret: "s3cret-of-ci"}
		})
		require.NoError(t, client.Authenticate(t.Context()))
		_, read := client.Schema(t.Context())
		for _, err := range []error{read, client.DeleteCollection(t.Context(), "Doc")} {
			if want {
				require.NoError(t, err)
				continue
			}
			require.ErrorIs(t, err, weaviate.ErrUnauthorized)
			assert.Contains(t, weaviate.Hint(err, weaviate.Place{OIDC: true}), "The server does not take this token")
		}
		assert.Len(t, log.lines("a token that the server refused"), 2)
	}
}

// A token for what is done when a run has been stopped, such as the clean-up of a
// restore, is fetched all the same.
func TestAuthenticateAfterTheEnd(t *testing.T) {
	t.Parallel()
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.OIDC = &weaviatetest.FakeOIDC{ClientID: "ci", ClientSecret: "s3cret-of-ci", Token: "token-1", ExpiresIn: 1}
	})
	client, _ := connect(t, server.URL, func(o *weaviate.Options) {
		o.OIDC = &weaviate.OIDC{ClientID: "ci", ClientSecret: "s3cret-of-ci"}
	})
	ctx, stop := context.WithCancel(t.Context())
	require.NoError(t, client.Authenticate(ctx))
	stop()
	_, err := client.Schema(context.WithoutCancel(ctx))
	require.NoError(t, err)
	_, err = client.Schema(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

// What a server says of its provider over TLS is not followed to a place without: the
// client's secret would go there.
func TestAuthenticateKeepsTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"href": "http://127.0.0.1:1/.well-known/openid-configuration"}`)
	}))
	t.Cleanup(server.Close)
	client, _ := connect(t, server.URL, func(o *weaviate.Options) {
		o.OIDC = &weaviate.OIDC{ClientID: "ci", ClientSecret: "s3cret-of-ci"}
		o.TLS.CACertificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	})
	require.ErrorContains(t, client.Authenticate(t.Context()),
		`its address, "http://127.0.0.1:1/.well-known/openid-configuration", is without TLS, and the server's is not`)
}
