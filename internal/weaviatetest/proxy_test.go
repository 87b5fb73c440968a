package weaviatetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// backend is a server that notes what it got.
type backend struct {
	URL string
	mu  sync.Mutex
	got []string
}

// newBackend answers every request with 201, a header and what it got.
func newBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		line := fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, body)
		b.mu.Lock()
		b.got = append(b.got, line)
		b.mu.Unlock()
		w.Header().Set("X-Key", r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "got "+line)
	}))
	t.Cleanup(server.Close)
	b.URL = server.URL
	return b
}

func (b *backend) seen() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string{}, b.got...)
}

func TestProxyForwardsAndKeeps(t *testing.T) {
	t.Parallel()
	backend := newBackend(t)
	proxy := weaviatetest.NewProxy(t, backend.URL)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, proxy.URL+"/v1/schema/A%20B?x=y", http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer key")
	response, err := newClient().Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, "Bearer key", response.Header.Get("X-Key"))
	for _, r := range [][3]string{{"GET", "/v1/schema", ""}, {"POST", "/v1/graphql", "{}"}, {"POST", "/v1/schema", `{"class":"A"}`}} {
		status, body, err := ask(t, newClient(), r[0], proxy.URL+r[1], r[2])
		require.NoError(t, err)
		assert.Equal(t, http.StatusCreated, status)
		assert.Equal(t, fmt.Sprintf("got %s %s %s", r[0], r[1], r[2]), body)
	}
	assert.Equal(t, []string{
		"DELETE /v1/schema/A%20B?x=y ", "GET /v1/schema ", "POST /v1/graphql {}", `POST /v1/schema {"class":"A"}`,
	}, backend.seen())
	assert.Equal(t, []string{
		"DELETE /v1/schema/A%20B?x=y", "GET /v1/schema", "POST /v1/graphql", "POST /v1/schema",
	}, proxy.Requests())
	writes := proxy.Writes()
	require.Len(t, writes, 2)
	assert.Equal(t, "/v1/schema/A%20B?x=y", writes[0].Path)
	assert.Equal(t, "Bearer key", writes[0].Header.Get("Authorization"))
	assert.Equal(t, `{"class":"A"}`, writes[1].Body)
	assert.Len(t, proxy.Received(), 4)
}

func TestProxyFaults(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault  weaviatetest.Fault
		status int
		want   string // what the error says, or the body where there is none
	}{
		"status": {weaviatetest.Fault{Status: 503, Body: "no"}, 503, "no"},
		"reset":  {weaviatetest.Fault{Do: weaviatetest.DoReset}, 0, "connection reset by peer"},
		"eof":    {weaviatetest.Fault{Do: weaviatetest.DoEOF}, 0, "EOF"},
		"cut":    {weaviatetest.Fault{Do: weaviatetest.DoCut, Status: 200, Body: "own"}, 200, "unexpected EOF"},
	}
	for name, c := range cases {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s after=%t", name, after), func(t *testing.T) {
				t.Parallel()
				backend := newBackend(t)
				proxy := weaviatetest.NewProxy(t, backend.URL)
				fault := c.fault
				fault.Method, fault.Times, fault.After = "PUT", 1, after
				require.NoError(t, proxy.SetFaults(fault))
				status, body, err := ask(t, newClient(), "PUT", proxy.URL+"/v1/schema/A", "first")
				if err != nil {
					body = err.Error()
				}
				assert.Equal(t, c.status, status)
				assert.Contains(t, body, c.want)
				want := []string{}
				if after {
					want = []string{"PUT /v1/schema/A first"}
				}
				assert.Equal(t, want, backend.seen())
				assert.Len(t, proxy.Writes(), 1)

				_, body, err = ask(t, newClient(), "PUT", proxy.URL+"/v1/schema/A", "again")
				require.NoError(t, err)
				assert.Equal(t, "got PUT /v1/schema/A again", body)
			})
		}
	}
}

func TestProxyCutsTheServersAnswer(t *testing.T) {
	t.Parallel()
	proxy := weaviatetest.NewProxy(t, newBackend(t).URL)
	require.NoError(t, proxy.SetFaults(weaviatetest.Fault{Do: weaviatetest.DoCut, After: true}))
	status, body, err := ask(t, newClient(), "PUT", proxy.URL+"/v1/schema/A", "text")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, http.StatusCreated, status)
	assert.Equal(t, "got PUT /v1/", body)
}

func TestProxyRefusesWhatCantBeMeant(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"", "127.0.0.1:80", "https://127.0.0.1", "http://%"} {
		_, err := weaviatetest.StartProxy(target)
		require.ErrorContains(t, err, "start a proxy: ", target)
	}
	proxy := weaviatetest.NewProxy(t, newBackend(t).URL)
	require.EqualError(t, proxy.SetFaults(
		weaviatetest.Fault{Do: weaviatetest.DoCut}, weaviatetest.Fault{After: true}, weaviatetest.Fault{Status: 7},
	), "set the proxy's faults: fault 1: do \"cut\" of the server's own answer needs after, or else a status or a body\n"+
		"fault 3: status 7 is not in 200 to 599")
	_, err := weaviatetest.ReadFaults([]byte(`[{"afterwards": true}]`))
	require.ErrorContains(t, err, `read the faults: json: unknown field "afterwards"`)
	faults, err := weaviatetest.ReadFaults([]byte(`[{"after": true, "do": "reset"}]`))
	require.NoError(t, err)
	assert.Equal(t, []weaviatetest.Fault{{After: true, Do: weaviatetest.DoReset}}, faults)
}

func TestProxyHooksStandAroundEachWrite(t *testing.T) {
	t.Parallel()
	backend := newBackend(t)
	proxy := weaviatetest.NewProxy(t, backend.URL)
	require.NoError(t, proxy.SetFaults(
		weaviatetest.Fault{Path: "/lost", Do: weaviatetest.DoReset},
		weaviatetest.Fault{Path: "/spoiled", Do: weaviatetest.DoReset, After: true},
	))
	var mu sync.Mutex
	var events []string
	add := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, fmt.Sprintf(format, args...))
	}
	note := func(when string) func(int, weaviatetest.Received) {
		return func(n int, r weaviatetest.Received) {
			add("%s %d %s %s: %d seen", when, n, r.Path, r.Body, len(backend.seen()))
		}
	}
	proxy.OnWrite(note("before"))
	proxy.AfterWrite(note("after"))
	for _, r := range [][2]string{{"POST", "/a"}, {"GET", "/b"}, {"PUT", "/lost"}, {"DELETE", "/spoiled"}} {
		_, _, err := ask(t, newClient(), r[0], proxy.URL+r[1], "x")
		add("answered: %t", err == nil)
	}
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []string{
		"before 1 /a x: 0 seen", "after 1 /a x: 1 seen", "answered: true",
		"answered: true",
		"answered: false",
		"before 3 /spoiled x: 2 seen", "after 3 /spoiled x: 3 seen", "answered: false",
	}, events)
}

func TestProxyForwardsForAClientThatIsGone(t *testing.T) {
	t.Parallel()
	backend := newBackend(t)
	proxy := weaviatetest.NewProxy(t, backend.URL)
	ctx, leave := context.WithCancel(t.Context())
	gone, answered := make(chan struct{}), make(chan struct{})
	proxy.OnWrite(func(int, weaviatetest.Received) { leave(); <-gone })
	proxy.AfterWrite(func(int, weaviatetest.Received) { close(answered) })
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, proxy.URL+"/a", http.NoBody)
	require.NoError(t, err)
	response, err := newClient().Do(request)
	if err == nil {
		require.NoError(t, response.Body.Close())
	}
	require.ErrorIs(t, err, context.Canceled)
	close(gone)
	<-answered
	assert.Equal(t, []string{"POST /a "}, backend.seen())
}

func TestProxyAwaitsARequestByMethod(t *testing.T) {
	t.Parallel()
	proxy := weaviatetest.NewProxy(t, newBackend(t).URL)
	_, _, err := ask(t, newClient(), "GET", proxy.URL+"/v1/schema", "")
	require.NoError(t, err)
	require.NoError(t, proxy.Await(t.Context(), "/v1/schema"))
	over, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	require.EqualError(t, proxy.Await(over, "POST /v1/schema"), "await a request for POST /v1/schema: enough")

	awaited := make(chan error, 1)
	go func() { awaited <- proxy.Await(t.Context(), "POST /v1/schema") }()
	_, _, err = ask(t, newClient(), "POST", proxy.URL+"/v1/schema", "")
	require.NoError(t, err)
	require.NoError(t, <-awaited)
}

// A server that is gone gives no answer, and so does the proxy: a status of the
// proxy's own would be a lie.
func TestProxyOfAServerThatIsGone(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	proxy := weaviatetest.NewProxy(t, server.URL)
	server.Close()
	_, _, err := ask(t, newClient(), "POST", proxy.URL+"/v1/schema", "x")
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, []string{"POST /v1/schema"}, proxy.Requests())
}

// goleak, which TestMain calls, would find what is left of either.
func TestProxyClosesWhileARequestHangs(t *testing.T) {
	t.Parallel()
	asked, over := make(chan struct{}, 1), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-r.Context().Done() // the proxy has left
		close(over)
	}))
	t.Cleanup(server.Close)
	for name, faults := range map[string][]weaviatetest.Fault{
		"at the server":    nil,
		"before it, by us": {{Do: weaviatetest.DoHang}},
	} {
		proxy, err := weaviatetest.StartProxy(server.URL)
		require.NoError(t, err)
		require.NoError(t, proxy.SetFaults(faults...))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, proxy.URL+"/v1/schema", http.NoBody)
		require.NoError(t, err)
		failed := make(chan error, 1)
		go func() {
			response, err := newClient().Do(request)
			if err == nil {
				_ = response.Body.Close()
			}
			failed <- err
		}()
		require.NoError(t, proxy.Await(t.Context(), "POST /v1/schema"))
		if faults == nil {
			<-asked
		}
		proxy.Close()
		proxy.Close()
		require.Error(t, <-failed, name)
		if faults == nil {
			<-over
		}
	}
}
