package action

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// connect makes the client, waits for the server, and authenticates.
func (r *runner) connect(ctx context.Context) (*weaviate.Client, error) {
	return r.connectTo(ctx, r.inputs.Server)
}

// connectTo is connect for any server.
func (r *runner) connectTo(ctx context.Context, in config.Server) (*weaviate.Client, error) {
	headers := make(http.Header)
	for _, header := range in.Headers {
		headers.Add(header.Name, header.Value.Reveal())
	}
	options := weaviate.Options{
		URL:            in.URL,
		APIKey:         in.APIKey.Reveal(),
		Headers:        headers,
		TLS:            weaviate.TLS{CACertificate: in.CACertificate, ClientCertificate: in.ClientCertificate, ClientKey: in.ClientKey},
		RequestTimeout: in.RequestTimeout,
		MaxAttempts:    in.MaxAttempts,
		RetryMaxWait:   in.RetryMaxWait,
		WaitForReady:   in.WaitForReady,
		UserAgent:      Name + "/" + strings.TrimPrefix(r.process.Version, "v"),
		Redact:         r.ci.Scrub,
		OnToken:        r.onToken,
		Logger:         r.ci.Logger(),
		Now:            r.process.Now,
	}
	if in.OIDC != nil {
		options.OIDC = &weaviate.OIDC{
			ClientID:     in.OIDC.ClientID,
			ClientSecret: in.OIDC.ClientSecret.Reveal(),
			Issuer:       in.OIDC.Issuer,
			Scopes:       in.OIDC.Scopes,
		}
	}
	server, err := weaviate.New(options)
	if err != nil {
		return nil, err
	}
	if in.WaitForReady > 0 {
		if err := server.WaitReady(ctx, in.WaitForReady); err != nil {
			server.Close()
			return nil, fmt.Errorf("wait for the server: %w", err)
		}
	}
	if err := server.Authenticate(ctx); err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}

// otherServer is the one that diff compares with.
func (r *runner) otherServer() config.Server {
	server := r.inputs.Server
	if r.inputs.AgainstURL != nil {
		server = config.Server{
			URL: r.inputs.AgainstURL, APIKey: r.inputs.AgainstAPIKey, CACertificate: server.CACertificate,
			WaitForReady: server.WaitForReady, RequestTimeout: server.RequestTimeout, RetryMaxWait: server.RetryMaxWait, MaxAttempts: server.MaxAttempts,
		}
	}
	return server
}

// onToken is told of a token before it is used, and again before each further use.
func (r *runner) onToken(token string) {
	r.ci.Mask(token)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.tokens, token) {
		r.tokens = append(r.tokens, token)
	}
}

// holds says whether data hold a credential of this run. The files of a backup are
// searched side by side, so mu is not held meanwhile.
func (r *runner) holds(data []byte) bool {
	r.mu.Lock()
	credentials := append(r.inputs.Credentials(), r.tokens...)
	r.mu.Unlock()
	return ci.Holds(data, credentials...)
}
