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
