package snapshot_test

import (
	"path/filepath"
	"regexp"
	"strconv"
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
	assert.Equal(t, "diff_20240201_103000.md", snapshot.ReportName(started, 1))
	assert.Equal(t, "diff_20240201_103000_2.md", snapshot.ReportName(started, 2))
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

// The names that FileName and ManifestName give, as patterns.
var (
	manifestPattern = regexp.MustCompile(`^manifest(?:_(\d{8}_\d{6})(?:_(\d{1,6}))?)?\.json$`)
	snapshotPattern = regexp.MustCompile(`^[A-Z][0-9A-Za-z_-]*_schema(?:_(\d{8}_\d{6})(?:_(\d{1,6}))?)?\.json$`)
)

func FuzzParseName(f *testing.F) {
	for _, name := range []string{
		"Article_schema.json", "Article_schema_20240201_103000.json", "A_schema_20240201_103000_2.json", "manifest.json",
		"manifest_20240201_103000.json", "manifest_20240201_103000_12.json", "manifest_20240201_103000_1234567.json",
		"A_schema_schema_20240201_103000.json", "A_20240201_103000_schema.json", "_schema.json", "a_schema.json", "A_schema_20240201_103000_.json",
		"A_schema_20240201_103000_20240201_103000.json", "A_schema_2024020_1030000.json", "\xc3\x84_schema.json", "A\n_schema.json", "A-0123456789ab_schema.json",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, file string) {
		want := snapshot.Name{}
		for kind, pattern := range map[snapshot.Kind]*regexp.Regexp{snapshot.ManifestFile: manifestPattern, snapshot.SnapshotFile: snapshotPattern} {
			if match := pattern.FindStringSubmatch(file); match != nil {
				want = snapshot.Name{Kind: kind, Stamp: match[1], Try: 1}
				if match[2] != "" {
					var err error
					want.Try, err = strconv.Atoi(match[2])
					require.NoError(t, err)
				}
			}
		}
		require.Equal(t, want, snapshot.ParseName(file))
	})
}
