package weaviate_test

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	target, err := url.Parse(address)
	require.NoError(t, err)
	return target
}

func TestWaitReady(t *testing.T) {
	t.Parallel()
	const ready = "/v1/.well-known/ready"
	t.Run("becomes ready", func(t *testing.T) {
		t.Parallel()
		server, client, _ := fake(t, weaviatetest.Fault{Path: ready, Status: 503, Times: 3})
		require.NoError(t, client.WaitReady(t.Context(), time.Minute))
		assert.Len(t, server.Requests(), 4)
	})
	t.Run("is never ready", func(t *testing.T) {
		t.Parallel()
		_, client, _ := fake(t, weaviatetest.Fault{Path: ready, Status: 503})
		err := client.WaitReady(t.Context(), time.Second) // long enough for one answer on a busy machine
		require.ErrorContains(t, err, "not ready within 1s")
		require.ErrorContains(t, err, "503 Service Unavailable")
	})
	t.Run("hangs", func(t *testing.T) {
		t.Parallel()
		_, client, _ := fake(t, weaviatetest.Fault{Path: ready, Do: weaviatetest.DoHang})
		require.ErrorContains(t, client.WaitReady(t.Context(), 50*time.Millisecond), "not ready within 50ms")
	})
	t.Run("is no Weaviate", func(t *testing.T) {
		t.Parallel()
		server, client, _ := fake(t, weaviatetest.Fault{Path: ready, Status: 404, Body: "404 page not found"})
		err := client.WaitReady(t.Context(), time.Hour)
		require.ErrorIs(t, err, weaviate.ErrNoSuchPath)
		assert.Len(t, server.Requests(), 1, "waiting does not help")
		assert.Contains(t, weaviate.Hint(err, weaviate.Place{}), "Check the port and the path in weaviate-url")
	})
}

func TestMeta(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t, weaviatetest.Fault{Path: "/v1/meta", Body: `{"hostname":"h","version":"1.31.2","modules":{"b":{},"a":{"x":1}}}`, Times: 1},
		weaviatetest.Fault{Path: "/v1/meta", Body: `{}`})
	meta, err := client.Meta(t.Context())
	require.NoError(t, err)
	assert.Equal(t, weaviate.Meta{Version: "1.31.2", Modules: []string{"a", "b"}}, meta)
	_, err = client.Meta(t.Context())
	require.ErrorContains(t, err, "is this a Weaviate server?")
}

func TestTenants(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t, weaviatetest.Fault{
		Path: "/v1/schema/Shop/tenants", Times: 1,
		Body: `[{"name":"b","activityStatus":"COLD","new":1},{"activityStatus":"HOT","name":"a"},{"name":"c","activityStatus":"ACTIVE"}]`,
	}, weaviatetest.Fault{Path: "/v1/schema/Shop/tenants", Times: 1, Body: `[{"activityStatus":"HOT"}]`},
		weaviatetest.Fault{Path: "/v1/schema/Shop/tenants", Body: `[{"name":"b"},{"name":"a"},{"name":"b"}]`})
	tenants, err := client.Tenants(t.Context(), "Shop")
	require.NoError(t, err)
	require.Len(t, tenants, 3)
	assert.Equal(t, "a", tenants[0].Name)
	assert.True(t, tenants[0].Active())
	assert.False(t, tenants[1].Active())
	assert.True(t, tenants[2].Active())
	assert.JSONEq(t, `{"name":"b","activityStatus":"COLD","new":1}`, string(tenants[1].Raw))
	_, err = client.Tenants(t.Context(), "Shop")
	require.ErrorContains(t, err, "a tenant without a name")
	_, err = client.Tenants(t.Context(), "Shop")
	require.ErrorContains(t, err, `the tenant "b" stands twice in it`)
}

func TestAliases(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t)
	aliases, err := client.Aliases(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"Texts": "Article"}, aliases)

	old := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.Aliases = nil })
	client, _ = connect(t, old.URL)
	_, err = client.Aliases(t.Context())
	require.ErrorIs(t, err, weaviate.ErrNoAliases)

	_, client, _ = fake(t, weaviatetest.Fault{Path: "/v1/aliases", Body: `{"aliases":[{"alias":"A"}]}`})
	_, err = client.Aliases(t.Context())
	require.ErrorContains(t, err, "an alias without a name or a collection")

	_, client, _ = fake(t, weaviatetest.Fault{Path: "/v1/aliases", Body: `{"aliases":[{"alias":"A","class":"B"},{"alias":"A","class":"C"}]}`})
	_, err = client.Aliases(t.Context())
	require.ErrorContains(t, err, `the alias "A" stands twice in it`)
}

// A gateway's page for a path that it does not pass on says nothing of the
// server's age.
func TestPagesOfGateways(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"<html>404 Not Found</html>", "404 page not found", `{"code":404,"message":"no route"}`,
		`{"message":"The requested URL /v1/aliases was not found on this server."}`, "",
	} {
		_, client, _ := fake(t, weaviatetest.Fault{Status: 404, Body: body})
		_, err := client.Aliases(t.Context())
		require.ErrorContains(t, err, "404 Not Found")
		require.NotErrorIs(t, err, weaviate.ErrNoAliases)
		_, err = client.Rights(t.Context())
		require.ErrorContains(t, err, "404 Not Found")
		if body != "" { // which is how a server says that it has no such alias
			require.ErrorContains(t, client.DeleteAlias(t.Context(), "Texts"), "404 Not Found")
		}
	}
}

// What says nothing is not a list of nothing: a server always names its lists.
func TestAnswersThatSayNothing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`null`, `{}`, `{"status":"ok"}`, `{"aliases":null,"username":""}`} {
		_, client, _ := fake(t, weaviatetest.Fault{Body: body})
		_, err := client.Tenants(t.Context(), "Shop")
		require.ErrorContains(t, err, "GET ", body)
		_, err = client.Aliases(t.Context())
		require.ErrorContains(t, err, `no "aliases" in it`, body)
		_, err = client.Rights(t.Context())
		require.ErrorContains(t, err, `no "username" in it`, body)
		_, err = client.Nodes(t.Context())
		require.ErrorContains(t, err, `no "nodes" in it`, body)
	}
}

// A 404 without its body does not say what was not found.
func TestNotFoundCutShort(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t, weaviatetest.Fault{Do: weaviatetest.DoCut, Status: 404, Body: "{}"})
	_, found, err := client.Collection(t.Context(), "Article")
	require.ErrorContains(t, err, "(3 attempts): read the answer after 1 bytes: unexpected EOF")
	assert.False(t, found)
	_, client, _ = fake(t, weaviatetest.Fault{Do: weaviatetest.DoRaw, Body: "HTTP/1.1 404 Not Found\r\nContent-Length: 60\r\n\r\n"})
	_, _, err = client.Collection(t.Context(), "Article")
	require.ErrorContains(t, err, "(3 attempts): read the answer after 0 bytes: unexpected EOF")
}

// A page in place of the 404 that tells of the right to read everything tells
// nothing; a collection of that name does.
func TestCanReadAll(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"<html>Sign in</html>": "invalid character '<'",
		"":                     "the answer is empty",
		`{"class":"WeaviateBackupActionReadsAll"}`: "",
	} {
		_, client, _ := fake(t, weaviatetest.Fault{Path: "/v1/schema/*", Body: body})
		all, err := client.CanReadAll(t.Context(), weaviate.Rights{})
		assert.Equal(t, want == "", all, body)
		if want != "" {
			require.ErrorContains(t, err, want)
		}
	}
}

func TestEncodedAnswer(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t, weaviatetest.Fault{Body: "\x1f\x8b", Header: map[string]string{"Content-Encoding": "gzip"}})
	_, err := client.Meta(t.Context())
	require.ErrorContains(t, err, `/v1/meta: the answer has the content encoding "gzip", which was not asked for`)
}

func TestRights(t *testing.T) {
	t.Parallel()
	own := func(body string) weaviatetest.Fault {
		return weaviatetest.Fault{Path: "/v1/users/own-info", Body: body}
	}
	for name, test := range map[string]struct {
		fault weaviatetest.Fault
		want  string // of Reason; empty where the rights are known
		reads bool
	}{
		"everything":          {own(`{"username":"u","roles":[{"name":"r","permissions":[{"action":"read_collections","collections":{"collection":"*"}}]}]}`), "", true},
		"by a second role":    {own(`{"username":"u","roles":[{"permissions":[]},{"permissions":[{"action":"read_collections","collections":{"collection":"*"}}]}]}`), "", true},
		"one collection":      {own(`{"username":"u","roles":[{"permissions":[{"action":"read_collections","collections":{"collection":"Doc"}}]}]}`), "", false},
		"another action":      {own(`{"username":"u","roles":[{"permissions":[{"action":"read_data","data":{"collection":"*"}}]}]}`), "", false},
		"another's tenants":   {own(`{"username":"u","roles":[{"permissions":[{"action":"read_collections","collections":{"collection":"*","tenant":"t"}}]}]}`), "", false},
		"no roles":            {own(`{"username":"u","roles":null,"groups":null}`), "names no roles", false},
		"an old server":       {weaviatetest.Fault{Path: "/v1/users/own-info", Status: 404, Body: `{"code":404,"message":"path /v1/users/own-info was not found"}`}, "before 1.29", false},
		"an anonymous caller": {weaviatetest.Fault{Path: "/v1/users/own-info", Status: 401}, "anonymous", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, client, _ := fake(t, test.fault)
			rights, err := client.Rights(t.Context())
			require.NoError(t, err)
			assert.Equal(t, test.want == "", rights.Known)
			assert.Contains(t, rights.Reason, test.want)
			assert.Equal(t, test.reads, rights.ReadsAll("read_collections"))
		})
	}
	t.Run("actions without parts, and unknown ones", func(t *testing.T) {
		t.Parallel()
		_, client, _ := fake(t, own(`{"username":"u","roles":[{"permissions":[{"action":"read_cluster"},{"action":"read_mcp","collections":{"collection":"Doc"}}]}]}`))
		rights, err := client.Rights(t.Context())
		require.NoError(t, err)
		assert.True(t, rights.ReadsAll("read_cluster"))
		assert.False(t, rights.ReadsAll("read_mcp"), "nobody knows what it is for")
	})
	t.Run("a wrong key", func(t *testing.T) {
		t.Parallel()
		server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.APIKey = "the-key" })
		client, _ := connect(t, server.URL, func(o *weaviate.Options) { o.APIKey = "not-the-key" })
		_, err := client.Rights(t.Context())
		require.ErrorIs(t, err, weaviate.ErrUnauthorized)
	})
}

func TestHints(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t, weaviatetest.Fault{Path: "/v1/meta", Status: 401})
	_, err := client.Meta(t.Context())
	assert.Contains(t, weaviate.Hint(err, weaviate.Place{}), "does not know this key")
	assert.Contains(t, weaviate.Hint(err, weaviate.Place{NoCredentials: true}), "No credentials were given")
	assert.Contains(t, weaviate.Hint(err, weaviate.Place{NoCredentials: true, Fork: true}), "from forks get no secrets")

	for body, hint := range map[string]string{
		`{"error":[{"message":"class name Doc already exists"}]}`:                                                  "Somebody else has created it",
		`{"errorCode":"USAGE_LIMIT_EXCEEDED","message":"collections count limit of 6 reached for this instance."}`: "The server has a limit",
	} {
		_, client, _ := fake(t, weaviatetest.Fault{Method: "POST", Path: "/v1/schema", Status: 422, Body: body})
		_, err := client.CreateCollection(t.Context(), schema.Collection{Name: "Doc", Raw: []byte(`{"class":"Doc"}`)})
		assert.Contains(t, weaviate.Hint(err, weaviate.Place{}), hint)
	}

	port, release, err := weaviatetest.ClosedPort()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, release()) })
	address := strings.Replace("http://localhost:PORT", "PORT", itoa(port), 1)
	client, _ = connect(t, address)
	_, err = client.Meta(t.Context())
	assert.Contains(t, weaviate.Hint(err, weaviate.Place{GitHub: true, Server: parse(t, address)}), "localhost inside a container action")
	assert.Contains(t, weaviate.Hint(err, weaviate.Place{Server: parse(t, address)}), "Nothing listens there")
	proxy := &net.OpError{Op: "proxyconnect", Net: "tcp", Err: syscall.ECONNREFUSED}
	assert.Contains(t, weaviate.Hint(proxy, weaviate.Place{}), "The proxy that HTTP_PROXY or HTTPS_PROXY names")
}

// What answers is JSON, or a page, and not what a Weaviate says.
func TestHintOfAnotherServer(t *testing.T) {
	t.Parallel()
	for body, says := range map[string]string{
		"[]":                     "all of it: a JSON array is not what is expected there",
		`{"version":{}}`:         "version: a JSON object is not what is expected there",
		"{}":                     "is this a Weaviate server?",
		"<html>welcome</html>\n": "not good JSON",
	} {
		_, client, _ := fake(t, weaviatetest.Fault{Path: "/v1/meta", Body: body})
		_, err := client.Meta(t.Context())
		require.ErrorContains(t, err, says)
		assert.NotContains(t, err.Error(), "struct")
		assert.Contains(t, weaviate.Hint(err, weaviate.Place{}), "It may be no Weaviate that answers there")
	}
}

// A port for gRPC answers in HTTP/2, whatever it is asked (bytes of 1.39.0).
func TestHintOfAPortForGRPC(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var tries atomic.Int32
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			tries.Add(1)
			_, _ = connection.Read(make([]byte, 4096)) // or net/http itself would try again
			_, _ = connection.Write([]byte("\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00@\x00"))
			if tcp, ok := connection.(*net.TCPConn); ok {
				_ = tcp.CloseWrite()
			}
			_, _ = io.Copy(io.Discard, connection) // until the client gives up
			_ = connection.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-served
	})
	client, _ := connect(t, "http://"+listener.Addr().String())
	_, err = client.Meta(t.Context())
	require.ErrorContains(t, err, "malformed HTTP response")
	assert.Contains(t, weaviate.Hint(err, weaviate.Place{}), "The server speaks gRPC on this port")
	assert.Equal(t, int32(1), tries.Load(), "another attempt would not change it")
}
