package restore_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// outdated gives a library's server older forms of two of its collections.
func (l *library) outdated(t *testing.T) world {
	t.Helper()
	l.server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": "Reader", "description": "read"})
	l.server.MustRequest(t, "POST", "/v1/schema", map[string]any{
		"class": "Shelf", "multiTenancyConfig": map[string]any{"enabled": true},
		"properties": []any{map[string]any{"name": "title", "dataType": []string{"text"}}},
	})
	l.server.AddTenants(t, "Shelf", weaviatetest.Tenant{Name: "hot"})
	return look(t, l.server.URL)
}

func toUpdate(o *restore.Options) {
	o.OnExisting, o.Collections = restore.OnExistingUpdate, []string{"Reader", "Shelf"}
}

// Whatever happens to one of the writes of an update, the run succeeds, and the
// collections are what the backup says; or it fails, and tells what it may have
// changed. A second run then finishes it.
func TestRealUpdateFaults(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, weaviatetest.Options{})
	want := world{digests: map[string]string{}, aliases: l.without.aliases, tenants: l.restored.tenants}
	for _, name := range []string{"Bystander", "Reader", "Shelf"} {
		want.digests[name] = l.restored.digests[name]
	}
	l.outdated(t)
	whole := weaviatetest.NewProxy(t, l.server.URL)
	_, err := run(t, whole.URL, l.backup, toUpdate)
	require.NoError(t, err)
	require.Equal(t, want, look(t, l.server.URL))
	l.empty(t)
	writes := whole.Writes()
	require.Len(t, writes, 3, "the description, the property, the tenant")

	faults, succeeded := 0, 0
	for _, kind := range append(lostAnswers(), lostWrites()...) {
		if kind.slow {
			continue // a connection that ends without an answer comes to the same, and sooner
		}
		for n, write := range writes {
			faults++
			what := fmt.Sprintf("%s, write %d: %s %s", kind.name, n+1, write.Method, write.Path)
			before := l.outdated(t)
			proxy := weaviatetest.NewProxy(t, l.server.URL)
			require.NoError(t, proxy.SetFaults(on(write, kind.fault)))
			client := connectWith(t, proxy.URL, func(o *weaviate.Options) {
				if kind.impatient {
					o.MaxAttempts = 2
				}
			})
			result, err := runWith(t.Context(), t, client, l.backup, toUpdate)
			switch {
			case err == nil:
				assert.NotEqual(t, "failure", kind.want, what)
				succeeded++
			case kind.want == "success":
				require.NoError(t, err, what)
			default:
				assertTold(t, before, look(t, l.server.URL), result, what)
				_, err = run(t, l.server.URL, l.backup, toUpdate)
				require.NoError(t, err, what)
			}
			assert.Equal(t, want, look(t, l.server.URL), what)
			proxy.Close()
			l.empty(t)
		}
	}
	t.Logf("%d faults on %d writes: %d runs succeeded, %d failed and told what they had changed", faults, len(writes), succeeded, faults-succeeded)
}

// assertTold holds what a failed run says that it changed against what it did.
func assertTold(t *testing.T, before, after world, result restore.Result, what string) {
	t.Helper()
	for _, name := range []string{"Reader", "Shelf"} {
		changed := before.digests[name] != after.digests[name] || !assert.ObjectsAreEqual(before.tenants[name], after.tenants[name])
		n := slices.IndexFunc(result.Leftovers, func(l restore.Leftover) bool { return l.Kind == restore.LeftUpdate && l.Name == name })
		surely := n >= 0 && len(result.Leftovers[n].Changed) > 0
		if changed {
			assert.GreaterOrEqual(t, n, 0, "%s: %s was changed", what, name)
		} else {
			assert.False(t, surely, "%s: %s was not changed", what, name)
		}
		assert.Equal(t, surely, slices.Contains(result.Restored, name), what)
	}
	assert.Contains(t, results(result), "Reader", what)
	assert.Contains(t, results(result), "Shelf", what)
}

// Another type of index has other settings: the type is the problem, and not each of them.
func TestUpdateOfIndexType(t *testing.T) {
	t.Parallel()
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		c.Classes = []json.RawMessage{json.RawMessage(`{"class":"Doc","vectorIndexType":"hnsw","vectorIndexConfig":{"ef":1,"maxConnections":32}}`)}
	})
	backup := backupOf(t, `{"class":"Doc","vectorIndexType":"flat","vectorIndexConfig":{"ef":2,"maxConnections":16}}`)
	result, err := run(t, server.URL, backup, func(o *restore.Options) { o.OnExisting = restore.OnExistingUpdate })
	require.ErrorIs(t, err, restore.ErrPlan)
	require.Len(t, result.Report.Problems, 1, result.Report.Problems)
	assert.Contains(t, result.Report.Problems[0], "Doc: vectorIndexType can't be changed on a collection that exists: ")
}
