package weaviate

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Sentinels that errors.Is matches against an [*APIError].
var (
	// ErrUnauthorized is a 401: no key, or one that the server does not know.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden is a 403: the key lacks a permission.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound is a 404 of a thing: the server knows the path.
	ErrNotFound = errors.New("not found")
	// ErrNoSuchPath is a 404 of the path itself: the server is too old for it,
	// or is no Weaviate.
	ErrNoSuchPath = errors.New("no such path")
	// ErrNoLeader is a cluster without a leader, or with one that does not answer
	// the other nodes. It says so with 500, 422 or 400, depending on the endpoint
	// (1.39.0).
	ErrNoLeader = errors.New("no leader")
)

// noLeader are its words: those of a node that knows of no leader, and gRPC's where
// one that has just died is asked.
var noLeader = []string{
	"leader not found", "rpc error: code = Canceled", "rpc error: code = Unavailable", "rpc error: code = DeadlineExceeded",
}

const (
	// maxMessages and maxText bound what is kept of a server's words, in
	// messages and bytes.
	maxMessages = 5
	maxText     = 2000
	// maxExcerpt bounds what is shown of a body that could not be understood.
	maxExcerpt = 120
)

// APIError is a request that did not get the answer it was sent for.
type APIError struct {
	// Method and URL of the request; the URL holds no credentials.
	Method, URL string
	// Status is the code of the last answer; 0 where there was none.
	Status int
	// Messages are the server's own words, as it sent them: escape them before
	// they are printed.
	Messages []string
	// Attempts is how often the request was sent; 0 where it could not be.
	Attempts int
	// Err is what the last attempt came to.
	Err error

	// lost says that it is not certain of some attempt that the server did nothing.
	lost bool
}

// Error is the method, the URL, how often it was tried if more than once, and
// the cause.
func (e *APIError) Error() string {
	tries := ""
	if e.Attempts > 1 {
		tries = fmt.Sprintf(" (%d attempts)", e.Attempts)
	}
	return fmt.Sprintf("%s %s%s: %v", e.Method, e.URL, tries, e.Err)
}

// Unwrap gives the cause.
func (e *APIError) Unwrap() error { return e.Err }

// statusError is an answer with a status other than 2xx.
type statusError struct {
	code     int
	messages []string
	body     string // bounded by maxText, for the policy's look at the words
	// after is the wait that Retry-After asks for; nil where it asks for none.
	after *time.Duration
}

func (c *Client) newStatusError(response *http.Response, body []byte) *statusError {
	status := &statusError{
		code:     response.StatusCode,
		messages: messages(body, c.options.Redact),
		body:     clip(string(body), maxText),
	}
	if after, ok := retryAfter(response, c.options.Now()); ok {
		status.after = &after
	}
	return status
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("%d %s", e.code, http.StatusText(e.code))
	if len(e.messages) > 0 {
		text += ": " + strings.Join(e.messages, "; ")
	}
	return text
}

// Is matches the sentinels of this package.
func (e *statusError) Is(target error) bool {
	if target == ErrNoLeader {
		return slices.ContainsFunc(noLeader, func(words string) bool { return strings.Contains(e.body, words) })
	}
	// Weaviate answers 404 with an empty body for a thing, and with a JSON text
	// for a path that it does not know (1.27.0 to 1.39.0).
	switch e.code {
	case http.StatusUnauthorized:
		return target == ErrUnauthorized
	case http.StatusForbidden:
		return target == ErrForbidden
	case http.StatusNotFound:
		if len(e.messages) == 0 {
			return target == ErrNotFound
		}
		return target == ErrNoSuchPath
	default:
		return false
	}
}

// isPathUnknown recognises a Weaviate that does not know a path, which is the only
// thing that tells of an older one: {"code":404,"message":"path … was not found"}
// (1.27.0 to 1.39.0). The page of a gateway says nothing of the server.
func isPathUnknown(err error) bool {
	status, ok := errors.AsType[*statusError](err)
	return ok && status.code == http.StatusNotFound && len(status.messages) == 1 &&
		strings.HasPrefix(status.messages[0], "path /") && strings.HasSuffix(status.messages[0], " was not found")
}

// messages reads the server's words from the body of a failure. Weaviate has
// two forms of it: handlers send {"error":[{"message":…}]}, the layers around
// them {"code":…,"message":…} (1.27.0 to 1.39.0). The beginning of any other
// body is better than nothing. Secrets are redacted first, so that no cut leaves
// a part of one.
func messages(body []byte, redact func(string) string) []string {
	var answer struct {
		Error []struct {
			Message string `json:"message"`
		} `json:"error"`
		Message string `json:"message"`
		Code    string `json:"errorCode"`
	}
	var found []string
	// The error of Unmarshal is not needed: what could not be read is shown raw.
	if err := json.Unmarshal(body, &answer); err == nil {
		for _, e := range answer.Error {
			found = append(found, e.Message)
		}
		if answer.Message != "" {
			found = append(found, strings.TrimSpace(answer.Code+" "+answer.Message))
		}
	}
	if len(found) == 0 && len(body) > 0 {
		found = []string{excerpt(body, redact)}
	}
	found = found[:min(len(found), maxMessages)]
	for i := range found {
		found[i] = clip(redact(found[i]), maxText)
	}
	return found
}

// excerpt is the beginning of a body, on one line.
func excerpt(body []byte, redact func(string) string) string {
	start := redact(string(body[:min(len(body), 64*maxExcerpt)]))
	return clip(strings.Join(strings.Fields(start), " "), maxExcerpt)
}

// clip shortens text to at most limit bytes, at the start of a character.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return strings.ToValidUTF8(text[:limit], "\uFFFD") + "…"
}
