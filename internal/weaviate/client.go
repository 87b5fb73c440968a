package weaviate

import (
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// maxAnswer is the largest body that is read, in bytes. The largest schema seen
// on a real server was 26 MB, nearly all of it descriptions (1.39.0).
const maxAnswer = 256 << 20

// maxSmall is the largest body of an answer that does not grow with the number of
// collections, tenants or aliases, and of a failure, in bytes. A decoded answer takes
// many times its size, and 8 MiB are 25,000 permissions.
const maxSmall = 8 << 20

// Options configures a [Client]. URL is required; a zero value elsewhere stands
// for the default that the comment names.
type Options struct {
	// URL of the server: scheme, host, and a base path where a gateway needs
	// one. No credentials.
	URL *url.URL
	// APIKey is sent as a bearer token where it is not empty.
	APIKey string
	// Headers are sent with every request to the server.
	Headers http.Header
	// OIDC, where not nil, is used by [Client.Authenticate].
	OIDC *OIDC
	// TLS holds certificates; those that the system trusts are trusted too.
	TLS TLS

	// RequestTimeout limits one attempt, body included (60 s). A server that
	// lost its leader takes 20 to 45 s to say so (1.39.0).
	RequestTimeout time.Duration
	// MaxAnswer is the largest body that is read, in bytes (256 MiB).
	MaxAnswer int64
	// MaxAttempts is how often a request is sent in all (5).
	MaxAttempts int
	// RetryMinWait is the upper bound of the first wait; it doubles with each
	// further one (500 ms).
	RetryMinWait time.Duration
	// RetryMaxWait is the upper bound of every wait, Retry-After included (30 s).
	RetryMaxWait time.Duration
	// PollInterval is the time between two looks at a server that is not ready
	// (500 ms).
	PollInterval time.Duration
	// WaitForReady is how long [Client.Steady] waits for a server that went away (not
	// at all).
	WaitForReady time.Duration
	// UserAgent names this program to the server ("weaviate-backup-action").
	UserAgent string

	// Redact takes secrets out of a server's words, before these are cut to a
	// length or become the reason of a count (nothing is taken out).
	Redact func(text string) string
	// OnToken is told of each token before it is used: it is a secret that came
	// by no option (nobody).
	OnToken func(token string)

	// Logger gets one Info line per retry and one Debug line per attempt
	// (none).
	Logger *slog.Logger
	// Now is the clock (the system's).
	Now func() time.Time
	// Jitter gives random numbers in [0, 1) for the waits (math/rand/v2).
	Jitter func() float64
}

// Client speaks to one server. [New] makes it.
type Client struct {
	options Options
	http    *http.Client
	log     *slog.Logger
	tokens  *tokens // nil before Authenticate, and without OIDC
	// disturbances counts requests that came to nothing as if the server had gone away,
	// and settled how many of them were before the server was last known to be ready.
	disturbances, settled atomic.Int64
}

// New reads the certificates and sends nothing yet.
func New(options Options) (*Client, error) {
	options = withDefaults(options)
	transport, err := newTransport(options.TLS)
	if err != nil {
		return nil, err
	}
	c := &Client{options: options, log: options.Logger}
	c.http = &http.Client{
		Transport:     watched{transport, options.URL.Hostname(), func() { c.disturbances.Add(1) }},
		Timeout:       options.RequestTimeout,
		CheckRedirect: checkRedirect,
	}
	return c, nil
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func withDefaults(o Options) Options {
	if o.URL.Path == "" {
		o.URL = o.URL.JoinPath("/") // so that every path below it starts with one
	}
	orDefault(&o.RequestTimeout, 60*time.Second)
	orDefault(&o.MaxAnswer, maxAnswer)
	orDefault(&o.MaxAttempts, 5)
	orDefault(&o.RetryMinWait, 500*time.Millisecond)
	orDefault(&o.RetryMaxWait, 30*time.Second)
	orDefault(&o.PollInterval, 500*time.Millisecond)
	orDefault(&o.UserAgent, "weaviate-backup-action")
	orDefault(&o.Logger, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now //nolint:forbidigo // the one place that turns "no clock given" into the system's
	}
	if o.Redact == nil {
		o.Redact = func(text string) string { return text }
	}
	if o.OnToken == nil {
		o.OnToken = func(string) {}
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	return o
}

func orDefault[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}
