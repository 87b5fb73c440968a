package snapshot_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

func TestFileName(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("somewhere", 2*60*60)
	name, err := snapshot.FileName("UserDocuments", time.Date(2024, 2, 1, 12, 30, 0, 0, zone), 1)
	require.NoError(t, err)
	assert.Equal(t, "UserDocuments_schema_20240201_103000.json", name, "UTC")
	name, err = snapshot.FileName("UserDocuments", started, 3)
	require.NoError(t, err)
	assert.Equal(t, "UserDocuments_schema_20240201_103000_3.json", name)
	assert.Equal(t, "manifest_20240201_103000.json", snapshot.ManifestName(started, 1))
	assert.Equal(t, "manifest_20240201_103000_2.json", snapshot.ManifestName(started, 2))
}

func TestFileNameOfLongNames(t *testing.T) {
	t.Parallel()
	long := "A" + strings.Repeat("b", 254)
	one, err := snapshot.FileName(long, started, 1)
	require.NoError(t, err)
	assert.Len(t, one, 255)
	other, err := snapshot.FileName(long[:254]+"c", started, 1)
	require.NoError(t, err)
	assert.NotEqual(t, one, other, "names that differ only where they are cut stay apart")
	tenth, err := snapshot.FileName(long, started, 10)
	require.NoError(t, err)
	assert.Len(t, tenth, 255)
}

func TestFileNameRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "doc", "../Doc", "A/b", "A\x00", "A\n", "A" + strings.Repeat("b", 255)} {
		_, err := snapshot.FileName(bad, started, 1)
		require.ErrorContains(t, err, "not a name that Weaviate gives", bad)
	}
}

func FuzzFileName(f *testing.F) {
	f.Add("UserDocuments", int64(1706783400), 1)
	f.Add("A"+strings.Repeat("b", 254), int64(0), 12)
	f.Add("../../etc/passwd", int64(1), 2)
	plain := regexp.MustCompile(`^[A-Z][_0-9A-Za-z]*(-[0-9a-f]{12})?_schema_\d{8}_\d{6}(_\d+)?\.json$`)
	f.Fuzz(func(t *testing.T, collection string, seconds int64, try int) {
		if seconds < 0 || seconds > 250_000_000_000 {
			return // years beyond 9999 have five digits
		}
		name, err := snapshot.FileName(collection, time.Unix(seconds, 0), try)
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(name), 255)
		require.Regexp(t, plain, name)
		require.Equal(t, name, filepath.Base(name))
	})
}
