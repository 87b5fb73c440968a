package backup_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/backup"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// from runs against a fake server with faults.
func from(t *testing.T, options backup.Options, faults ...weaviatetest.Fault) (backup.Result, string, []string, error) {
	t.Helper()
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.Faults = faults })
	result, workspace, err := run(t, server.URL, "", options)
	return result, workspace, server.Requests(), err
}

func names(result backup.Result) []string {
	var all []string
	for _, saved := range result.Collections {
		all = append(all, saved.Name)
	}
	return all
}

func TestSelection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		include, exclude []string
		want             []string
		err              string
	}{
		"all":                     {nil, nil, []string{"Article", "Author", "Shop"}, ""},
		"one":                     {[]string{"Shop"}, nil, []string{"Shop"}, ""},
		"a glob":                  {[]string{"A*"}, nil, []string{"Article", "Author"}, ""},
		"a glob and a name in it": {[]string{"A*", "Article"}, nil, []string{"Article", "Author"}, ""},
		"all but":                 {nil, []string{"A*"}, []string{"Shop"}, ""},
		"a glob but":              {[]string{"A*"}, []string{"Author"}, []string{"Article"}, ""},
		"exclude that fits none":  {nil, []string{"Zz*"}, []string{"Article", "Author", "Shop"}, ""},
		"nothing left":            {[]string{"Shop"}, []string{"S*"}, nil, "exclude-collections (S*) takes away every collection that was chosen"},
		"missing":                 {[]string{"Shop", "Shops", "Nobody"}, nil, nil, "no collection Shops (did you mean Shop?); no collection Nobody"},
		"another case":            {[]string{"shop"}, nil, nil, "no collection shop (did you mean Shop?)"},
		"an alias":                {[]string{"Texts"}, nil, nil, "Texts is an alias of Article: name the collection"},
		"a glob that fits none":   {[]string{"Zz*"}, nil, nil, "no collection fits Zz*"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := everything()
			options.Collections, options.Exclude = test.include, test.exclude
			result, workspace, _, err := from(t, options)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				noFiles(t, workspace)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, names(result))
			assert.Len(t, readBack(t, workspace, result), len(test.want))
		})
	}
}

func TestEmptyServer(t *testing.T) {
	t.Parallel()
	_, workspace, _, err := from(t, everything(), weaviatetest.Fault{Path: "/v1/schema", Body: `{"classes":[]}`})
	require.ErrorContains(t, err, "the server has no collections at all")
	noFiles(t, workspace)
}

func TestCounts(t *testing.T) {
	t.Parallel()
	counts := func(options backup.Options, faults ...weaviatetest.Fault) (objects map[string]string, requests []string) {
		result, _, requests, err := from(t, options, faults...)
		require.NoError(t, err)
		objects = make(map[string]string)
		for _, saved := range result.Collections {
			switch count := saved.Count; {
			case count.Objects != nil:
				objects[saved.Name] = fmt.Sprint(*count.Objects)
			case count.AtLeast != nil:
				objects[saved.Name] = fmt.Sprint("at least ", *count.AtLeast)
			}
		}
		return objects, requests
	}
	got, _ := counts(everything())
	assert.Equal(t, map[string]string{"Article": "250", "Author": "7", "Shop": "at least 5"}, got, "a tenant is cold")

	got, _ = counts(everything(), weaviatetest.Fault{Path: "/v1/graphql", Status: 403})
	assert.Empty(t, got)

	options := everything()
	options.CountObjects = false
	got, requests := counts(options)
	assert.Empty(t, got)
	assert.NotContains(t, requests, "POST /v1/graphql")
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	options := everything()
	options.DryRun = true
	result, workspace, _, err := from(t, options)
	require.NoError(t, err)
	noFiles(t, workspace)
	assert.Equal(t, "backups/Article_schema_20240201_103000.json", result.Collections[0].Path)
	assert.Empty(t, result.Manifest)
	assert.Len(t, result.Collections, 3)
	assert.True(t, result.Report.DryRun)
}

// 2 requests and one per 100 counts are the work; the others find out what the
// key may read, and what else there is.
func TestRequests(t *testing.T) {
	t.Parallel()
	_, _, requests, err := from(t, everything())
	require.NoError(t, err)
	assert.Equal(t, []string{
		"GET /v1/meta",
		"GET /v1/users/own-info",
		"GET /v1/schema/WeaviateBackupActionReadsAll",
		"GET /v1/schema",
		"GET /v1/schema/Shop/tenants",
		"GET /v1/aliases",
		"GET /v1/.well-known/ready",
		"POST /v1/graphql",
	}, requests)
}

// A collection that is deleted while the run goes on costs its own count, or its
// tenants, and the files say so.
func TestVanishedCollections(t *testing.T) {
	t.Parallel()
	gone := weaviatetest.Fault{Path: "/v1/schema/Shop", Status: 404}
	result, workspace, _, err := from(t, everything(), gone, weaviatetest.Fault{Path: "/v1/schema/Shop/tenants", Status: 404})
	require.NoError(t, err)
	snapshots := readBack(t, workspace, result)
	assert.Nil(t, snapshots["Shop"].Tenants)
	assert.Nil(t, snapshots["Shop"].Metadata.Objects)
	assert.Contains(t, snapshots["Shop"].Metadata.Reason, "404 Not Found")
	assert.Equal(t, int64(250), *snapshots["Article"].Metadata.Objects)
	assert.Contains(t, strings.Join(result.Report.NotSaved, "\n"), "Tenants of Shop: it seems to have been deleted")

	result, workspace, _, err = from(t, everything(), weaviatetest.Fault{
		Path: "/v1/graphql", Contains: "Author",
		Body: `{"errors":[{"message":"Cannot query field \"Author\" on type \"AggregateObjectsObj\"."}]}`,
	})
	require.NoError(t, err)
	snapshots = readBack(t, workspace, result)
	assert.Equal(t, `Cannot query field "Author" on type "AggregateObjectsObj".`, snapshots["Author"].Metadata.Reason)
	assert.Equal(t, int64(250), *snapshots["Article"].Metadata.Objects)
}

// A refusal of the tenants of a collection that is there is no sign that it went.
func TestTenantsRefused(t *testing.T) {
	t.Parallel()
	for _, refusal := range []weaviatetest.Fault{
		{Status: 404, Body: "404 page not found"},
		{Status: 404},
		{Status: 422, Body: `{"error":[{"message":"leader not found"}]}`},
		{Status: 422, Body: `{"error":[{"message":"no"}]}`},
	} {
		refusal.Path = "/v1/schema/Shop/tenants"
		_, workspace, _, err := from(t, everything(), refusal)
		require.ErrorContains(t, err, "read the tenants of Shop: GET ")
		noFiles(t, workspace)
	}
}

// What can't be read fails the run, whatever it is.
func TestReadsThatFail(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/v1/meta":           "read the server's version: GET ",
		"/v1/users/own-info": "read what the key may do: GET ",
		"/v1/schema/WeaviateBackupActionReadsAll": "find out whether the key may read every collection: GET ",
		"/v1/schema":              "read the schema: GET ",
		"/v1/schema/Shop/tenants": "read the tenants of Shop: GET ",
		"/v1/aliases":             "read the aliases: GET ",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			_, workspace, _, err := from(t, everything(), weaviatetest.Fault{Path: path, Status: 500})
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, "(3 attempts): 500 Internal Server Error")
			noFiles(t, workspace)
		})
	}
}

// Tenants that are read for their counts alone are not worth the run.
func TestTenantsThatCanNotBeCounted(t *testing.T) {
	t.Parallel()
	options := everything()
	options.IncludeTenants = false
	result, workspace, _, err := from(t, options, weaviatetest.Fault{Path: "/v1/schema/Shop/tenants", Status: 500})
	require.NoError(t, err)
	count := readBack(t, workspace, result)["Shop"].Metadata.Count
	assert.Nil(t, count.Objects)
	assert.Contains(t, count.Reason, "500 Internal Server Error")
}

func TestServersWithoutAliases(t *testing.T) {
	t.Parallel()
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.Aliases = nil })
	result, workspace, err := run(t, server.URL, "", everything())
	require.NoError(t, err)
	assert.Nil(t, readBack(t, workspace, result)["Article"].Aliases)
}

// Weaviate 1.28 has roles and no way to ask for them: what it may have filtered
// is said to be unknown.
func TestServersThatHaveRolesAndTellNothing(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{"1.27.0": false, "1.28.4": true} {
		server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.Version = version })
		result, workspace, err := run(t, server.URL, "", everything())
		require.NoError(t, err)
		text := strings.Join(result.Report.NotSaved, "\n")
		assert.Equal(t, want, strings.Contains(text, "tenants that the key may not read, if there are any"), version)
		count := readBack(t, workspace, result)["Shop"].Metadata.Count
		assert.Equal(t, want, strings.Contains(count.Reason, "the server does not tell whether the key may read all of its tenants"), version)
		assert.Nil(t, count.Objects)
	}
}
