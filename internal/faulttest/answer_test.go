package faulttest_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// class says what an answer is to the program.
type class int

const (
	// passing: another attempt may help. The run recovers from one such answer,
	// and fails if there is no other.
	passing class = iota
	// final: it is wrong, and asking again is no use.
	final
	// right: odd, and what was asked for all the same.
	right
)

// answer is what a server, or a gateway before it, says instead of the truth.
type answer struct {
	name  string
	class class
	// fault makes it of the honest answer's body.
	fault func(honest string) weaviatetest.Fault
	// says must be in the error.
	says string
	// limit is the time limit of a request that would not end; empty is long.
	limit string
	// not are paths where it is no fault.
	not []string
}

// A page as gateways send it.
const page = "<html>\n<head><title>%s</title></head>\n<body><center><h1>%[1]s</h1></center><hr><center>nginx</center></body>\n</html>\n"

// answers are the faults of what is said, whole or not.
var answers = []answer{
	// Too many requests.
	{"429", passing, status(429, ""), "429 Too Many Requests", "", nil},
	{"429 for 0 s", passing, status(429, "", "Retry-After", "0"), "429 Too Many Requests", "", nil},
	{"429 for 1 s", passing, status(429, "", "Retry-After", "1"), "429 Too Many Requests", "", nil},
	{"429 for 1e9 s", passing, status(429, "", "Retry-After", "1000000000"), "429 Too Many Requests", "", nil},
	{"429 for 1e30 s", passing, status(429, "", "Retry-After", "1"+strings.Repeat("0", 30)), "429 Too Many Requests", "", nil},
	{"429 for 1.5 s", passing, status(429, "", "Retry-After", "1.5"), "429 Too Many Requests", "", nil},
	{"429 for -5 s", passing, status(429, "", "Retry-After", "-5"), "429 Too Many Requests", "", nil},
	{"429 for soon", passing, status(429, "", "Retry-After", "soon"), "429 Too Many Requests", "", nil},
	{"429 until past", passing, status(429, "", "Retry-After", "Thu, 01 Feb 2024 10:29:00 GMT"), "429 Too Many Requests", "", nil},
	{"429 until later", passing, status(429, "", "Retry-After", "Thu, 01 Feb 2024 10:31:00 GMT"), "429 Too Many Requests", "", nil},
	{"429 until 9999", passing, status(429, "", "Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"), "429 Too Many Requests", "", nil},
	{"429 of the instance", final, status(429, `{"errorCode":"USAGE_LIMIT_EXCEEDED","message":"collections"}`), "USAGE_LIMIT_EXCEEDED", "", nil},

	// Errors of a server.
	{"500", passing, status(500, `{"error":[{"message":"something broke"}]}`), "500 Internal Server Error: something broke", "", nil},
	{"500 with nothing", passing, status(500, ""), "500 Internal Server Error", "", nil},
	{"500 with the truth", passing, func(honest string) weaviatetest.Fault { return status(500, honest)("") }, "500 Internal Server Error", "", nil},
	{"502 page", passing, status(502, fmt.Sprintf(page, "502 Bad Gateway"), "Content-Type", "text/html"), "502 Bad Gateway: <html> <head><title>502 Bad Gateway", "", nil},
	{"503 page", passing, status(503, fmt.Sprintf(page, "503 Unavailable"), "Content-Type", "text/html"), "503 Service Unavailable: <html>", "", nil},
	{"503 for a day", passing, status(503, "", "Retry-After", "86400"), "503 Service Unavailable", "", nil},
	{"504 page", passing, status(504, fmt.Sprintf(page, "504 Time-out"), "Content-Type", "text/html"), "504 Gateway Timeout: <html>", "", nil},
	{"599", passing, status(599, ""), "599", "", nil},
	{"400 no leader", passing, status(400, noLeader), "400 Bad Request: leader not found", "", nil},
	{"422 no leader", passing, status(422, noLeader), "422 Unprocessable Entity: leader not found", "", nil},
	{"500 no leader", passing, status(500, noLeader), "500 Internal Server Error: leader not found", "", nil},
	{"503 no leader", passing, status(503, noLeader), "503 Service Unavailable: leader not found", "", nil},
	{"408", passing, status(408, ""), "408 Request Timeout", "", nil},
	{"425", passing, status(425, ""), "425 Too Early", "", nil},

	// Refusals. Without a key, 401 of own-info is the rule.
	{"400", final, status(400, `{"code":400,"message":"no"}`), "400 Bad Request: no", "", nil},
	{"401", final, status(401, `{"code":401,"message":"anonymous access not enabled"}`), "401 Unauthorized: anonymous", "", []string{ownInfo}},
	{"403", final, status(403, `{"error":[{"message":"forbidden action"}]}`), "403 Forbidden: forbidden action|need the permission read_collections|may not read every collection", "", nil},
	{"404 page", final, status(404, fmt.Sprintf(page, "404 Not Found"), "Content-Type", "text/html"), "404 Not Found: <html>", "", nil},
	{"405", final, status(405, `{"code":405,"message":"method GET is not allowed"}`), "405 Method Not Allowed: method", "", nil},
	{"422", final, status(422, `{"error":[{"message":"no"}]}`), "422 Unprocessable Entity: no", "", nil},
	{"418", final, status(418, ""), "418 I'm a teapot", "", nil},

	// Bodies that are not what was asked for.
	{"empty", passing, status(200, ""), "the answer is empty", "", nil},
	{"empty 204", passing, status(204, ""), "the answer is empty", "", nil},
	{"half of it", passing, mangled(func(honest string) string { return honest[:len(honest)/2] }), "the JSON ends too soon", "", nil},
	{"206 with half", passing, func(honest string) weaviatetest.Fault { return status(206, honest[:len(honest)/2])("") }, "the JSON ends too soon", "", nil},
	{"a blank", passing, status(200, " \n"), `the answer is empty|ends too soon`, "", nil},
	{"page", final, status(200, fmt.Sprintf(page, "Sign in"), "Content-Type", "text/html"), `content type "text/html", starts "<html>`, "", nil},
	{"page as JSON", final, status(200, fmt.Sprintf(page, "Sign in"), "Content-Type", "application/json"), `invalid character '<'`, "", nil},
	{"text", final, status(200, "OK", "Content-Type", "text/plain"), `content type "text/plain", starts "OK"`, "", nil},
	{"the truth as text", right, mangled(same, "Content-Type", "text/plain"), "", "", nil},
	{"the truth as HTML", right, mangled(same, "Content-Type", "text/html; charset=latin1"), "", "", nil},
	{"the truth as nothing", right, mangled(same, "Content-Type", ""), "", "", nil},
	{"203", right, func(honest string) weaviatetest.Fault { return status(203, honest)("") }, "", "", nil},
	{"null", final, status(200, "null"), "null", "", nil},
	{"number", final, status(200, "42"), "number", "", nil},
	{"true", final, status(200, "true"), "bool|true", "", nil},
	{"string", final, status(200, `"ok"`), "string", "", nil},
	{"other object", final, status(200, `{"status":"ok"}`), `"status"|no "|neither|object`, "", nil},
	{"other list", final, status(200, `[{"status":"ok"}]`), `array|without a name`, "", nil},
	{"key twice", final, mangled(doubled), "duplicate", "", nil},
	{"bad UTF-8", final, mangled(func(honest string) string { return strings.Replace(honest, `"`, "\"\xff", 1) }), "UTF-8", "", nil},
	{"bad escape", final, mangled(func(honest string) string { return strings.Replace(honest, `"`, `"\ud800`, 1) }), "surrogate|escape", "", nil},
	{"control character", final, mangled(func(honest string) string { return strings.Replace(honest, `"`, "\"\x01", 1) }), `character '\\x01'`, "", nil},
	{"trailing text", final, mangled(func(honest string) string { return honest + "x" }), "more text after its end", "", nil},
	{"trailing page", final, mangled(func(honest string) string { return honest + "\n<!-- served by a cache -->" }), "more text after its end", "", nil},
	{"trailing NUL", final, mangled(func(honest string) string { return honest + "\x00" }), "more text after its end", "", nil},
	{"said twice", final, mangled(func(honest string) string { return honest + honest }), "more text after its end", "", nil},
	{"byte order mark", final, mangled(func(honest string) string { return "\ufeff" + honest }), "invalid character", "", nil},
	{"script guard", final, mangled(func(honest string) string { return ")]}',\n" + honest }), "invalid character", "", nil},
	{"deep", final, status(200, strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)), "depth", "", nil},
	{"blanks around", right, mangled(func(honest string) string { return strings.Repeat(" \n", 5000) + honest + strings.Repeat("\t", 5000) }), "", "", nil},

	// Encodings that nobody asked for.
	{"gzip", final, mangled(zipped, "Content-Encoding", "gzip"), "gzip", "", nil},
	{"gzip cut", final, mangled(func(honest string) string { z := zipped(honest); return z[:len(z)/2] }, "Content-Encoding", "gzip"), "gzip", "", nil},
	{"gzip bomb", final, mangled(func(string) string { return bomb() }, "Content-Encoding", "gzip"), "gzip", "", nil},
	{"gzip unsaid", final, mangled(zipped), `invalid character '\\x1f'`, "", nil},
	{"brotli", final, status(200, "\x0b\x02\x80{}\x03", "Content-Encoding", "br"), `"br"`, "", nil},

	// Lengths and lines that lie.
	{"length too large", passing, raw("200 OK", "Content-Length: 100000000\r\n\r\n%s"), "unexpected EOF", "", nil},
	{"length too small", passing, raw("200 OK", "Content-Length: 10\r\n\r\n%s"), "ends too soon", "", nil},
	{"length 0", passing, raw("200 OK", "Content-Length: 0\r\n\r\n%s"), "the answer is empty", "", nil},
	{"length negative", passing, raw("200 OK", "Content-Length: -5\r\n\r\n%s"), "bad Content-Length", "", nil},
	{"length absurd", final, raw("200 OK", "Content-Length: 1099511627776\r\n\r\n%s"), "larger than the limit of 256 MiB", "", nil},
	{"length twice", passing, raw("200 OK", "Content-Length: 10\r\nContent-Length: 20\r\n\r\n%s"), "Content-Length", "", nil},
	{"no length", right, raw("200 OK", "\r\n%s"), "", "", nil},
	{"chunk cut", passing, raw("200 OK", "Transfer-Encoding: chunked\r\n\r\n1000000\r\n%s"), "unexpected EOF", "", nil},
	{"chunk without end", passing, raw("200 OK", "Transfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n"), "unexpected EOF", "", nil},
	{"chunk malformed", final, raw("200 OK", "Transfer-Encoding: chunked\r\n\r\nzz\r\n%s"), "chunk", "", nil},
	{"not HTTP", passing, func(string) weaviatetest.Fault {
		return weaviatetest.Fault{Do: weaviatetest.DoRaw, Body: "SSH-2.0-OpenSSH_9.6\r\n"}
	}, "malformed HTTP", "", nil},
	{"status line cut", passing, func(string) weaviatetest.Fault { return weaviatetest.Fault{Do: weaviatetest.DoRaw, Body: "HTTP/1.1 2"} }, "EOF|malformed", "", nil},
	{"header cut", passing, func(string) weaviatetest.Fault {
		return weaviatetest.Fault{Do: weaviatetest.DoRaw, Body: "HTTP/1.1 200 OK\r\nContent-Le"}
	}, "EOF|malformed", "", nil},
	{"header long", right, raw("200 OK", "X: "+strings.Repeat("x", 100<<10)+"\r\n\r\n%s"), "", "", nil},
	{"header too long", passing, raw("200 OK", "X: "+strings.Repeat("x", 11<<20)+"\r\n\r\n%s"), "headers exceeded", "", []string{meta, ownInfo, probe, tenants, graphQL}},

	// Connections.
	{"reset", passing, does(weaviatetest.DoReset), lost, "", nil},
	{"closed", passing, does(weaviatetest.DoEOF), lost, "", nil},
	{"cut", passing, does(weaviatetest.DoCut), "unexpected EOF", "", nil},
	{"hang", passing, does(weaviatetest.DoHang), slow, short, nil},
	{"never ends", passing, func(string) weaviatetest.Fault {
		return weaviatetest.Fault{Do: weaviatetest.DoDrip, Body: `{"classes":[` + strings.Repeat(" ", 100_000)}
	}, slow, short, nil},

	// Redirects.
	{"redirect elsewhere", final, redirect(302, "https://elsewhere.example/login"), "redirect refused: to another host", "", nil},
	{"redirect to a port", final, redirect(307, "http://127.0.0.1:1/v1/schema"), "redirect refused: to another port", "", nil},
	{"redirect loop", passing, redirect(307, ""), "redirect refused: more than 3 in a row", "", nil},
	{"redirect to no URL", passing, redirect(302, "http://[::1"), "Location|parse", "", nil},
	{"redirect nowhere", final, raw("302 Found", "Content-Length: 0\r\n\r\n"), "302 Found|Location", "", nil},
	{"300", final, status(300, ""), "300 Multiple Choices", "", nil},
	{"304", final, status(304, ""), "304 Not Modified", "", nil},
}

const noLeader = `{"error":[{"message":"leader not found"}]}`

func status(code int, body string, header ...string) func(string) weaviatetest.Fault {
	return func(string) weaviatetest.Fault {
		return weaviatetest.Fault{Status: code, Body: body, Header: pairs(header)}
	}
}

// mangled is the honest body, changed.
func mangled(change func(string) string, header ...string) func(string) weaviatetest.Fault {
	return func(honest string) weaviatetest.Fault {
		return weaviatetest.Fault{Body: change(honest), Header: pairs(header)}
	}
}

// raw is an answer down to its bytes; %s in the rest stands for the honest body.
func raw(line, rest string) func(string) weaviatetest.Fault {
	return func(honest string) weaviatetest.Fault {
		return weaviatetest.Fault{Do: weaviatetest.DoRaw, Body: "HTTP/1.1 " + line + "\r\n" + strings.ReplaceAll(rest, "%s", honest)}
	}
}

func does(what string) func(string) weaviatetest.Fault {
	return func(string) weaviatetest.Fault { return weaviatetest.Fault{Do: what} }
}

func redirect(code int, location string) func(string) weaviatetest.Fault {
	return func(string) weaviatetest.Fault {
		fault := weaviatetest.Fault{Do: weaviatetest.DoRedirect, Status: code}
		if location != "" {
			fault.Header = map[string]string{"Location": location}
		}
		return fault
	}
}

func pairs(header []string) map[string]string {
	all := make(map[string]string)
	for i := 0; i < len(header); i += 2 {
		all[header[i]] = header[i+1]
	}
	return all
}

func same(honest string) string { return honest }

// doubled has the first key of the first object twice.
func doubled(honest string) string {
	open := strings.Index(honest, "{")
	key, _, _ := strings.Cut(honest[open+1:], ":")
	return honest[:open+1] + key + ":null," + honest[open+1:]
}

// bomb is 64 MiB in 64 KB.
var bomb = sync.OnceValue(func() string { return zipped(strings.Repeat(" ", 64<<20)) })

func zipped(honest string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(honest)) // neither fails on a buffer
	_ = w.Close()
	return b.String()
}

// honest is what the server answers to a request.
func honest(t *testing.T, url string, asked weaviatetest.Received) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), asked.Method, url+asked.Path, strings.NewReader(asked.Body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return string(data)
}
