package restore_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// ring is a backup of n collections, each of which refers to the next: one that
// the server has shown, under other names.
func ring(tb testing.TB, server *weaviatetest.Server, n int) restore.Backup {
	tb.Helper()
	server.MustRequest(tb, http.MethodPost, "/v1/schema",
		`{"class":"R000","vectorizer":"none","properties":[{"name":"next","dataType":["R000"]},{"name":"title","dataType":["text"]}]}`)
	shown := string(server.MustRequest(tb, http.MethodGet, "/v1/schema/R000", nil))
	server.MustRequest(tb, http.MethodDelete, "/v1/schema/R000", nil)
	var definitions []string
	for i := range n {
		definitions = append(definitions, strings.NewReplacer(
			`"class":"R000"`, fmt.Sprintf(`"class":"R%03d"`, i),
			`"dataType":["R000"]`, fmt.Sprintf(`"dataType":["R%03d"]`, (i+1)%n),
		).Replace(shown))
	}
	return backupOf(tb, definitions...)
}

// count counts the requests that begin so.
func count(requests []string, prefix string) int {
	n := 0
	for _, request := range requests {
		if strings.HasPrefix(request, prefix) {
			n++
		}
	}
	return n
}

// A ring of 200 takes one stub, which gives way to its collection in the end.
func TestRealRing(t *testing.T) {
	t.Parallel()
	const n = 200
	server := weaviatetest.Run(t, weaviatetest.Options{})
	proxy := weaviatetest.NewProxy(t, server.URL)
	backup := ring(t, server, n)
	result, err := run(t, proxy.URL, backup, nil)
	require.NoError(t, err)
	assert.Len(t, result.Restored, n)
	assert.Zero(t, result.Differences)
	requests := proxy.Requests()
	assert.Equal(t, n+1, count(requests, "POST /v1/schema"), "each collection, and one stub")
	assert.Equal(t, 1, count(requests, "DELETE "), "the stub")
	assert.Len(t, proxy.Writes(), n+2)

	assert.Equal(t, savedDigests(t, backup), digests(t, server.URL), "each as it was shown, and none a stub")
	live, err := connect(t, server.URL, "").Schema(t.Context())
	require.NoError(t, err)
	require.Len(t, live, n)
	for i, c := range live {
		assert.Equal(t, []string{"next", "title"}, c.PropertyNames)
		require.Len(t, c.References, 1)
		assert.Equal(t, fmt.Sprintf("R%03d", (i+1)%n), c.References[0].Target)
	}
}

// tenants are n of them, every third inactive.
func tenants(n int) []jsontext.Value {
	all := make([]jsontext.Value, n)
	for i := range all {
		status := "HOT"
		if i%3 == 0 {
			status = "COLD"
		}
		all[i] = jsontext.Value(fmt.Sprintf(`{"activityStatus":%q,"name":"t%04d"}`, status, i))
	}
	return all
}

// Tenants take one request per 1000.
func TestRealTenants(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{})
	backup := backupOf(t,
		`{"class":"Many","vectorizer":"none","multiTenancyConfig":{"enabled":true}}`,
		`{"class":"Most","vectorizer":"none","multiTenancyConfig":{"enabled":true}}`)
	backup.Snapshots[0].Tenants, backup.Snapshots[1].Tenants = tenants(1000), tenants(2500)
	proxy := weaviatetest.NewProxy(t, server.URL)
	_, err := run(t, proxy.URL, backup, nil)
	require.NoError(t, err)
	assert.Equal(t, 1, count(proxy.Requests(), "POST /v1/schema/Many/tenants"))
	assert.Equal(t, 3, count(proxy.Requests(), "POST /v1/schema/Most/tenants"))

	client := connect(t, server.URL, "")
	for _, s := range backup.Snapshots {
		live, err := client.Tenants(t.Context(), s.Metadata.Collection)
		require.NoError(t, err)
		require.Len(t, live, len(s.Tenants))
		for i, tenant := range live {
			assert.JSONEq(t, string(s.Tenants[i]), string(tenant.Raw))
		}
	}
}

// A server that says yes and creates no tenant is found out.
func TestRealTenantsLost(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{})
	proxy := weaviatetest.NewProxy(t, server.URL)
	require.NoError(t, proxy.SetFaults(weaviatetest.Fault{Method: "POST", Path: "/v1/schema/*/tenants", Status: 200, Body: "[]"}))
	backup := backupOf(t, `{"class":"Shop","vectorizer":"none","multiTenancyConfig":{"enabled":true}}`)
	backup.Snapshots[0].Tenants = tenants(3)
	result, err := run(t, proxy.URL, backup, nil)
	require.ErrorContains(t, err, "its tenants are not those that were sent: tenants.t0000 lost, tenants.t0001 lost, tenants.t0002 lost")
	assert.Equal(t, 3, result.Differences)
	assert.Empty(t, digests(t, server.URL))
}

// Neither does one tenant that is missing from what is read back go unnoticed, nor
// one in another state.
func TestRealTenantsReadBack(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{})
	proxy := weaviatetest.NewProxy(t, server.URL)
	backup := backupOf(t, `{"class":"Shop","vectorizer":"none","multiTenancyConfig":{"enabled":true}}`)
	backup.Snapshots[0].Tenants = tenants(3)
	for shown, lost := range map[string]string{
		`[{"name":"t0000","activityStatus":"COLD"},{"name":"t0002","activityStatus":"HOT"}]`:                                           "tenants.t0001 lost",
		`[{"name":"t0000","activityStatus":"HOT"},{"name":"t0001","activityStatus":"HOT"},{"name":"t0002","activityStatus":"ACTIVE"}]`: "tenants.t0000 changed",
	} {
		require.NoError(t, proxy.SetFaults(weaviatetest.Fault{
			Method: "GET", Path: "/v1/schema/Shop/tenants", Times: 1, Status: 200, Body: shown,
			Header: map[string]string{"Content-Type": "application/json"},
		}))
		result, err := run(t, proxy.URL, backup, nil)
		require.ErrorContains(t, err, "its tenants are not those that were sent: "+lost)
		assert.Equal(t, 1, result.Differences)
		assert.Empty(t, digests(t, server.URL), "removed again")
	}
}

// Offloaded tenants can't be created: that is known before anything is written.
func TestRealTenantsOffloaded(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{})
	backup := backupOf(t, `{"class":"Shop","vectorizer":"none","multiTenancyConfig":{"enabled":true}}`)
	backup.Snapshots[0].Tenants = append(tenants(2), jsontext.Value(`{"name":"far","activityStatus":"FROZEN"}`))
	_, err := run(t, server.URL, backup, nil)
	require.ErrorIs(t, err, restore.ErrPlan)
	require.ErrorContains(t, err, "no tenant can be created in the state that 1 of its tenants had when it was saved (such as far, which was FROZEN)")
	assert.Empty(t, digests(t, server.URL))

	_, err = run(t, server.URL, backup, func(o *restore.Options) { o.Tenants = false })
	require.NoError(t, err)
	live, err := connect(t, server.URL, "").Tenants(t.Context(), "Shop")
	require.NoError(t, err)
	assert.Equal(t, []weaviate.Tenant{}, live)
}
