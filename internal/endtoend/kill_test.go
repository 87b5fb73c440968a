package endtoend_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// fillForKills gives a server 20 collections: a ring of five that refer to the
// next one each, one with tenants, one with an alias.
func fillForKills(t *testing.T, server *weaviatetest.Server) {
	t.Helper()
	text := map[string]any{"name": "title", "dataType": []string{"text"}}
	for i := range 14 {
		server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": fmt.Sprintf("Plain%02d", i), "properties": []any{text}})
	}
	for i := range 5 {
		server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": fmt.Sprintf("Ring%d", i), "properties": []any{text}})
	}
	for i := range 5 {
		server.MustRequest(t, "POST", fmt.Sprintf("/v1/schema/Ring%d/properties", i),
			map[string]any{"name": "next", "dataType": []string{fmt.Sprintf("Ring%d", (i+1)%5)}})
	}
	server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": "Shelf", "multiTenancyConfig": map[string]any{"enabled": true}})
	server.AddTenants(t, "Shelf", weaviatetest.Tenant{Name: "hot"}, weaviatetest.Tenant{Name: "cold", ActivityStatus: "COLD"}, weaviatetest.Tenant{Name: "other"})
	server.MustRequest(t, "POST", "/v1/aliases", map[string]any{"alias": "Circle", "class": "Ring0"})
}

// A restore that is killed at any of its writes, just before the server gets it
// or just after the server has answered it, is finished by a second run, and a
// third one finds nothing to do.
func TestRestoreKilled(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"before", "after"} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			server := weaviatetest.Run(t, weaviatetest.Options{})
			fillForKills(t, server)
			want := read(t, server)
			require.Len(t, want.classes, 20)
			p := program{t, t.TempDir()}
			p.run("backup", "--weaviate-url", server.URL)
			empty(t, server)

			restoreTo := func(url, onExisting string) []string {
				return []string{"restore", "--weaviate-url", url, "--backup-path", "backups", "--restore-aliases=true", "--on-existing", onExisting}
			}
			whole := weaviatetest.NewProxy(t, server.URL)
			p.run(restoreTo(whole.URL, "fail")...)
			require.Equal(t, want, read(t, server))
			empty(t, server)
			writes := len(whole.Writes())
			require.Equal(t, 24, writes, "20 collections, a stub that comes and goes, tenants, an alias")

			for n := 1; n <= writes; n++ {
				proxy := weaviatetest.NewProxy(t, server.URL)
				kill, wait := p.runKilled(restoreTo(proxy.URL, "fail")...)
				hook := func(at int, _ weaviatetest.Received) {
					if at == n {
						kill()
						panic(http.ErrAbortHandler) // nothing is forwarded, or answered, any more
					}
				}
				if place == "before" {
					proxy.OnWrite(hook)
				} else {
					proxy.AfterWrite(hook)
				}
				wait()
				require.Len(t, proxy.Writes(), n)

				p.run(restoreTo(server.URL, "update")...)
				require.Equal(t, want, read(t, server), "killed %s write %d", place, n)

				third := weaviatetest.NewProxy(t, server.URL)
				p.run(restoreTo(third.URL, "skip")...)
				assert.Empty(t, third.Writes(), "killed %s write %d", place, n)
				empty(t, server)
				proxy.Close()
				third.Close()
			}
			t.Logf("%d kills %s a write, %d converged", writes, place, writes)
		})
	}
}
