package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// program is the real program, in a folder of its own.
type program struct {
	t      *testing.T
	folder string
}

func (p program) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.CommandContext(p.t.Context(), "weaviate-backup", args...)
	cmd.Dir = p.folder
	cmd.Env = []string{"HOME=" + p.folder, "PATH=" + os.Getenv("PATH")}
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	return cmd, &log
}

// run runs the program, which must end well.
func (p program) run(args ...string) {
	p.t.Helper()
	cmd, log := p.command(args...)
	require.NoError(p.t, cmd.Run(), "%q:\n%s", args, log)
}

// exits runs the program, which must end with the code, and gives its log.
func (p program) exits(code int, args ...string) string {
	p.t.Helper()
	cmd, log := p.command(args...)
	err := cmd.Run()
	require.Equal(p.t, code, cmd.ProcessState.ExitCode(), "%q: %v\n%s", args, err, log)
	return log.String()
}

// file is the path of a collection's snapshot.
func (p program) file(collection string) string {
	p.t.Helper()
	found, err := filepath.Glob(filepath.Join(p.folder, "backups", collection+"_schema_*.json"))
	require.NoError(p.t, err)
	require.Len(p.t, found, 1, collection)
	return found[0]
}

// runKilled runs the program until it is killed by kill, which must not be called
// before it has started, and returns once the program is dead.
func (p program) runKilled(args ...string) (kill func(), wait func()) {
	cmd, log := p.command(args...)
	started, dead := make(chan struct{}), make(chan struct{})
	kill = func() {
		<-started
		assert.NoError(p.t, cmd.Process.Kill())
		<-dead
	}
	wait = func() {
		require.NoError(p.t, cmd.Start())
		close(started)
		err := cmd.Wait()
		close(dead)
		require.Error(p.t, err, "%s", log)
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		require.True(p.t, ok && status.Signaled() && status.Signal() == syscall.SIGKILL, "it ended by itself:\n%s", log)
	}
	return kill, wait
}

// holds is all that a server has, sorted.
type holds struct {
	classes []map[string]any
	tenants map[string][]map[string]any // by collection
	aliases []map[string]any
}

func read(t *testing.T, server *weaviatetest.Server) holds {
	t.Helper()
	var schema, aliases map[string][]map[string]any
	h := holds{tenants: make(map[string][]map[string]any)}
	require.NoError(t, json.Unmarshal(server.MustRequest(t, "GET", "/v1/schema", nil), &schema))
	if hasAliases(t, server) {
		require.NoError(t, json.Unmarshal(server.MustRequest(t, "GET", "/v1/aliases", nil), &aliases))
	}
	h.classes, h.aliases = sortedBy("class", schema["classes"]), sortedBy("alias", aliases["aliases"])
	for _, class := range h.classes {
		name := fmt.Sprint(class["class"])
		if !isMultiTenant(class) {
			continue
		}
		var tenants []map[string]any
		require.NoError(t, json.Unmarshal(server.MustRequest(t, "GET", "/v1/schema/"+name+"/tenants", nil), &tenants))
		h.tenants[name] = sortedBy("name", tenants)
	}
	return h
}

// hasAliases says whether the server is of a release that has aliases at all.
func hasAliases(t *testing.T, server *weaviatetest.Server) bool {
	t.Helper()
	status, _, err := server.Request(t.Context(), "GET", "/v1/aliases", nil)
	require.NoError(t, err)
	return status != http.StatusNotFound
}

func isMultiTenant(class map[string]any) bool {
	config, ok := class["multiTenancyConfig"].(map[string]any)
	return ok && config["enabled"] == true
}

func sortedBy(key string, list []map[string]any) []map[string]any {
	slices.SortFunc(list, func(a, b map[string]any) int { return strings.Compare(fmt.Sprint(a[key]), fmt.Sprint(b[key])) })
	return list
}

func empty(t *testing.T, server *weaviatetest.Server) {
	t.Helper()
	h := read(t, server)
	for _, alias := range h.aliases {
		server.MustRequest(t, "DELETE", fmt.Sprint("/v1/aliases/", alias["alias"]), nil)
	}
	for _, class := range h.classes {
		server.MustRequest(t, "DELETE", fmt.Sprint("/v1/schema/", class["class"]), nil)
	}
}

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
