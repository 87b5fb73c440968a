package restore_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// A replication factor of 0, as definitions have that people write, stands for what
// the server has: the collection is restored, and one that is there is the same.
func TestRealFactorOfZero(t *testing.T) {
	t.Parallel()
	for version := range strings.SplitSeq(*olders+","+*newer, ",") {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			testFactorOfZero(t, weaviatetest.Run(t, weaviatetest.Options{Version: version}))
		})
	}
}

func testFactorOfZero(t *testing.T, server *weaviatetest.Server) {
	t.Helper()
	result, err := run(t, server.URL, backupOf(t, `{"class":"Doc","description":"old","replicationConfig":{"factor":0}}`), nil)
	require.NoError(t, err)
	require.Zero(t, result.Differences)

	shown := server.MustRequest(t, "GET", "/v1/schema/Doc", nil)
	wanted := bytes.Replace(shown, []byte(`"factor":1`), []byte(`"factor":0`), 1)
	require.NotEqual(t, string(wanted), string(shown))
	for _, description := range []string{"old", "new"} {
		wanted = bytes.Replace(wanted, []byte(`"old"`), []byte(`"`+description+`"`), 1)
		result, err = run(t, server.URL, backupOf(t, string(wanted)), func(o *restore.Options) { o.OnExisting = restore.OnExistingUpdate })
		require.NoError(t, err)
		assert.Zero(t, result.Differences)
		assert.Len(t, result.Restored, map[string]int{"old": 0, "new": 1}[description])
	}
}
