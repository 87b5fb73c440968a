package weaviate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// OIDC names a client that an OpenID Connect provider knows.
type OIDC struct {
	ClientID, ClientSecret string
	// Issuer is the address of the only one that may get the secret. Where it is empty,
	// the server may name any.
	Issuer string
	// Scopes to ask for; when empty, those that the server names.
	Scopes []string
}

// discovery is where an issuer has its document (OpenID Connect Discovery 1.0, section
// 4). The server joins the address in the same way
// (adapters/handlers/rest/handlers_misc.go, v1.39.0).
const discovery = "/.well-known/openid-configuration"

// Authenticate fetches the first token where the options name an OIDC client,
// and does nothing elsewhere. The provider is the one that the server names;
// later tokens are fetched as they run out, or as the server refuses them.
func (c *Client) Authenticate(ctx context.Context) error {
	client := c.options.OIDC
	if client == nil {
		return nil
	}
	server, err := c.oidcServer(ctx)
	if err != nil {
		return fmt.Errorf("read the server's OpenID Connect settings: %w", err)
	}
	if wanted, err := url.JoinPath(client.Issuer, discovery); client.Issuer != "" && (err != nil || server.Href != wanted) {
		return fmt.Errorf("log in with OpenID Connect: the server names %q, and not the issuer %s; no secret was sent", clip(server.Href, maxText), client.Issuer)
	}
	endpoint, err := c.tokenEndpoint(ctx, server.Href)
	if err != nil {
		return &providerError{doing: "read the OpenID Connect provider's settings", err: err}
	}
	scopes := client.Scopes
	if len(scopes) == 0 {
		scopes = server.Scopes
	}
	fetched := &tokens{
		client: c,
		config: clientcredentials.Config{ClientID: client.ClientID, ClientSecret: client.ClientSecret, TokenURL: endpoint, Scopes: scopes},
		doing:  fmt.Sprintf("get a token from the OpenID Connect provider at %s for client %q", endpoint, client.ClientID),
	}
	if _, err := fetched.token(ctx); err != nil {
		return err
	}
	c.tokens = fetched
	return nil
}

// providerError is what went wrong between this program and the provider. What the
// provider answers says nothing of the server, so its status is not to be found in
// the error: its 404 is no collection that does not exist.
type providerError struct {
	doing string
	err   error
	token bool // it was asked for one
}

func (e *providerError) Error() string { return e.doing + ": " + e.err.Error() }

func (e *providerError) Unwrap() error {
	if e.answered() {
		return nil
	}
	return e.err
}

// answered says that the provider refused what it was asked for.
func (e *providerError) answered() bool { return isErrorOf[*statusError](e.err) }

// tokens gives the current token, and fetches a new one when it runs out: again
// where the policy for the server's own answers says so.
type tokens struct {
	client *Client
	config clientcredentials.Config
	doing  string

	mu   sync.Mutex
	last *oauth2.Token // nil: there is none, or the server does not take it
}

// token gives one for a request with the context: what is done when a run has been
// stopped needs a token too.
func (t *tokens) token(ctx context.Context) (*oauth2.Token, error) {
	options := t.client.options
	for attempt := 1; ; attempt++ {
		token, err := t.current(ctx)
		if err == nil {
			options.OnToken(token.AccessToken)
			return token, nil
		}
		if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
			err = t.client.newTokenError(answer)
		}
		failure := &providerError{doing: t.doing, err: withoutURL(err), token: true}
		if !judge(err).again || attempt >= options.MaxAttempts || ctx.Err() != nil {
			return nil, failure
		}
		if err := t.client.pause(ctx, t.doing, attempt, err); err != nil {
			return nil, &providerError{doing: t.doing, err: err, token: true}
		}
	}
}

// newTokenError is a refusal of the provider, in the words of RFC 6749, section 5.2, and
// no others: see attempts.isElsewhere.
func (c *Client) newTokenError(answer *oauth2.RetrieveError) *statusError {
	status := c.newStatusError(answer.Response, nil)
	for _, words := range []string{answer.ErrorCode, answer.ErrorDescription} {
		if words != "" {
			status.messages = append(status.messages, clip(c.options.Redact(words), maxText))
		}
	}
	return status
}

// current gives the last token while it lasts, and fetches another one then.
func (t *tokens) current(ctx context.Context) (*oauth2.Token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last.Valid() {
		return t.last, nil
	}
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client.http))
	if err != nil {
		return nil, err
	}
	t.last = token
	return token, nil
}

// refused is told of an Authorization header that the server did not take. The token
// in it is not given again: a provider need not say how long one lasts (RFC 6749,
// section 5.1), and the server's clock may be ahead.
func (t *tokens) refused(header string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last != nil && header == t.last.Type()+" "+t.last.AccessToken {
		t.last = nil
	}
}

// oidcServer is what the server says of its provider
// (adapters/handlers/rest/handlers_misc.go, v1.39.0).
type oidcServer struct {
	// Href is the provider's discovery document.
	Href   string   `json:"href"`
	Scopes []string `json:"scopes"`
}

var errNoOIDC = errors.New("the server does not use OpenID Connect")

func (c *Client) oidcServer(ctx context.Context) (oidcServer, error) {
	var server oidcServer
	_, err := c.do(ctx, call{
		method: http.MethodGet,
		path:   "/v1" + discovery,
		small:  true,
		check: func(body []byte) error {
			if err := decode(body, &server); err != nil {
				return err
			}
			if server.Href == "" {
				return errors.New(`no "href" in it`)
			}
			return nil
		},
	})
	if errors.Is(err, ErrNotFound) {
		return server, fmt.Errorf("%w: %w", errNoOIDC, err)
	}
	return server, err
}

// tokenEndpoint reads the provider's discovery document (OpenID Connect
// Discovery 1.0, section 4).
func (c *Client) tokenEndpoint(ctx context.Context, href string) (string, error) {
	target, err := url.Parse(href)
	switch {
	case err != nil:
		return "", fmt.Errorf("parse its address: %w", err)
	case c.options.URL.Scheme == "https" && target.Scheme != "https":
		return "", fmt.Errorf("its address, %q, is without TLS, and the server's is not", href)
	}
	var provider struct {
		TokenEndpoint string `json:"token_endpoint"`
	}
	_, err = c.send(ctx, target, call{
		method: http.MethodGet,
		small:  true,
		loose:  true, // says nothing of the server
		check: func(body []byte) error {
			if err := decode(body, &provider); err != nil {
				return err
			}
			if provider.TokenEndpoint == "" {
				return errors.New(`no "token_endpoint" in it`)
			}
			return checkEndpoint(provider.TokenEndpoint, target)
		},
	})
	return provider.TokenEndpoint, err
}

// checkEndpoint refuses an address that the client's secret must not be sent to: one
// that is not of HTTP, and one without TLS in a document that came by TLS.
func checkEndpoint(endpoint string, document *url.URL) error {
	address, err := url.Parse(endpoint)
	switch {
	case err != nil || address.Host == "" || (address.Scheme != "http" && address.Scheme != "https"):
		return fmt.Errorf(`the "token_endpoint" in it, %q, is no http or https URL`, endpoint)
	case document.Scheme == "https" && address.Scheme != "https":
		return fmt.Errorf(`the "token_endpoint" in it, %q, is without TLS, and the document is not`, endpoint)
	default:
		return nil
	}
}
