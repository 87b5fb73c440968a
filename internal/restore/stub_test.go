package restore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// A stub that somebody saved is no collection to restore: a later run would take it
// for its own, and delete it.
func TestSavedStub(t *testing.T) {
	t.Parallel()
	server := weaviatetest.NewFake(t)
	backup := backupOf(t, `{"class":"Novel","description":"`+schema.StubDescription+`"}`, `{"class":"Poem"}`)
	_, err := run(t, server.URL, backup, nil)
	require.ErrorIs(t, err, restore.ErrPlan)
	require.ErrorContains(t, err, "Novel: the backup has only the empty collection that an unfinished restore put in its place")
	assert.NotContains(t, server.Requests(), "POST /v1/schema")
	_, err = run(t, server.URL, backup, func(o *restore.Options) { o.Exclude, o.DryRun = []string{"Novel"}, true })
	assert.NoError(t, err)
}
