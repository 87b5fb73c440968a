package weaviate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// readyCall asks whether the server is ready. Whoever sends it tries again.
var readyCall = call{method: http.MethodGet, path: "/v1/.well-known/ready", once: true, loose: true, public: true}

// WaitReady looks at /v1/.well-known/ready until it answers 200, for at most
// limit. A server that is not ready answers other calls already, and wrongly:
// counts of shards that are still loading fail (1.39.0). What waiting can't
// mend, such as a certificate that is not trusted, fails at once.
func (c *Client) WaitReady(ctx context.Context, limit time.Duration) error {
	cause := fmt.Errorf("not ready within %v", limit)
	waiting, cancel := context.WithTimeoutCause(ctx, limit, cause)
	defer cancel()
	poll := time.NewTicker(c.options.PollInterval)
	defer poll.Stop()

	var said time.Time // at once, and then every ten seconds
	var last error
	for {
		lost := c.disturbances.Load()
		_, err := c.do(waiting, readyCall)
		switch {
		case err == nil:
			c.settled.Store(lost)
			return nil
		case waiting.Err() != nil && last != nil:
			return fmt.Errorf("%w: %w", context.Cause(waiting), last)
		case waiting.Err() != nil:
			return err
		case !judge(err).again:
			return err
		}
		last = err
		if now := c.options.Now(); now.Sub(said) >= 10*time.Second {
			said = now
			c.log.Info("waiting for the server to be ready", "last", err)
		}
		select {
		case <-waiting.Done():
			return fmt.Errorf("%w: %w", context.Cause(waiting), last)
		case <-poll.C:
		}
	}
}

// Meta is what a server says of itself.
type Meta struct {
	// Version of the server, such as "1.39.0".
	Version string
	// Modules are the names of those that are switched on, sorted.
	Modules []string
}

// Meta reads GET /v1/meta.
func (c *Client) Meta(ctx context.Context) (Meta, error) {
	var answer struct {
		Version string         `json:"version"`
		Modules map[string]any `json:"modules"`
	}
	_, err := c.do(ctx, call{
		method: http.MethodGet,
		path:   "/v1/meta",
		small:  true,
		check: func(body []byte) error {
			if err := decode(body, &answer); err != nil {
				return err
			}
			if answer.Version == "" {
				return errors.New(`no "version" in it: is this a Weaviate server?`)
			}
			return nil
		},
	})
	if err != nil {
		return Meta{}, err
	}
	return Meta{Version: answer.Version, Modules: sortedKeys(answer.Modules)}, nil
}
