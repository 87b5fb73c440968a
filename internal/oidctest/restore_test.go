package oidctest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// made are the collections that a restore here makes.
var made = []string{"Article_made", "Shop_made"}

// restoring are the arguments of a restore to a server.
func restoring(url string) []string {
	return append([]string{
		"restore", "--backup-path", "backups", "--rename", "{name}_made", "--weaviate-url", url,
	}, as(clientID, secret)...)
}

// A restore that gets no other token, once or from then on, leaves nothing, or names
// what it could not take away.
func TestRealProviderMidRestore(t *testing.T) { //nolint:tparallel // the cases share the provider, and what it says
	t.Parallel()
	p := newProvider(t, false)
	server := newServer(t, p)
	folder := t.TempDir()
	run := program(t, folder, append([]string{"backup", "--weaviate-url", server.URL}, as(clientID, secret)...)...)
	require.Zero(t, run.code, run.log)

	p.live(passing)
	proxy := weaviatetest.NewProxy(t, server.URL)
	run = program(t, folder, restoring(proxy.URL)...)
	require.Zero(t, run.code, run.log)
	first := p.tokens() - len(proxy.Received()) // nothing is written before
	for _, r := range proxy.Received() {
		if first++; r.Method == http.MethodPost {
			break
		}
	}
	last := p.tokens()
	require.Greater(t, last, first)
	left := func() (names []string) {
		schema := string(server.MustRequest(t, http.MethodGet, "/v1/schema", nil))
		for _, name := range made {
			if strings.Contains(schema, name) {
				names = append(names, name)
				server.MustRequest(t, http.MethodDelete, "/v1/schema/"+name, nil)
			}
		}
		return names
	}
	require.Equal(t, made, left())

	for n := first; n <= last; n++ {
		for _, times := range []int{1, 1000} {
			t.Run(fmt.Sprint(n, " ", times), func(t *testing.T) {
				p.say(tokens, p.at(n, times, text(404, "text/plain", "")))
				run := program(t, folder, restoring(server.URL)...)
				assert.Equal(t, action.ExitFailed, run.code, run.log)
				_, told, _ := strings.Cut(run.log, "; left on the server: ")
				names := left()
				if times == 1 {
					assert.Empty(t, names)
				}
				for _, name := range names {
					assert.Contains(t, told, name+" ", "it stands, and is not named")
				}
			})
		}
	}
}

// A restore that is stopped cleans up, though it takes new tokens to do so.
func TestRealProviderStopped(t *testing.T) {
	t.Parallel()
	p := newProvider(t, false)
	server := newServer(t, p)
	folder := t.TempDir()
	run := program(t, folder, append([]string{"backup", "--weaviate-url", server.URL}, as(clientID, secret)...)...)
	require.Zero(t, run.code, run.log)

	p.live(passing)
	ctx, stop := context.WithCancel(t.Context())
	proxy := weaviatetest.NewProxy(t, server.URL)
	proxy.AfterWrite(func(int, weaviatetest.Received) { stop() })
	run = programUntil(ctx, t, folder, restoring(proxy.URL)...)
	assert.Equal(t, action.ExitCancelled, run.code, run.log)
	assert.NotContains(t, run.log, "left on the server")
	assert.Contains(t, proxy.Requests(), "DELETE /v1/schema/Article_made")
	assert.NotContains(t, string(server.MustRequest(t, http.MethodGet, "/v1/schema", nil)), "_made")
}
