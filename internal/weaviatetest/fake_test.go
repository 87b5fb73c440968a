package weaviatetest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// ask sends one request to a fake through a client of its own.
func ask(t *testing.T, client *http.Client, method, url, body string) (int, string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// newClient gives a client without a pool, so that no request meets the
// connection that an earlier fault has broken.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

func TestFakeCounts(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t)
	status, body, err := ask(t, newClient(), http.MethodPost, fake.URL+"/v1/graphql",
		`{"query":"{Aggregate{c0:Article{meta{count}} c1:Shop(tenant:\"t1\"){meta{count}} c2:Shop(tenant:\"t3\"){meta{count}}}}"}`)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{
		"data": {"Aggregate": {"c0": [{"meta": {"count": 250}}], "c1": [{"meta": {"count": 3}}], "c2": null}},
		"errors": [{"locations": [{"column": 70, "line": 1}], "message": "tenant not active: 't3'", "path": ["Aggregate", "c2"]}]
	}`, body)
	assert.Equal(t, []string{"POST /v1/graphql"}, fake.Requests())
}

func TestAwaitARequest(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t)
	short, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	require.EqualError(t, fake.Await(short, "/v1/meta"), "await a request for /v1/meta: enough")

	awaited := make(chan error, 1)
	go func() { awaited <- fake.Await(t.Context(), "/v1/meta") }()
	for _, path := range []string{"/v1/schema", "/v1/meta"} {
		_, _, err := ask(t, newClient(), http.MethodGet, fake.URL+path, "")
		require.NoError(t, err)
	}
	require.NoError(t, <-awaited)
	require.NoError(t, fake.Await(t.Context(), "/v1/schema"), "one that came before")
}

func TestFaultsBreakTheAnswer(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		fault  weaviatetest.Fault
		status int
		want   string // what the error says
	}{
		{"reset", weaviatetest.Fault{Do: weaviatetest.DoReset}, 0, "connection reset by peer"},
		{"eof", weaviatetest.Fault{Do: weaviatetest.DoEOF}, 0, "EOF"},
		{"cut honest answer", weaviatetest.Fault{Do: weaviatetest.DoCut}, 200, "unexpected EOF"},
		{"cut own answer", weaviatetest.Fault{Do: weaviatetest.DoCut, Status: 503, Body: "a body"}, 503, "unexpected EOF"},
		{"endless redirect", weaviatetest.Fault{Do: weaviatetest.DoRedirect}, 0, "stopped after 10 redirects"},
		{"raw bytes", weaviatetest.Fault{Do: weaviatetest.DoRaw, Body: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"}, 200, "unexpected EOF"},
	}
	for _, secure := range []bool{false, true} {
		for _, c := range cases {
			t.Run(fmt.Sprintf("%s tls=%t", c.name, secure), func(t *testing.T) {
				t.Parallel()
				fake := weaviatetest.NewFake(t, func(f *weaviatetest.FakeConfig) {
					f.TLS, f.Faults = secure, []weaviatetest.Fault{c.fault}
				})
				status, _, err := ask(t, trusting(t, fake), http.MethodGet, fake.URL+"/v1/schema", "")
				require.ErrorContains(t, err, c.want)
				assert.Equal(t, c.status, status)
			})
		}
	}
}

func TestFaultAnswersWithItsStatusHeaderAndBody(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Faults = []weaviatetest.Fault{{Status: 429, Header: map[string]string{"Retry-After": "7"}, Body: `{"a":1}`}}
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fake.URL+"/v1/meta", nil)
	require.NoError(t, err)
	response, err := newClient().Do(request)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, 429, response.StatusCode)
	assert.Equal(t, "7", response.Header.Get("Retry-After"))
	assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
	assert.JSONEq(t, `{"a":1}`, string(body))
}

func TestFaultsComeInTurn(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Faults = []weaviatetest.Fault{
			{Method: "GET", Path: "/v1/schema", Skip: 1, Times: 2, Status: 503},
			{Path: "/v1/schema/*/tenants", Times: 1, Status: 500},
			{Path: "/v1/graphql", Contains: "Author", Status: 502},
		}
	})
	statuses := func(method, path, body string, n int) []int {
		var got []int
		for range n {
			status, _, err := ask(t, newClient(), method, fake.URL+path, body)
			require.NoError(t, err)
			got = append(got, status)
		}
		return got
	}
	assert.Equal(t, []int{200, 503, 503, 200}, statuses("GET", "/v1/schema?x=y", "", 4))
	assert.Equal(t, []int{500, 200}, statuses("GET", "/v1/schema/Shop/tenants", "", 2))
	assert.Equal(t, []int{502, 502}, statuses("POST", "/v1/graphql", `{"query":"{Aggregate{a:Author{meta{count}}}}"}`, 2))
	assert.Equal(t, []int{200}, statuses("POST", "/v1/graphql", `{"query":"{Aggregate{a:Article{meta{count}}}}"}`, 1))

	require.NoError(t, fake.SetFaults(weaviatetest.Fault{Times: 1, Status: 418}))
	assert.Equal(t, []int{418, 200}, statuses("GET", "/v1/schema", "", 2))
}

func TestHangLastsUntilTheClientGoes(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Faults = []weaviatetest.Fault{{Do: weaviatetest.DoHang}}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fake.URL+"/v1/schema", nil)
	require.NoError(t, err)
	response, err := newClient().Do(request)
	if err == nil {
		require.NoError(t, response.Body.Close())
	}
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestCloseEndsWhatHangsAndDrips(t *testing.T) {
	t.Parallel()
	for _, do := range []string{weaviatetest.DoHang, weaviatetest.DoDrip} {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
				c.Faults = []weaviatetest.Fault{{Do: do, DelayMS: 100_000}}
			})
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fake.URL+"/v1/schema", nil)
			require.NoError(t, err)
			failed := make(chan error, 1)
			go func() {
				response, err := newClient().Do(request)
				if err == nil {
					_, err = io.ReadAll(response.Body)
					_ = response.Body.Close()
				}
				failed <- err
			}()
			require.Eventually(t, func() bool { return len(fake.Requests()) == 1 }, 10*time.Second, time.Millisecond)
			fake.Close()
			require.Error(t, <-failed)
		})
	}
}

func TestDripSendsTheHonestAnswerByteByByte(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Faults = []weaviatetest.Fault{{Do: weaviatetest.DoDrip, DelayMS: 1}}
	})
	status, body, err := ask(t, newClient(), http.MethodGet, fake.URL+"/v1/aliases", "")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"aliases":[{"alias":"Texts","class":"Article"}]}`, body)
}

func TestHugeAnswerIsAsLongAsAsked(t *testing.T) {
	t.Parallel()
	const size = 1<<20 + 7
	for _, do := range []string{weaviatetest.DoHuge, weaviatetest.DoHugeLength} {
		fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
			c.Faults = []weaviatetest.Fault{{Do: do, Bytes: size}}
		})
		_, body, err := ask(t, newClient(), http.MethodGet, fake.URL+"/v1/schema", "")
		require.NoError(t, err)
		assert.Len(t, body, size)
		assert.True(t, strings.HasPrefix(body, `{"classes":[  `), do)
	}
}

func TestRedirectGoesWhereItIsTold(t *testing.T) {
	t.Parallel()
	target := weaviatetest.NewFake(t)
	fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Faults = []weaviatetest.Fault{{
			Do: weaviatetest.DoRedirect, Status: 307, Header: map[string]string{"Location": target.URL + "/v1/aliases"},
		}}
	})
	_, body, err := ask(t, newClient(), http.MethodGet, fake.URL+"/v1/schema", "")
	require.NoError(t, err)
	assert.Contains(t, body, "Texts")
	assert.Equal(t, []string{"GET /v1/aliases"}, target.Requests())
}

// trusting gives a client that knows the fake's certificate, if it has one.
func trusting(t *testing.T, fake *weaviatetest.Fake) *http.Client {
	t.Helper()
	pool := x509.NewCertPool()
	if text := fake.CAPEM(); text != "" {
		require.True(t, pool.AppendCertsFromPEM([]byte(text)))
	}
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
	}}
}
