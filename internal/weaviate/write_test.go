package weaviate_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// store is a server with room for one collection, whose answers to POST are
// scripted: how a lost answer looks from both sides. That it speaks as Weaviate
// does is shown by the tests of internal/restore, on a real one.
type store struct {
	mu     sync.Mutex
	posts  []post // what becomes of each POST in turn; the last one for all further
	number int    // of POSTs so far
	held   string
	reads  int
}

// post is what the server does with a request to create the collection.
type post struct {
	creates bool
	status  int // 0: the connection ends without an answer
	body    string
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodGet {
		s.reads++
		if s.held == "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, s.held)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	next := s.posts[min(s.number, len(s.posts)-1)]
	s.number++
	if next.creates {
		s.held = string(body)
	}
	if next.status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(next.status)
	_, _ = io.WriteString(w, next.body)
}

func TestCreateCollection(t *testing.T) {
	t.Parallel()
	const definition = `{"class":"A"}`
	taken := post{status: 422, body: `{"error":[{"message":"class name A already exists"}]}`}
	for name, test := range map[string]struct {
		posts       []post
		settled     bool
		err         string // part of it
		unsettled   bool
		wantPosts   int
		wantCreated bool
	}{
		"it works":                        {posts: []post{{creates: true, status: 200, body: definition}}, wantPosts: 1, wantCreated: true},
		"done, and the answer was lost":   {posts: []post{{creates: true}}, settled: true, wantPosts: 1, wantCreated: true},
		"done, and a gateway gave up":     {posts: []post{{creates: true, status: 504}}, settled: true, wantPosts: 1, wantCreated: true},
		"done, and then it panicked":      {posts: []post{{creates: true, status: 200}}, settled: true, wantPosts: 1, wantCreated: true},
		"not done, and the second time":   {posts: []post{{}, {creates: true, status: 200, body: definition}}, wantPosts: 2, wantCreated: true},
		"no leader, and then one":         {posts: []post{{status: 422, body: leaderless}, {creates: true, status: 200, body: definition}}, wantPosts: 2, wantCreated: true},
		"too many requests, and then not": {posts: []post{{status: 429}, {creates: true, status: 200, body: definition}}, wantPosts: 2, wantCreated: true},
		"a refusal is final":              {posts: []post{taken}, err: "already exists", wantPosts: 1},
		"never done":                      {posts: []post{{}}, err: "(3 attempts)", unsettled: true, wantPosts: 3},
		"a usage limit is final":          {posts: []post{{status: 429, body: `{"errorCode":"USAGE_LIMIT_EXCEEDED","message":"x"}`}}, err: "USAGE_LIMIT", wantPosts: 1},
		"an answer that is none":          {posts: []post{{creates: true, status: 200, body: "<html>"}}, settled: true, wantPosts: 1, wantCreated: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &store{posts: test.posts}
			server := httptest.NewServer(store)
			t.Cleanup(server.Close)
			client, _ := connect(t, server.URL)
			c, err := schema.Parse([]byte(definition))
			require.NoError(t, err)

			settled, err := client.CreateCollection(t.Context(), c)
			if test.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.err)
			}
			assert.Equal(t, test.unsettled, errors.Is(err, weaviate.ErrUnsettled))
			assert.Equal(t, test.settled, settled)
			assert.Equal(t, test.wantPosts, store.number)
			assert.Equal(t, test.wantCreated, store.held != "")
		})
	}
}

// A name that was taken between two attempts is settled by reading, too: the
// first attempt may have been what took it.
func TestCreateCollectionTakenMeanwhile(t *testing.T) {
	t.Parallel()
	store := &store{posts: []post{{}, {creates: true, status: 422, body: `{"error":[{"message":"class name A already exists"}]}`}}}
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	client, _ := connect(t, server.URL)
	c, err := schema.Parse([]byte(`{"class":"A"}`))
	require.NoError(t, err)
	settled, err := client.CreateCollection(t.Context(), c)
	require.NoError(t, err)
	assert.True(t, settled)
}

// A delete whose answer was lost is not done because nobody can tell: a cluster that
// has lost its leader answers neither.
func TestDeleteThatNobodyCanTellOf(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, leaderless)
	}))
	t.Cleanup(server.Close)
	client, _ := connect(t, server.URL)
	err := client.DeleteCollection(t.Context(), "A")
	require.ErrorIs(t, err, weaviate.ErrUnsettled)
	assert.ErrorContains(t, err, "leader not found")
}

// A write is not begun once the run has been stopped.
func TestWriteAfterTheEnd(t *testing.T) {
	t.Parallel()
	store := &store{posts: []post{{creates: true, status: 200, body: `{"class":"A"}`}}}
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	client, _ := connect(t, server.URL)
	stopped := errors.New("stopped")
	ctx, cancel := cancelled(t, stopped)
	cancel()
	c, err := schema.Parse([]byte(`{"class":"A"}`))
	require.NoError(t, err)

	_, err = client.CreateCollection(ctx, c)
	require.ErrorIs(t, err, stopped)
	require.NotErrorIs(t, err, weaviate.ErrUnsettled)
	require.ErrorIs(t, client.UpdateCollection(ctx, c), stopped)
	require.ErrorIs(t, client.CreateTenants(ctx, "A", []jsontext.Value{[]byte(`{"name":"t"}`)}), stopped)
	require.ErrorIs(t, client.DeleteCollection(ctx, "A"), stopped)
	assert.Zero(t, store.number)
}

// One that is under way is not cut off.
func TestWriteGoesOnWhenStopped(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = io.WriteString(w, `{"class":"A"}`)
	}))
	t.Cleanup(server.Close)
	client, _ := connect(t, server.URL)
	ctx, cancel := cancelled(t, errors.New("stopped"))
	go func() {
		<-arrived
		cancel()
		close(release)
	}()
	c, err := schema.Parse([]byte(`{"class":"A"}`))
	require.NoError(t, err)
	_, err = client.CreateCollection(ctx, c)
	require.NoError(t, err)
}

func TestAddProperty(t *testing.T) {
	t.Parallel()
	store := &store{held: `{"class":"A","properties":[{"name":"p"}]}`, posts: []post{{}}}
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	client, _ := connect(t, server.URL)
	require.NoError(t, client.AddProperty(t.Context(), "A", "p", []byte(`{"name":"p"}`)), "it is there")
	err := client.AddProperty(t.Context(), "A", "q", []byte(`{"name":"q"}`))
	require.ErrorIs(t, err, weaviate.ErrUnsettled)
}

func TestNodes(t *testing.T) {
	t.Parallel()
	answer := `{"nodes":[{"status":"HEALTHY"},{"status":"UNHEALTHY"},{"status":"HEALTHY"}]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
	t.Cleanup(server.Close)
	client, _ := connect(t, server.URL)
	nodes, err := client.Nodes(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, nodes)
}

// The target of an alias is not the collection that was asked for.
func TestCollectionOfAnAlias(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/Gone") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, `{"class":"A"}`)
	}))
	t.Cleanup(server.Close)
	client, _ := connect(t, server.URL)
	for name, want := range map[string]bool{"A": true, "AliasOfA": false, "Gone": false} {
		_, found, err := client.Collection(t.Context(), name)
		require.NoError(t, err)
		assert.Equal(t, want, found, name)
	}
}

// A write that may be done more than once is certain not to be done where no attempt can
// have been it.
func TestUpdateThatNobodyCanTellOf(t *testing.T) {
	t.Parallel()
	const path = "/v1/schema/Article"
	refused := weaviatetest.Fault{Method: "PUT", Path: path, Status: 422}
	for name, test := range map[string]struct {
		faults    []weaviatetest.Fault
		unsettled bool
	}{
		"refused":                      {[]weaviatetest.Fault{refused}, false},
		"not now, and then refused":    {[]weaviatetest.Fault{{Method: "PUT", Path: path, Status: 429, Times: 1}, refused}, false},
		"an error, and then refused":   {[]weaviatetest.Fault{{Method: "PUT", Path: path, Status: 500, Times: 1}, refused}, true},
		"an answer lost, then refused": {[]weaviatetest.Fault{{Method: "PUT", Path: path, Do: weaviatetest.DoReset, Times: 1}, refused}, true},
		"errors to the end":            {[]weaviatetest.Fault{{Method: "PUT", Path: path, Status: 503}}, true},
		"a success that says nothing":  {[]weaviatetest.Fault{{Method: "PUT", Path: path, Status: 200}}, true},
		"a leader that was not there":  {[]weaviatetest.Fault{{Method: "PUT", Path: path, Status: 422, Body: `{"error":[{"message":"leader not found"}]}`}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, client, _ := fake(t, test.faults...)
			err := client.UpdateCollection(t.Context(), schema.Collection{Name: "Article", Raw: []byte(`{"class":"Article"}`)})
			require.Error(t, err)
			assert.Equal(t, test.unsettled, errors.Is(err, weaviate.ErrUnsettled), "%v", err)
		})
	}

	client, _ := connect(t, "http://127.0.0.1:1")
	err := client.UpdateCollection(t.Context(), schema.Collection{Name: "A", Raw: []byte(`{"class":"A"}`)})
	require.ErrorContains(t, err, "connection refused")
	require.NotErrorIs(t, err, weaviate.ErrUnsettled)
}
