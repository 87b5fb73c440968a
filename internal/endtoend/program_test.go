package endtoend_test

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

	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// program is the real program, in a folder of its own.
type program struct {
	t      *testing.T
	folder string
}

func (p program) command(args ...string) *exec.Cmd {
	return programtest.Command(p.t.Context(), p.folder, append([]string{"weaviate-backup"}, args...)...)
}

// run runs the program, which must end well.
func (p program) run(args ...string) {
	p.t.Helper()
	p.exits(0, args...)
}

// exits runs the program, which must end with the code, and gives its log.
func (p program) exits(code int, args ...string) string {
	p.t.Helper()
	done := programtest.Finish(p.t, p.command(args...))
	require.Equal(p.t, code, done.Code, "%q:\n%s", args, done.Log())
	return done.Log()
}

// schemaReads are the reads of the schema that came through: whether each asked the
// leader of the cluster (the header Consistency).
func schemaReads(proxy *weaviatetest.Proxy) []string {
	var all []string
	for _, r := range proxy.Received() {
		if r.Path == "/v1/schema" {
			all = append(all, r.Header.Get("Consistency"))
		}
	}
	return all
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
	cmd := p.command(args...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
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
		require.Error(p.t, err, "%s", &log)
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		require.True(p.t, ok && status.Signaled() && status.Signal() == syscall.SIGKILL, "it ended by itself:\n%s", &log)
	}
	return kill, wait
}

// hasSaved compares the files with what a server showed, and their counts with the
// number of objects that each collection has. A tenant that is not active makes it
// unknown.
func (p program) hasSaved(want holds, objects int) {
	p.t.Helper()
	for _, class := range want.classes {
		name := fmt.Sprint(class["class"])
		var file struct {
			Metadata struct {
				Count *int `json:"object_count"`
			} `json:"metadata"`
			Schema  map[string]any   `json:"schema"`
			Tenants []map[string]any `json:"tenants"`
			Aliases []string         `json:"aliases"`
		}
		data, err := os.ReadFile(p.file(name))
		require.NoError(p.t, err)
		require.NoError(p.t, json.Unmarshal(data, &file))
		assert.Equal(p.t, class, file.Schema)
		assert.ElementsMatch(p.t, want.tenants[name], file.Tenants, name)
		for _, alias := range want.aliases {
			assert.Equal(p.t, alias["class"] == name, slices.Contains(file.Aliases, fmt.Sprint(alias["alias"])), name)
		}
		if len(want.tenants[name]) > 0 {
			assert.Nil(p.t, file.Metadata.Count, name)
		} else if assert.NotNil(p.t, file.Metadata.Count, "%s: %s", name, data) {
			assert.Equal(p.t, objects, *file.Metadata.Count, name)
		}
	}
	all, err := filepath.Glob(filepath.Join(p.folder, "backups", "*_schema_*.json"))
	require.NoError(p.t, err)
	assert.Len(p.t, all, len(want.classes))
}

// hasNothing says that a run has left no file.
func (p program) hasNothing() {
	p.t.Helper()
	entries, err := os.ReadDir(p.folder)
	require.NoError(p.t, err)
	assert.Empty(p.t, entries)
}

// saved gives the collections in the manifest, sorted, and its text.
func (p program) saved() (names []string, manifest string) {
	p.t.Helper()
	found, err := filepath.Glob(filepath.Join(p.folder, "backups", "manifest_*.json"))
	require.NoError(p.t, err)
	require.Len(p.t, found, 1)
	data, err := os.ReadFile(found[0])
	require.NoError(p.t, err)
	var list struct {
		Snapshots []struct {
			Collection string `json:"collection"`
		} `json:"snapshots"`
	}
	require.NoError(p.t, json.Unmarshal(data, &list))
	for _, s := range list.Snapshots {
		names = append(names, s.Collection)
	}
	return names, string(data)
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

// part gives the collections without the suffix, and those with it under the names
// that they have without.
func part(t *testing.T, h holds, suffix string) (without, with holds) {
	t.Helper()
	without, with = holds{tenants: map[string][]map[string]any{}, aliases: h.aliases}, holds{tenants: map[string][]map[string]any{}}
	for _, class := range h.classes {
		name := fmt.Sprint(class["class"])
		plain, restored := strings.CutSuffix(name, suffix)
		into := &without
		if restored {
			into = &with
			class = cutNames(t, class, suffix)
		}
		into.classes = append(into.classes, class)
		if tenants, ok := h.tenants[name]; ok {
			into.tenants[plain] = tenants
		}
	}
	with.classes = sortedBy("class", with.classes)
	return without, with
}

// cutNames takes the suffix from the names in a definition: its own, and those of
// references.
func cutNames(t *testing.T, class map[string]any, suffix string) map[string]any {
	t.Helper()
	data, err := json.Marshal(class)
	require.NoError(t, err)
	var cut map[string]any
	require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(data), suffix+`"`, `"`)), &cut))
	return cut
}
