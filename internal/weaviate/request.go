package weaviate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// call is one request as the rest of the package asks for it.
type call struct {
	method string
	path   string // below the base path, starts with /v1/
	query  url.Values
	header http.Header
	body   []byte
	// check looks at the body of a 2xx answer; its error is an answer that is
	// not what was asked for. nil accepts an empty body too.
	check func(body []byte) error
	// small is a call whose answer is small on any server.
	small bool
	// once keeps the call from being repeated.
	once bool
	// loose is a call that may fail on a server that is well, see [Client.Steady].
	loose bool
	// public is a call that the server answers to anybody, so that no token is
	// fetched for it.
	public bool
}

// do sends the call, again where the policy says so, and returns the body of a
// 2xx answer. Every error is an *APIError.
func (c *Client) do(ctx context.Context, call call) ([]byte, error) {
	target := c.options.URL.JoinPath(call.path)
	target.RawQuery = call.query.Encode()
	return c.send(ctx, target, call)
}

// send is do for any URL: the provider's documents of OpenID Connect are on
// other hosts, and get none of the server's credentials.
func (c *Client) send(ctx context.Context, target *url.URL, call call) ([]byte, error) {
	try := &attempts{client: c, call: call, target: target}

	var body any
	if call.body != nil {
		body = call.body
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, call.method, target.String(), body)
	if err != nil {
		return nil, try.failure(ctx, err)
	}
	if err := try.setHeaders(request.Request); err != nil {
		return nil, try.failure(ctx, err)
	}
	request.SetResponseHandler(try.read)
	// A client of the library's holds the policy of one call; connections are
	// shared through the http.Client.
	client := retryablehttp.Client{
		HTTPClient:     c.http,
		RetryWaitMin:   c.options.RetryMinWait,
		RetryWaitMax:   c.options.RetryMaxWait,
		RetryMax:       c.options.MaxAttempts - 1,
		CheckRetry:     try.again,
		Backoff:        try.backoff,
		ErrorHandler:   retryablehttp.PassthroughErrorHandler,
		RequestLogHook: try.begin,
		PrepareRetry:   try.setHeaders,
	}
	response, err := client.Do(request)
	if response != nil {
		_ = response.Body.Close() // read whole, or given up, by try.read
	}
	if err != nil {
		return nil, try.failure(ctx, err)
	}
	return try.body, nil
}

// setHeaders is called before each attempt: a token may have run out since the last.
func (a *attempts) setHeaders(request *http.Request) error {
	c := a.client
	request.Header = make(http.Header) // the last attempt may still be reading its own
	request.Header.Set("User-Agent", c.options.UserAgent)
	request.Header.Set("Accept", "application/json")
	if a.call.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, values := range a.call.header {
		request.Header[name] = values
	}
	if a.isElsewhere() {
		return nil
	}
	for name, values := range c.options.Headers {
		request.Header[name] = values
	}
	switch {
	case c.options.APIKey != "":
		request.Header.Set("Authorization", "Bearer "+c.options.APIKey)
	case c.tokens != nil && !a.call.public:
		token, err := c.tokens.token(request.Context())
		if err != nil {
			return err
		}
		token.SetAuthHeader(request)
		a.token = request.Header.Get("Authorization")
	}
	return nil
}

// isElsewhere says whether the call goes to the provider of OpenID Connect. Nothing of
// the body is quoted then: the server said where it is, and may have meant what only
// this machine can read.
func (a *attempts) isElsewhere() bool {
	server := a.client.options.URL
	return a.target.Host != server.Host || a.target.Scheme != server.Scheme
}

// attempts is the state of one call: what was tried and what came of it.
type attempts struct {
	client *Client
	call   call
	target *url.URL

	number int       // of the running attempt, from 1
	began  time.Time // when it was sent
	body   []byte    // of the last whole answer
	last   error     // of the last attempt
	lost   bool      // whether it is not certain of some attempt that nothing was done
	token  string    // what the last attempt was authorized by, where the provider gave it
	// renewed says that a token was refused, and another one asked for.
	renewed bool
}

// begin is called by the library before each attempt.
func (a *attempts) begin(_ retryablehttp.Logger, _ *http.Request, _ int) {
	a.number++
	a.began = a.client.options.Now()
}

// read is called by the library with each answer. It reads the body whole, so
// that a cut counts as a failed attempt, and turns everything but a good answer
// into an error for the policy to judge.
func (a *attempts) read(response *http.Response) error {
	defer func() { _ = response.Body.Close() }()
	body, err := a.readAll(response)
	a.client.log.Debug("request",
		"method", a.call.method, "path", a.target.Path, "status", response.StatusCode,
		"bytes", len(body), "ms", a.client.options.Now().Sub(a.began).Milliseconds())
	switch {
	case err != nil && response.StatusCode == http.StatusNotFound:
		return err // whether a body follows tells what was not found
	case response.StatusCode < 200 || response.StatusCode > 299:
		// What the server said of the failure is worth more than how its body ended.
		if a.isElsewhere() {
			body = nil
		}
		return a.client.newStatusError(response, body)
	case err != nil:
		return err
	case a.call.check != nil:
		if err := a.call.check(body); err != nil {
			wrong := &bodyError{
				contentType: response.Header.Get("Content-Type"), encoding: response.Header.Get("Content-Encoding"), empty: len(body) == 0, err: err,
			}
			if !a.isElsewhere() {
				wrong.start = excerpt(body, a.client.options.Redact)
			}
			return wrong
		}
	}
	a.body = body
	return nil
}

// readAll reads a body up to the limit for such an answer. One that is announced as
// larger than any is not begun with; between the two limits the announcement may be
// wrong, and the body cut short, which another attempt can mend.
func (a *attempts) readAll(response *http.Response) ([]byte, error) {
	most := a.client.options.MaxAnswer
	if response.ContentLength > most {
		return nil, fmt.Errorf("%w of %d MiB: it announces %d bytes", errTooLarge, most>>20, response.ContentLength)
	}
	if a.call.small || response.StatusCode < 200 || response.StatusCode > 299 {
		most = min(most, maxSmall)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	switch {
	case int64(len(body)) > most:
		return body, fmt.Errorf("%w of %d MiB", errTooLarge, most>>20)
	case err != nil:
		return body, fmt.Errorf("read the answer after %d bytes: %w", len(body), err)
	default:
		return body, nil
	}
}

var errTooLarge = errors.New("the answer is larger than the limit")

// bodyError is a 2xx answer that is not what was asked for.
type bodyError struct {
	contentType, encoding string
	empty                 bool
	// start is how the body begins; see attempts.isElsewhere.
	start string
	err   error
}

func (e *bodyError) Error() string {
	switch {
	case e.empty:
		return "the answer is empty"
	case e.encoding != "":
		return fmt.Sprintf("the answer has the content encoding %q, which was not asked for", e.encoding)
	case !strings.Contains(e.contentType, "json") && e.start != "":
		return fmt.Sprintf("%v (content type %q, starts %q)", e.err, e.contentType, e.start)
	case !strings.Contains(e.contentType, "json"):
		return fmt.Sprintf("%v (content type %q)", e.err, e.contentType)
	default:
		return e.err.Error()
	}
}

func (e *bodyError) Unwrap() error { return e.err }

// failure makes the error of a call that did not work out. A context that ended
// is named as such, with what the last attempt came to.
func (a *attempts) failure(ctx context.Context, err error) error {
	failure := &APIError{
		Method:   a.call.method,
		URL:      a.target.Redacted(),
		Attempts: a.number,
		Err:      a.plain(err),
		lost:     a.lost,
	}
	if ended := ctx.Err(); ended != nil {
		cause := context.Cause(ctx)
		failure.Err = cause
		// net/http gives either of the two for a request that the end cut off.
		if a.last != nil && !errors.Is(a.last, ended) && !errors.Is(a.last, cause) {
			failure.Err = fmt.Errorf("%w; the last attempt: %w", cause, a.plain(a.last))
		}
	}
	var status *statusError
	if errors.As(err, &status) {
		failure.Status = status.code
		failure.Messages = status.messages
	}
	return failure
}

// plain is what an attempt came to, in words that name the limit where it was
// too slow.
func (a *attempts) plain(err error) error {
	// A connection that could not be made in time has limits of its own.
	if errors.Is(err, context.DeadlineExceeded) && !isErrorOf[*net.OpError](err) {
		return &slowError{limit: a.client.options.RequestTimeout, err: err}
	}
	return withoutURL(err)
}

// slowError is an attempt that had no whole answer in time. The words of
// net/http for it speak of a Client.Timeout that nobody set by that name.
type slowError struct {
	limit time.Duration
	err   error
}

func (e *slowError) Error() string {
	return fmt.Sprintf("no whole answer within %v, the limit that request-timeout sets", e.limit)
}

func (e *slowError) Unwrap() error { return e.err }

// withoutURL takes off the layer in which net/http repeats method and URL.
func withoutURL(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return outer.Err
	}
	return err
}
