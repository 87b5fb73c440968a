package endtoend_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// A server that starts answers with states of the past until it is ready. It is
// started again at the first read of each run's schema; no run takes such a state for
// the present.
func TestStartedAgainMeanwhile(t *testing.T) {
	t.Parallel()
	cluster := weaviatetest.RunCluster(t, 1, weaviatetest.Options{})
	server := cluster.Nodes[0]
	change := func(from, to int) { // each of them is in the log that a server goes over
		for i := from; i < to; i++ {
			class := fmt.Sprint("Doc", i%5)
			server.MustRequest(t, http.MethodPost, "/v1/schema/"+class+"/properties", fmt.Sprintf(`{"name":"p%d","dataType":["int"]}`, i))
		}
	}
	for i := range 5 {
		server.MustRequest(t, http.MethodPost, "/v1/schema", fmt.Sprintf(`{"class":"Doc%d","properties":[{"name":"title","dataType":["text"]}]}`, i))
	}
	change(0, 60)
	p := program{t, t.TempDir()}
	p.run("backup", "--weaviate-url", server.URL, "--output-directory", "past")
	change(60, 90)
	p.run("backup", "--weaviate-url", server.URL, "--output-directory", "present")

	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"backup", "--file-name", "stable"}, 0},
		{[]string{"diff", "--backup-path", "past"}, 3},
		{[]string{"diff", "--backup-path", "present"}, 0},
		{[]string{"verify", "--backup-path", "past"}, 3},
		{[]string{"verify", "--backup-path", "present"}, 0},
	} {
		proxy, back := weaviatetest.NewProxy(t, server.URL), make(chan error, 1)
		// The request at which it is killed is lost.
		kill := onFirst("GET", "/v1/schema", func() {
			go func(err error) { back <- errors.Join(err, cluster.Restart(t.Context(), 0)) }(server.Kill())
		})
		var mu sync.Mutex
		killed := false
		proxy.OnRequest(func(r weaviatetest.Received) {
			mu.Lock()
			defer mu.Unlock()
			if killed {
				untilListening(t, server.URL) // as a gateway may hold it, so that it comes as early as can be
			}
			kill(r)
			killed = killed || r.Path == "/v1/schema"
		})
		log := p.exits(c.code, append(c.args, "--weaviate-url", proxy.URL)...)
		require.NoError(t, <-back)
		assert.Contains(t, log, "reading again: the server may have been started again meanwhile")
		proxy.Close()
		if c.args[0] == "backup" {
			p.run("verify", "--backup-path", "backups", "--weaviate-url", server.URL)
		}
	}
}

// untilListening returns when somebody listens at the address of the URL.
func untilListening(t *testing.T, address string) {
	t.Helper()
	target, err := url.Parse(address)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", target.Host)
		return err == nil && connection.Close() == nil
	}, time.Minute, 5*time.Millisecond)
}
