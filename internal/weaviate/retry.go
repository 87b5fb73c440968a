package weaviate

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// rule is one line of the retry policy: which failures it speaks of, what they
// are called in the log, and whether another attempt can help.
type rule struct {
	name  string
	again bool
	when  func(err error) bool
}

// policy is read from the top, and the first rule that fits decides. It is for
// calls that may be sent twice: reads, and writes that change nothing the second
// time. For the others see [Client.write].
var policy = []rule{
	// What another attempt would not change. The provider was asked again already.
	{"no token", false, isErrorOf[*providerError]},
	{"a certificate that is not trusted", false, isErrorOf[*tls.CertificateVerificationError]},
	{"a TLS alert from the server", false, isTLSAlert},
	{"an answer that is not TLS", false, isAny(http.ErrSchemeMismatch)},
	{"an answer that is not HTTP", false, isTLSAnswer},
	{"an answer in HTTP/2", false, isHTTP2Answer},
	{"a host that does not exist", false, isUnknownHost},
	{"a refused redirect", false, isAny(errRedirect)},
	{"an answer that is too large", false, isAny(errTooLarge)},
	// 1.39 sends this 429 for a limit of the instance, not of the moment.
	{"a usage limit", false, isMessage("USAGE_LIMIT_EXCEEDED")},

	// What passes.
	{"leader not found", true, isAny(ErrNoLeader)},
	{"too many requests", true, isStatus(http.StatusTooManyRequests)},
	// Weaviate answers 500 while a leader is lost, in other words than the
	// above too (1.39.0); gateways 502 to 504.
	{"a server error", true, isStatusFrom(http.StatusInternalServerError)},
	// From gateways; Weaviate itself sends neither.
	{"a request that timed out", true, isStatus(http.StatusRequestTimeout, http.StatusTooEarly)},
	// 400, 401, 403, 404, 422 and the like say that the request is wrong.
	{"a refusal", false, isErrorOf[*statusError]},

	{"no connection", true, isAny(syscall.ECONNREFUSED)},
	{"a lost connection", true, isAny(syscall.ECONNRESET, syscall.EPIPE, io.EOF)},
	// A 2xx body that is empty or stops in the middle counts as cut short: a
	// server that panicked (1.39.0), or a gateway that gave up.
	{"an answer cut short", true, isAny(io.ErrUnexpectedEOF)},
	{"no answer in time", true, isAny(os.ErrDeadlineExceeded, context.DeadlineExceeded)},
	{"an answer that is not what was asked for", false, isErrorOf[*bodyError]},
	// Networks fail in more ways than these, and most of them pass.
	{"a network error", true, isErrorOf[net.Error]},
}

// judge finds the rule for a failed attempt. What no rule speaks of is not tried
// again.
func judge(err error) rule {
	for _, rule := range policy {
		if rule.when(err) {
			return rule
		}
	}
	return rule{name: "an error"}
}

// again is called by the library twice per attempt: with the answer or the
// error of the transport, and, where there is an answer, with what read made of
// it.
func (a *attempts) again(ctx context.Context, response *http.Response, err error) (bool, error) {
	if err == nil {
		return false, nil
	}
	if response == nil || a.last == nil || !errors.Is(err, a.last) {
		a.last = err
	}
	a.lost = a.lost || !isRefusal(err)
	if ctx.Err() != nil {
		return false, err
	}
	if !a.call.loose && isDisturbance(err) {
		a.client.disturbances.Add(1)
	}
	if a.token != "" && isStatus(http.StatusUnauthorized)(err) {
		a.client.tokens.refused(a.token)
		first := !a.renewed
		a.renewed = true
		return first, nil // nothing was done, so once does not matter
	}
	return judge(err).again && !a.call.once, nil
}

// backoff is called by the library before each wait; see [wait]. The log line
// is written here because only here the wait is known.
func (a *attempts) backoff(minWait, maxWait time.Duration, retry int, response *http.Response) time.Duration {
	options := a.client.options
	pause := wait(minWait, maxWait, retry, options.Jitter())
	if after, ok := retryAfter(response, options.Now()); ok {
		pause = min(after, maxWait)
	}
	a.client.log.Info("trying again",
		"request", a.call.method+" "+a.target.Path,
		"attempt", strconv.Itoa(a.number)+" of "+strconv.Itoa(options.MaxAttempts),
		"reason", a.reason(), "error", a.plain(a.last), "wait", pause.Round(time.Millisecond))
	return pause
}

// reason says why there is another attempt.
func (a *attempts) reason() string {
	if a.renewed && isStatus(http.StatusUnauthorized)(a.last) {
		return "a token that the server refused"
	}
	return judge(a.last).name
}

// wait gives a random time below a bound that starts at minWait, doubles with
// each retry (from 0), and stops at maxWait: exponential backoff with full
// jitter, so that jobs that failed together do not come back together.
func wait(minWait, maxWait time.Duration, retry int, jitter float64) time.Duration {
	bound := float64(minWait) * math.Exp2(float64(retry))
	return time.Duration(jitter * min(bound, float64(maxWait)))
}

// retryAfter reads the header of that name (RFC 9110, 10.2.3): seconds or a
// date. An absurd number is as good as the longest wait.
func retryAfter(response *http.Response, now time.Time) (time.Duration, bool) {
	if response == nil {
		return 0, false
	}
	value := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		return time.Duration(min(seconds, uint64(math.MaxInt64/time.Second))) * time.Second, true
	} else if errors.Is(err, strconv.ErrRange) {
		return math.MaxInt64, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(0, date.Sub(now)), true
}

func isErrorOf[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

func isAny(targets ...error) func(error) bool {
	return func(err error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
}

func isStatus(codes ...int) func(error) bool {
	return func(err error) bool {
		status, ok := errors.AsType[*statusError](err)
		if !ok {
			return false
		}
		for _, code := range codes {
			if status.code == code {
				return true
			}
		}
		return false
	}
}

func isStatusFrom(code int) func(error) bool {
	return func(err error) bool {
		status, ok := errors.AsType[*statusError](err)
		return ok && status.code >= code
	}
}

// isMessage looks for words in what the server said of a failure.
func isMessage(words string) func(error) bool {
	return func(err error) bool {
		status, ok := errors.AsType[*statusError](err)
		return ok && strings.Contains(status.body, words)
	}
}

func isUnknownHost(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound
}

// isTLSAlert recognises a handshake that the server ended: crypto/tls gives it
// an operation of its own, and no exported type (crypto/tls/conn.go, Go 1.26).
func isTLSAlert(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && operation.Op == "remote error"
}

// isTLSAnswer recognises a TLS record where plain HTTP was expected: net/http
// quotes the first bytes of what it could not read, and a TLS alert starts with
// 0x15 0x03.
func isTLSAnswer(err error) bool {
	return strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`)
}

// isHTTP2Answer recognises a SETTINGS frame, which a server that speaks HTTP/2 only, as
// for gRPC, sends first (RFC 9113, 3.4).
func isHTTP2Answer(err error) bool {
	_, answer, ok := strings.Cut(err.Error(), `malformed HTTP response "\x00\x00`)
	return ok && strings.Contains(answer[:min(len(answer), len(`\x00\x04`))], `\x04`)
}

var _ retryablehttp.CheckRetry = (*attempts)(nil).again
