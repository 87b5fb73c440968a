package faulttest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/scripttest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// original is a server's backup that nothing disturbed.
type original struct {
	files   map[string]string
	outputs map[string]string
}

// backup runs the command of that name in a folder of its own.
func backup(t *testing.T, url string, more ...string) finished {
	t.Helper()
	return program(t, t.TempDir(), append([]string{"backup", "--weaviate-url", url}, more...)...)
}

// undisturbed takes the backup that all others are held against.
func undisturbed(t *testing.T, url string) original {
	t.Helper()
	run := backup(t, url, limits("1", long)...)
	require.Zero(t, run.code, run.log)
	return original{files: files(t, run.folder), outputs: run.Outputs}
}

// judge says what came of a backup, and fails the test where it is not what was
// wanted, or none of what a backup may come to.
func (o original) judge(t *testing.T, run finished, want outcome, says string) outcome {
	t.Helper()
	got := o.result(t, run, says)
	if want != either {
		assert.Equal(t, want, got, run.log)
	}
	return got
}

func (o original) result(t *testing.T, run finished, says string) outcome {
	t.Helper()
	if run.code != action.ExitDone {
		assertFailure(t, run, says)
		assert.Empty(t, run.Outputs)
		assert.Empty(t, files(t, run.folder), "a failed run left files")
		return fails
	}
	verified := program(t, run.folder, "verify", "--backup-path", "backups")
	assert.Zero(t, verified.code, verified.log)

	got := files(t, run.folder)
	result := recovers
	require.Len(t, got, len(o.files))
	for name, want := range o.files {
		switch {
		case strings.Contains(name, "/manifest_"):
			continue // of it below
		case got[name] != want:
			assertUncounted(t, want, got[name], name)
			result = uncounted
		}
	}
	for name, want := range o.files {
		if strings.Contains(name, "/manifest_") && result == recovers {
			assert.Equal(t, scripttest.Stable(want), scripttest.Stable(got[name]), name)
			assert.Equal(t, o.outputs, run.Outputs)
		}
	}
	if result == uncounted {
		assert.Empty(t, run.Outputs["object-count"])
		assert.NotEqual(t, "exact", run.Outputs["object-count-status"])
		assert.Contains(t, run.log, "could not be counted")
		assert.Equal(t, o.outputs["schema-digest"], run.Outputs["schema-digest"])
	}
	return result
}

// assertUncounted says that a snapshot differs from what it should be by its
// count only, and that the count is not known, for a reason.
func assertUncounted(t *testing.T, wanted, given, name string) {
	t.Helper()
	want, err := snapshot.Decode([]byte(wanted))
	require.NoError(t, err)
	got, err := snapshot.Decode([]byte(given))
	require.NoError(t, err, name)
	assert.Nil(t, got.Metadata.Objects, name)
	assert.NotEmpty(t, got.Metadata.Reason, name)
	if got.Metadata.AtLeast != nil && want.Metadata.Objects != nil {
		assert.LessOrEqual(t, *got.Metadata.AtLeast, *want.Metadata.Objects, name)
	}
	got.Metadata.Count = want.Metadata.Count
	assert.Equal(t, want, got, name)
}

// A backup through any fault of the connection is the same as without it, or
// there is none. Of counts alone it may say that they are not known.
func TestBackupToxicFaults(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{})
	fill(t, server)
	want := undisturbed(t, server.URL)
	upstream, downstream := measure(t, server.URL, func(url string) { undisturbed(t, url) })
	var came tally
	t.Cleanup(func() { t.Logf("%d bytes to the server, %d from it: %s", upstream, downstream, &came) })
	for _, x := range allToxics(upstream, downstream) {
		t.Run(x.String(), func(t *testing.T) {
			t.Parallel()
			run := backup(t, x.poison(t, server.URL), limits("5", x.limit)...)
			came.add(want.judge(t, run, x.want, x.says))
		})
	}
}

// fill gives a server collections of many kinds, some of which refer to others,
// objects, tenants and aliases.
func fill(t *testing.T, server *weaviatetest.Server) {
	t.Helper()
	text := map[string]any{"name": "title", "dataType": []string{"text"}}
	for i := range 8 {
		properties := []any{text}
		for j := range 6 {
			properties = append(properties, map[string]any{
				"name": fmt.Sprintf("part%d", j), "dataType": []string{"text"}, "description": strings.Repeat("what it is; ", 20),
			})
		}
		server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": fmt.Sprintf("Plain%d", i), "properties": properties})
	}
	server.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": "Shop", "multiTenancyConfig": map[string]any{"enabled": true}})
	var tenants []weaviatetest.Tenant
	for i := range 60 {
		tenants = append(tenants, weaviatetest.Tenant{Name: fmt.Sprintf("tenant%02d", i)})
	}
	server.AddTenants(t, "Shop", tenants...)
	server.InsertObjects(t, "Plain0", "", 30)
	server.InsertObjects(t, "Shop", "tenant00", 3)
	for i := range 8 {
		server.MustRequest(t, "POST", "/v1/aliases", map[string]any{"alias": fmt.Sprintf("Alias%d", i), "class": fmt.Sprintf("Plain%d", i)})
	}
}
