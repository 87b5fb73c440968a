package restore_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// What a backup does not have is compared with nothing, and that is told.
func TestSkipWithoutTenants(t *testing.T) {
	t.Parallel()
	server := weaviatetest.NewFake(t)
	backup := take(t, server.URL)
	for i := range backup.Snapshots {
		backup.Snapshots[i].Tenants = nil
	}
	const want = "Shop: its tenants were not compared: they are not in the backup"
	for _, tenants := range []bool{true, false} {
		result, err := run(t, server.URL, backup, func(o *restore.Options) { o.OnExisting, o.Tenants = restore.OnExistingSkip, tenants })
		require.NoError(t, err)
		assert.Equal(t, tenants, slices.Contains(result.Report.Notes, want), result.Report.Notes)
	}
}

// What is not brought is told: with a warning where it was asked for and is not in the
// backup, and with a note where the backup has it and nobody asked for it.
func TestNotRestored(t *testing.T) {
	t.Parallel()
	source, target := weaviatetest.NewFake(t), weaviatetest.NewFake(t)
	backup := take(t, source.URL)
	plan := func(tenants, aliases bool) restore.Result {
		result, err := run(t, target.URL, backup, func(o *restore.Options) {
			o.DryRun, o.Template, o.Tenants, o.Aliases = true, "{name}_new", tenants, aliases
		})
		require.NoError(t, err)
		return result
	}
	left := plan(false, false)
	assert.Empty(t, left.Warnings)
	assert.Equal(t, []string{"restore-tenants: false leaves out 3 tenants of the backup", "restore-aliases: false leaves out 1 alias of the backup"}, left.NotRestored)
	assert.Subset(t, left.Report.Notes, left.NotRestored)

	for i := range backup.Snapshots {
		backup.Snapshots[i].Tenants, backup.Snapshots[i].Aliases = nil, nil
	}
	missing := plan(true, true)
	assert.Equal(t, []string{
		"Shop_new: its tenants are not in the backup, so none of them was restored",
		"the aliases of 3 collections are not in the backup, so none of them was restored",
	}, missing.Warnings)
	assert.Equal(t, missing.Warnings, missing.NotRestored)
	assert.Empty(t, plan(false, false).NotRestored)
}
