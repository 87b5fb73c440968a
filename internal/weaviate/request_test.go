package weaviate_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

const leaderless = `{"error":[{"message":"could not read schema with strong consistency: failed to execute query: leader not found"}]}`

// What passes is tried again, and the answer in the end is the whole one.
func TestFaultsThatPass(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]weaviatetest.Fault{
		"a reset":                    {Do: weaviatetest.DoReset},
		"no answer":                  {Do: weaviatetest.DoEOF},
		"a cut body":                 {Do: weaviatetest.DoCut},
		"500":                        {Status: 500, Body: leaderless},
		"500 in other words":         {Status: 500, Body: `{"error":[{"message":"rpc error: code = Canceled"}]}`},
		"501":                        {Status: 501},
		"502 with a page":            {Status: 502, Body: "<html>Bad Gateway</html>"},
		"503":                        {Status: 503},
		"504":                        {Status: 504},
		"429":                        {Status: 429, Body: `{"code":429,"message":"slow down"}`},
		"429 with Retry-After":       {Status: 429, Header: map[string]string{"Retry-After": "86400"}},
		"429 with a date":            {Status: 429, Header: map[string]string{"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}},
		"429 with an absurd wait":    {Status: 429, Header: map[string]string{"Retry-After": strings.Repeat("9", 40)}},
		"503 with a bad Retry-After": {Status: 503, Header: map[string]string{"Retry-After": "soon"}},
		"408":                        {Status: 408},
		"no leader, as 422":          {Status: 422, Body: `{"error":[{"message":"leader not found"}]}`},
		"no leader, as 400":          {Status: 400, Body: `{"error":[{"message":"leader not found"}]}`},
		"200 and an empty body":      {Status: 200},
		"200 and half a body":        {Status: 200, Body: `{"classes":[{"class":"Art`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault.Times = 2
			fault.Path = "/v1/schema"
			server, client, log := fake(t, fault)
			collections, err := client.Schema(t.Context())
			require.NoError(t, err)
			assert.Len(t, collections, 3)
			assert.Len(t, server.Requests(), 3)
			assert.Len(t, log.lines("trying again"), 2, "one line per retry")
		})
	}
}

// What does not pass ends after the attempts that were allowed, and the error
// has the last answer's words.
func TestFaultsThatStay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault weaviatetest.Fault
		want  string
	}{
		"500":              {weaviatetest.Fault{Status: 500, Body: leaderless}, "500 Internal Server Error: could not read schema with strong consistency"},
		"503 and no words": {weaviatetest.Fault{Status: 503}, "503 Service Unavailable"},
		"502 with a page":  {weaviatetest.Fault{Status: 502, Body: "<html>\n<b>Bad Gateway</b>"}, "502 Bad Gateway: <html> <b>Bad Gateway</b>"},
		"429":              {weaviatetest.Fault{Status: 429, Body: `{"message":"slow down"}`}, "429 Too Many Requests: slow down"},
		"a cut body":       {weaviatetest.Fault{Do: weaviatetest.DoCut}, "unexpected EOF"},
		"a reset":          {weaviatetest.Fault{Do: weaviatetest.DoReset}, "connection reset by peer"},
		"no answer":        {weaviatetest.Fault{Do: weaviatetest.DoEOF}, "EOF"},
		"an empty body":    {weaviatetest.Fault{Status: 200}, "the answer is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.fault.Path = "/v1/schema"
			server, client, _ := fake(t, test.fault)
			collections, err := client.Schema(t.Context())
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, "GET "+server.URL+"/v1/schema (3 attempts): ")
			assert.Nil(t, collections)
			assert.Len(t, server.Requests(), 3)
		})
	}
}

// What another attempt can't change fails at once.
func TestFaultsThatNoRetryHelps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault weaviatetest.Fault
		want  string
		is    error
	}{
		"401":             {weaviatetest.Fault{Status: 401, Body: `{"code":401,"message":"anonymous access not enabled"}`}, "401 Unauthorized: anonymous access not enabled", weaviate.ErrUnauthorized},
		"403":             {weaviatetest.Fault{Status: 403, Body: `{"error":[{"message":"rbac: forbidden"}]}`}, "403 Forbidden: rbac: forbidden", weaviate.ErrForbidden},
		"404":             {weaviatetest.Fault{Status: 404}, "404 Not Found", weaviate.ErrNotFound},
		"404 of a path":   {weaviatetest.Fault{Status: 404, Body: `{"code":404,"message":"path /v1/schema was not found"}`}, "path /v1/schema was not found", weaviate.ErrNoSuchPath},
		"422":             {weaviatetest.Fault{Status: 422, Body: `{"error":[{"message":"no"}]}`}, "422 Unprocessable Entity: no", nil},
		"a usage limit":   {weaviatetest.Fault{Status: 429, Body: `{"errorCode":"USAGE_LIMIT_EXCEEDED","message":"limit of 6 reached"}`}, "429 Too Many Requests: USAGE_LIMIT_EXCEEDED limit of 6 reached", nil},
		"a page":          {weaviatetest.Fault{Status: 200, Body: "<html>log in</html>", Header: map[string]string{"Content-Type": "text/html"}}, `content type "text/html", starts "<html>log in</html>"`, nil},
		"other JSON":      {weaviatetest.Fault{Status: 200, Body: `{"status":"ok"}`, Header: map[string]string{"Content-Type": "application/json"}}, `no "classes" in it`, nil},
		"much":            {weaviatetest.Fault{Do: weaviatetest.DoHugeLength, Bytes: 256<<20 + 1}, "larger than the limit of 256 MiB: it announces 268435457 bytes", nil},
		"elsewhere":       {weaviatetest.Fault{Do: weaviatetest.DoRedirect, Header: map[string]string{"Location": "http://example.invalid/v1/schema"}}, "redirect refused: to another host, example.invalid", nil},
		"another port":    {weaviatetest.Fault{Do: weaviatetest.DoRedirect, Header: map[string]string{"Location": "http://127.0.0.1:1/v1/schema"}}, "redirect refused: to another port, 127.0.0.1:1", nil},
		"round and round": {weaviatetest.Fault{Do: weaviatetest.DoRedirect}, "redirect refused: more than 3 in a row", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.fault.Path = "/v1/schema"
			server, client, log := fake(t, test.fault)
			_, err := client.Schema(t.Context())
			require.ErrorContains(t, err, test.want)
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
			}
			assert.Empty(t, log.lines("trying again"))
			assert.NotContains(t, err.Error(), "attempts")
			if test.fault.Do != weaviatetest.DoRedirect {
				assert.Len(t, server.Requests(), 1)
			}
		})
	}
}

// A body without an end is read up to the limit and no further.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Faults = []weaviatetest.Fault{{Path: "/v1/schema", Do: weaviatetest.DoHuge, Bytes: 64 << 20}}
	})
	client, _ := connect(t, server.URL, func(o *weaviate.Options) { o.MaxAnswer = 1 << 20 })
	_, err := client.Schema(t.Context())
	require.ErrorContains(t, err, "the answer is larger than the limit of 1 MiB")
	assert.Len(t, server.Requests(), 1)

	// Of what is small on any server, and of a failure, less is read.
	require.NoError(t, server.SetFaults(
		weaviatetest.Fault{Path: "/v1/users/own-info", Do: weaviatetest.DoHuge, Bytes: 64 << 20},
		weaviatetest.Fault{Path: "/v1/schema/Doc", Status: 404, Body: strings.Repeat("x", 9<<20)},
	))
	client, _ = connect(t, server.URL)
	_, err = client.Rights(t.Context())
	require.ErrorContains(t, err, "the answer is larger than the limit of 8 MiB")
	_, _, err = client.Collection(t.Context(), "Doc")
	require.ErrorContains(t, err, "the answer is larger than the limit of 8 MiB")
}

func TestNothingListens(t *testing.T) {
	t.Parallel()
	port, release, err := weaviatetest.ClosedPort()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, release()) })
	client, log := connect(t, fmt.Sprintf("http://127.0.0.1:%d", port))
	_, err = client.Meta(t.Context())
	require.ErrorContains(t, err, "connection refused")
	require.ErrorContains(t, err, "(3 attempts)")
	assert.Len(t, log.lines(`reason="no connection"`), 2)
}

func TestUnknownHost(t *testing.T) {
	t.Parallel()
	client, log := connect(t, "http://weaviate.invalid:8080")
	_, err := client.Meta(t.Context())
	require.ErrorContains(t, err, "weaviate.invalid")
	assert.Empty(t, log.lines("trying again"))
	assert.Contains(t, weaviate.Hint(err, weaviate.Place{}), "Check the host name")
}

// An attempt that takes too long is given up and made again.
func TestRequestTimeout(t *testing.T) {
	t.Parallel()
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Faults = []weaviatetest.Fault{{Path: "/v1/meta", Do: weaviatetest.DoHang, Times: 1}}
	})
	client, log := connect(t, server.URL, func(o *weaviate.Options) { o.RequestTimeout = 500 * time.Millisecond })
	meta, err := client.Meta(t.Context())
	require.NoError(t, err)
	assert.Equal(t, weaviatetest.DefaultVersion, meta.Version)
	assert.Len(t, log.lines(`reason="no answer in time" error="no whole answer within 500ms, the limit that request-timeout sets"`), 1)
}

// The end of the context ends a request that hangs and a wait between two, and
// the error says why it ended, and what the last attempt came to.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	stopped := errors.New("stopped by a test")
	t.Run("in a request", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			cancel(stopped)
			<-r.Context().Done()
		}))
		t.Cleanup(server.Close)
		client, _ := connect(t, server.URL)
		_, err := client.Meta(ctx)
		require.ErrorIs(t, err, stopped)
		require.NotContains(t, err.Error(), "the last attempt", "there was none before")
	})
	t.Run("in a wait", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(t.Context())
		server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
			c.Faults = []weaviatetest.Fault{{Path: "/v1/meta", Status: 503, Header: map[string]string{"Retry-After": "3600"}}}
		})
		client, _ := connect(t, server.URL, func(o *weaviate.Options) {
			o.RetryMaxWait = time.Hour
			o.Jitter = func() float64 { cancel(stopped); return 0 }
		})
		_, err := client.Meta(ctx)
		require.ErrorIs(t, err, stopped)
		require.ErrorContains(t, err, "503 Service Unavailable")
		assert.Len(t, server.Requests(), 1)
	})
}

func TestEachAttemptIsADebugLine(t *testing.T) {
	t.Parallel()
	_, client, log := fake(t, weaviatetest.Fault{Path: "/v1/schema", Status: 503, Times: 1})
	_, err := client.Schema(t.Context())
	require.NoError(t, err)
	lines := log.lines("level=DEBUG msg=request")
	require.Len(t, lines, 2)
	assert.Contains(t, lines[0], "method=GET path=/v1/schema status=503 bytes=0 ms=")
	assert.Contains(t, lines[1], "status=200")
}

// A secret in a server's words is taken out before they are cut, or a part of it
// would stay where nobody knows it again.
func TestSecretsAreRedactedBeforeTheCut(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-of-the-test"
	for name, fault := range map[string]weaviatetest.Fault{
		"a message":    {Status: 403, Body: `{"message":"` + strings.Repeat("x", 1990) + secret + `"}`},
		"a page":       {Status: 403, Body: strings.Repeat("x", 110) + secret},
		"a 200":        {Status: 200, Body: strings.Repeat("x", 110) + secret},
		"not even cut": {Status: 403, Body: `{"error":[{"message":"` + secret + `"}]}`},
	} {
		fault.Path = "/v1/schema"
		server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.Faults = []weaviatetest.Fault{fault} })
		client, _ := connect(t, server.URL, func(o *weaviate.Options) {
			o.Redact = func(text string) string { return strings.ReplaceAll(text, secret, "***") }
		})
		_, err := client.Schema(t.Context())
		require.ErrorContains(t, err, "***", name)
		assert.NotContains(t, err.Error(), "s3cret", name)
	}
}

func TestHeadersAndKeyAreSent(t *testing.T) {
	t.Parallel()
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.APIKey = "key-of-the-server"; c.BasePath = "/base" })
	client, _ := connect(t, server.URL, func(o *weaviate.Options) {
		o.APIKey = "key-of-the-server"
		o.Headers = http.Header{"X-Gateway": {"one", "two"}}
	})
	_, err := client.Schema(t.Context())
	require.NoError(t, err)
	received := server.Received()[0]
	assert.Equal(t, "/base/v1/schema", received.Path)
	assert.Equal(t, []string{"one", "two"}, received.Header["X-Gateway"])
	assert.Equal(t, "true", received.Header.Get("Consistency"))
	assert.Equal(t, "weaviate-backup-action", received.Header.Get("User-Agent"))

	client, _ = connect(t, server.URL, func(o *weaviate.Options) { o.APIKey = "another-key-entirely" })
	_, err = client.Schema(t.Context())
	require.ErrorIs(t, err, weaviate.ErrUnauthorized)
	assert.NotContains(t, err.Error(), "another-key-entirely")
}
