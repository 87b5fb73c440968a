package faulttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// lane is what one case after another restores: a backup of a collection, of one
// with tenants that refers to it, and of an alias. The cases of other lanes go on
// beside it, with other names where the server is the same.
type lane struct {
	server *weaviatetest.Server
	folder string
	number int
	// saved is what the server has after a restore that worked out.
	saved holding
}

// holding is what of a lane a server has: digests of collections, tenants with
// their status, and collections of aliases, by name.
type holding struct {
	collections map[string]string
	tenants     map[string]string
	aliases     map[string]string
}

// Cases of restores run side by side on some servers, because each of these takes
// its time over one collection after the other (0.15 s, 1.39.0).
const (
	servers        = 4
	lanesPerServer = 2
)

// newLanes makes servers with nothing on them, and the lanes' backups.
func newLanes(t *testing.T) chan *lane {
	t.Helper()
	free := make(chan *lane, servers*lanesPerServer)
	var all []*weaviatetest.Server
	for range servers {
		all = append(all, weaviatetest.Run(t, weaviatetest.Options{}))
	}
	for number := range cap(free) {
		server := all[number%servers]
		l := &lane{server: server, folder: t.TempDir(), number: number}
		text := map[string]any{"name": "title", "dataType": []string{"text"}, "description": strings.Repeat("a title; ", 40)}
		author, shelf := l.name("Author"), l.name("Shelf")
		server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": author, "properties": []any{text}})
		server.MustRequest(t, "POST", "/v1/schema", map[string]any{
			"class": shelf, "multiTenancyConfig": map[string]any{"enabled": true},
			"properties": []any{text, map[string]any{"name": "holds", "dataType": []string{author}}},
		})
		server.AddTenants(t, shelf, weaviatetest.Tenant{Name: "hot"}, weaviatetest.Tenant{Name: "cold", ActivityStatus: "COLD"})
		server.MustRequest(t, "POST", "/v1/aliases", map[string]any{"alias": l.name("Writer"), "class": author})
		run := program(t, l.folder, "backup", "--weaviate-url", server.URL, "--collections", l.name("*"))
		require.Zero(t, run.code, run.log)
		l.saved = l.look(t)
		l.empty(t)
		free <- l
	}
	return free
}

func (l *lane) name(base string) string { return fmt.Sprintf("Lane%d%s", l.number, base) }

// look reads what the server has of the lane, past all faults.
func (l *lane) look(t *testing.T) holding {
	t.Helper()
	h := holding{collections: map[string]string{}, tenants: map[string]string{}, aliases: map[string]string{}}
	for _, name := range []string{l.name("Author"), l.name("Shelf")} {
		status, body, err := l.server.Request(t.Context(), http.MethodGet, "/v1/schema/"+name, nil)
		require.NoError(t, err)
		if status == http.StatusNotFound {
			continue
		}
		c, err := schema.Parse(body)
		require.NoError(t, err)
		h.collections[name], err = c.Digest()
		require.NoError(t, err)
	}
	if h.collections[l.name("Shelf")] != "" {
		var tenants []weaviatetest.Tenant
		require.NoError(t, json.Unmarshal(l.server.MustRequest(t, http.MethodGet, "/v1/schema/"+l.name("Shelf")+"/tenants", nil), &tenants))
		for _, tenant := range tenants {
			h.tenants[tenant.Name] = tenant.ActivityStatus
		}
	}
	var list struct {
		Aliases []struct{ Alias, Class string }
	}
	require.NoError(t, json.Unmarshal(l.server.MustRequest(t, http.MethodGet, "/v1/aliases", nil), &list))
	for _, a := range list.Aliases {
		if strings.HasPrefix(a.Alias, l.name("")) {
			h.aliases[a.Alias] = a.Class
		}
	}
	return h
}

// empty takes away what the server has of the lane.
func (l *lane) empty(t *testing.T) {
	t.Helper()
	for alias := range l.look(t).aliases {
		l.server.MustRequest(t, http.MethodDelete, "/v1/aliases/"+alias, nil)
	}
	for name := range l.look(t).collections {
		l.server.MustRequest(t, http.MethodDelete, "/v1/schema/"+name, nil)
	}
}

// restore runs the command of that name.
func (l *lane) restore(t *testing.T, url string, more ...string) finished {
	t.Helper()
	return program(t, l.folder, append([]string{
		"restore", "--weaviate-url", url, "--backup-path", "backups", "--restore-aliases=true",
	}, more...)...)
}

// judge says what came of a restore, fails the test where it is not what was
// wanted, or none of what a restore may come to, and empties the lane.
func (l *lane) judge(t *testing.T, run finished, want outcome, says string) outcome {
	t.Helper()
	got := l.result(t, run, says)
	if want != either && (want != fails || got != tells) {
		assert.Equal(t, want, got, run.log)
	}
	l.empty(t)
	return got
}

func (l *lane) result(t *testing.T, run finished, says string) outcome {
	t.Helper()
	has := l.look(t)
	if run.code == action.ExitDone {
		assert.Equal(t, l.saved, has, run.log)
		assert.Equal(t, fmt.Sprintf(`["%s","%s"]`, l.name("Author"), l.name("Shelf")), run.Outputs["restored-collections"])
		return recovers
	}
	assertFailure(t, run, says)
	_, told, _ := strings.Cut(run.Error, "; left on the server: ")
	if run.Outputs != nil {
		for _, name := range []string{l.name("Author"), l.name("Shelf")} {
			assert.Equal(t, strings.Contains("; "+told, "; "+name+" was created by this run, "), strings.Contains(run.Outputs["restored-collections"], `"`+name+`"`), run.log)
		}
	}
	for name := range has.collections {
		assert.Contains(t, told, name+" ", "it stands, and is not named")
	}
	for alias := range has.aliases {
		assert.Contains(t, told, "the alias "+alias+" ", "it stands, and is not named")
	}
	if told != "" {
		return tells
	}
	return fails
}

// A restore through any fault does all that the backup says, or it fails and
// leaves nothing that it does not name.
func TestRestoreFaults(t *testing.T) {
	t.Parallel()
	free := newLanes(t)
	for name, faults := range map[string]func(*testing.T, chan *lane){
		"connection": connections, "request": requests, "clean-up": cleanUps,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults(t, free)
		})
	}
}

// connections: whatever happens to the connections of a restore.
func connections(t *testing.T, free chan *lane) {
	t.Helper()
	l := <-free
	upstream, downstream := measure(t, l.server.URL, func(url string) {
		run := l.restore(t, url, limits("1", long)...)
		require.Equal(t, recovers, l.judge(t, run, recovers, ""))
	})
	free <- l
	var came tally
	t.Cleanup(func() { t.Logf("%d bytes to the server, %d from it: %s", upstream, downstream, &came) })
	for _, x := range allToxics(upstream, downstream) {
		t.Run(x.String(), func(t *testing.T) {
			t.Parallel()
			l := <-free
			defer func() { free <- l }()
			run := l.restore(t, x.poison(t, l.server.URL), limits("5", x.limit)...)
			came.add(l.judge(t, run, x.want, x.says))
		})
	}
}
