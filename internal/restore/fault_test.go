package restore_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// world is what a server has that a restore may change.
type world struct {
	digests, aliases map[string]string
	tenants          map[string][]string // "name status", sorted, by collection
}

func look(t *testing.T, address string) world {
	t.Helper()
	client := connect(t, address, "")
	collections, err := client.Schema(t.Context())
	require.NoError(t, err)
	w := world{digests: make(map[string]string), tenants: make(map[string][]string)}
	for _, c := range collections {
		w.digests[c.Name], err = c.Digest()
		require.NoError(t, err)
		if !c.MultiTenant {
			continue
		}
		tenants, err := client.Tenants(t.Context(), c.Name)
		require.NoError(t, err)
		for _, tenant := range tenants {
			w.tenants[c.Name] = append(w.tenants[c.Name], tenant.Name+" "+tenant.Status)
		}
	}
	w.aliases, err = client.Aliases(t.Context())
	require.NoError(t, err)
	return w
}

// library is a server that had four collections, two of which refer to each
// other, one with tenants, and an alias; they are in the backup, and gone. What
// is not in the backup and stays is a collection with an object and an alias.
type library struct {
	server *weaviatetest.Server
	backup restore.Backup
	// without is what the server has before a restore, restored after it.
	without, restored world
}

// libraryNames are the collections of the backup, in its order.
func libraryNames() []string { return []string{"Author", "Book", "Reader", "Shelf"} }

func newLibrary(t *testing.T, options weaviatetest.Options) *library {
	t.Helper()
	text := map[string]any{"name": "title", "dataType": []string{"text"}}
	refersTo := func(name string) map[string]any {
		return map[string]any{"name": "refersTo", "dataType": []string{name}}
	}
	server := weaviatetest.Run(t, options)
	client := connect(t, server.URL, options.APIKey)
	create := func(name string, more map[string]any) {
		class := map[string]any{"class": name, "properties": []any{text}}
		maps.Copy(class, more)
		server.MustRequest(t, "POST", "/v1/schema", class)
	}
	create("Author", nil)
	create("Book", map[string]any{"properties": []any{text, refersTo("Author")}})
	create("Reader", map[string]any{"description": "reads"})
	create("Shelf", map[string]any{"multiTenancyConfig": map[string]any{"enabled": true}})
	server.MustRequest(t, "POST", "/v1/schema/Author/properties", refersTo("Book"))
	server.AddTenants(t, "Shelf", weaviatetest.Tenant{Name: "hot"}, weaviatetest.Tenant{Name: "cold", ActivityStatus: "COLD"})
	server.MustRequest(t, "POST", "/v1/aliases", map[string]any{"alias": "Writer", "class": "Author"})

	l := &library{server: server}
	if options.APIKey == "" {
		l.backup = take(t, server.URL)
		l.restored = look(t, server.URL)
	}
	require.NoError(t, client.DeleteAlias(t.Context(), "Writer"))
	for _, name := range libraryNames() {
		require.NoError(t, client.DeleteCollection(t.Context(), name))
	}
	create("Bystander", nil)
	server.InsertObjects(t, "Bystander", "", 1)
	server.MustRequest(t, "POST", "/v1/aliases", map[string]any{"alias": "Witness", "class": "Bystander"})
	if options.APIKey == "" {
		l.without = look(t, server.URL)
		l.restored.digests["Bystander"] = l.without.digests["Bystander"]
		l.restored.aliases["Witness"] = "Bystander"
	}
	return l
}

// empty takes away what a restore has created.
func (l *library) empty(t *testing.T) {
	t.Helper()
	client := connect(t, l.server.URL, "")
	require.NoError(t, client.DeleteAlias(t.Context(), "Writer"))
	for name := range look(t, l.server.URL).digests {
		if name != "Bystander" {
			require.NoError(t, client.DeleteCollection(t.Context(), name))
		}
	}
	require.Equal(t, l.without, look(t, l.server.URL))
}

// writes are those of a restore that nothing disturbs.
func (l *library) writes(t *testing.T) []weaviatetest.Received {
	t.Helper()
	proxy := weaviatetest.NewProxy(t, l.server.URL)
	_, err := run(t, proxy.URL, l.backup, nil)
	require.NoError(t, err)
	require.Equal(t, l.restored, look(t, l.server.URL))
	l.empty(t)
	return proxy.Writes()
}

// results gives what came of each collection, as the report has it.
func results(result restore.Result) map[string]report.Outcome {
	all := make(map[string]report.Outcome)
	for _, c := range result.Report.Collections {
		all[c.Name] = c.Result
	}
	return all
}

// on makes the fault one of exactly this request.
func on(request weaviatetest.Received, fault weaviatetest.Fault) weaviatetest.Fault {
	fault.Method, fault.Path, fault.Contains = request.Method, request.Path, request.Body
	return fault
}

const (
	anError      = `{"error":[{"message":"something broke"}]}`
	aRefusal     = `{"error":[{"message":"no, thank you"}]}`
	lostLeader   = `{"allowed":null,"error":[{"message":"leader not found"}]}`
	shortTimeout = time.Second // that of a client which a server keeps waiting
)

// faultKind is something that happens to one write.
type faultKind struct {
	name  string
	fault weaviatetest.Fault
	// want is what must come of the run: success, failure or "" for either.
	want string
	// slow is a server that keeps the client waiting, impatient a client that does
	// not try more than twice.
	slow, impatient bool
}

// lostAnswers are faults after which the write was done.
func lostAnswers() []faultKind {
	return []faultKind{
		{name: "reset", fault: weaviatetest.Fault{Do: weaviatetest.DoReset, After: true, Times: 1}, want: "success"},
		{name: "closed", fault: weaviatetest.Fault{Do: weaviatetest.DoEOF, After: true, Times: 1}, want: "success"},
		{name: "cut", fault: weaviatetest.Fault{Do: weaviatetest.DoCut, After: true, Times: 1}, want: "success"},
		{name: "hang", fault: weaviatetest.Fault{Do: weaviatetest.DoHang, After: true, Times: 1}, slow: true, want: "success"},
		// Tenants are created again without a look; the others are found done.
		{name: "500, always", fault: weaviatetest.Fault{Status: 500, Body: anError, After: true}, impatient: true, want: ""},
	}
}

// lostWrites are faults that keep the write from the server.
func lostWrites() []faultKind {
	return []faultKind{
		{name: "reset", fault: weaviatetest.Fault{Do: weaviatetest.DoReset, Times: 1}, want: "success"},
		{name: "503", fault: weaviatetest.Fault{Status: 503, Times: 1}, want: "success"},
		{name: "500", fault: weaviatetest.Fault{Status: 500, Body: anError, Times: 1}, want: "success"},
		{name: "429", fault: weaviatetest.Fault{Status: 429, Times: 1}, want: "success"},
		{name: "no leader", fault: weaviatetest.Fault{Status: 422, Body: lostLeader, Times: 1}, want: "success"},
		{name: "hang", fault: weaviatetest.Fault{Do: weaviatetest.DoHang, Times: 1}, slow: true, want: "success"},
		{name: "refusal", fault: weaviatetest.Fault{Status: 422, Body: aRefusal, Times: 1}, want: "failure"},
		{name: "reset, twice", fault: weaviatetest.Fault{Do: weaviatetest.DoReset, Times: 2}, impatient: true, want: "failure"},
		// How 1.39.0 answers when it panicked.
		{name: "empty 200", fault: weaviatetest.Fault{Status: 200, Times: 1}, want: ""},
	}
}

// Whatever happens to one of the writes, the run either succeeds, and the server
// is what the backup says; or it fails, says so of each collection, and the
// server is what it was before.
func TestRealFaults(t *testing.T) {
	t.Parallel()
	for name, kinds := range map[string][]faultKind{"answer lost": lostAnswers(), "write lost": lostWrites()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t, weaviatetest.Options{})
			writes := l.writes(t)
			require.Len(t, writes, 8)
			succeeded := 0
			for _, kind := range kinds {
				t.Run(kind.name, func(t *testing.T) {
					for n := range writes {
						if l.endures(t, kind, writes, n) {
							succeeded++
						}
					}
				})
			}
			faults := len(kinds) * len(writes)
			t.Logf("%d faults on %d writes: %d runs succeeded, %d failed and left nothing", faults, len(writes), succeeded, faults-succeeded)
		})
	}
}

// endures restores while the fault is on the write n, and says whether the run
// succeeded.
func (l *library) endures(t *testing.T, kind faultKind, writes []weaviatetest.Received, n int) bool {
	t.Helper()
	what := fmt.Sprintf("write %d: %.100s", n+1, writes[n].Method+" "+writes[n].Path+" "+writes[n].Body)
	proxy := weaviatetest.NewProxy(t, l.server.URL)
	defer proxy.Close()
	require.NoError(t, proxy.SetFaults(on(writes[n], kind.fault)))
	client := connectWith(t, proxy.URL, func(o *weaviate.Options) {
		if kind.slow {
			o.RequestTimeout = shortTimeout
		}
		if kind.impatient {
			o.MaxAttempts = 2
		}
	})
	result, err := runWith(t.Context(), t, client, l.backup, nil)
	switch kind.want {
	case "success":
		require.NoError(t, err, what)
	case "failure":
		require.Error(t, err, what)
	}
	if err != nil {
		assert.Equal(t, l.without, look(t, l.server.URL), what)
		doubt := kind.impatient && writes[n].Method == http.MethodPost && !strings.HasSuffix(writes[n].Path, "/tenants")
		assertUndone(t, result, writes[:n+1], doubt, what)
		return false
	}
	assert.Equal(t, l.restored, look(t, l.server.URL), what)
	assert.Equal(t, libraryNames(), result.Restored, what)
	assert.Len(t, without(proxy.Writes(), writes[n]), len(writes)-1, "nothing else was sent twice: %s", what)
	l.empty(t)
	return true
}

// without leaves out those that are like the given one.
func without(all []weaviatetest.Received, one weaviatetest.Received) []weaviatetest.Received {
	return slices.DeleteFunc(all, func(r weaviatetest.Received) bool {
		return r.Method == one.Method && r.Path == one.Path && r.Body == one.Body
	})
}

// assertUndone holds the report of a failed run against the writes that it had
// come to: the last one failed, and may yet be done where there is doubt.
func assertUndone(t *testing.T, result restore.Result, sent []weaviatetest.Received, doubt bool, what string) {
	t.Helper()
	if doubt {
		require.Len(t, result.Leftovers, 1, what)
		assert.Equal(t, restore.WhyNotYetThere, result.Leftovers[0].Why, what)
		assert.True(t, result.Leftovers[0].Unsure, what)
	} else {
		assert.Empty(t, result.Leftovers, what)
	}
	assert.Empty(t, result.Restored, what)
	assert.NotEmpty(t, result.Report.Failure, what)
	want := make(map[string]report.Outcome)
	for _, name := range libraryNames() {
		want[name] = report.OutcomeNotBegun
	}
	for n, write := range sent {
		for _, name := range libraryNames() {
			own := write.Path == "/v1/schema" && strings.HasPrefix(write.Body, `{"class":"`+name+`"`) && !strings.Contains(write.Body, "stands in for")
			switch {
			case own && n == len(sent)-1:
				want[name] = report.OutcomeFailed
			case own:
				want[name] = report.OutcomeRemovedAgain
			}
		}
	}
	assert.Equal(t, want, results(result), what)
}
