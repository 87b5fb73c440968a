package verify_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
)

// A folder stands for the newest manifest by its own time, whatever its name; of
// two at one time, for the later name.
func TestFolderStandsForTheNewestManifest(t *testing.T) {
	t.Parallel()
	good := golden(t)
	older := good.signed(t, func(m *snapshot.Manifest) {
		m.Timestamp = m.Timestamp.Add(-time.Hour)
		m.Snapshots, m.Aliases = nil, nil
	})[manifestFile]
	f := good.with("manifest_20990101_000000.json", older)
	assert.Equal(t, "backups/"+manifestFile, run(t, f, "backups").Manifest)
	assert.Empty(t, run(t, f, "backups").Findings, "other runs are no concern of this one")

	second := "manifest_20240201_103000_2.json"
	f = good.with(second, good[manifestFile])
	assert.Equal(t, "backups/"+second, run(t, f, "backups").Manifest)
	assert.Equal(t, "backups/"+manifestFile, run(t, f, "backups/"+manifestFile).Manifest)

	result := run(t, good.with(manifestFile, "{"), "backups")
	assert.Equal(t, []string{manifestFile}, filesOf(result))
	assert.Contains(t, result.NotChecked[0], "there is no manifest that can be relied on")
}

// A damaged manifest is one of the time in its name.
func TestFolderWithDamagedManifests(t *testing.T) {
	t.Parallel()
	good := golden(t)
	const older, newer, newest, beside = "manifest_20240201_102959.json", "manifest_20240201_103001.json", "manifest_20240201_103002.json", "manifest_20240201_103000_2.json"

	result := run(t, good.with(older, "{"), "backups")
	assert.Empty(t, result.Findings, "an earlier run is no concern of this one")
	assert.Equal(t, "backups/"+manifestFile, result.Manifest)
	require.Len(t, result.Warnings, 1)
	assert.Contains(t, result.Warnings[0], older+", of an earlier run, can't be relied on: ")

	result = run(t, good.with(newer, "{").with(newest, "").with(older, "{"), "backups")
	assert.Equal(t, []string{newer, newest}, filesOf(result))
	assert.Equal(t, "backups/"+newest, result.Manifest, "what was asked for is the newest run")
	assert.Empty(t, result.Collections)
	assert.Contains(t, result.NotChecked[0], "there is no manifest that can be relied on")

	result = run(t, good.with(beside, "{"), "backups")
	assert.Equal(t, []string{beside}, filesOf(result))
	assert.Equal(t, "backups/"+manifestFile, result.Manifest)
}

// A second run within the same second has a manifest of its own for its files.
func TestTwoRunsInOneSecond(t *testing.T) {
	t.Parallel()
	good := golden(t)
	second := "Author_schema_20240201_103000_2.json"
	other := good.signed(t, func(m *snapshot.Manifest) {
		m.Snapshots, m.Aliases = m.Snapshots[1:2], map[string]string{}
		m.Snapshots[0].File = second
	})[manifestFile]
	f := good.with(second, good[authorFile]).with("manifest_20240201_103000_2.json", other)
	assert.Empty(t, run(t, f, "backups/"+manifestFile).Findings)
	assert.Empty(t, run(t, f, "backups/manifest_20240201_103000_2.json").Findings)
}

func TestManifestUnderAnotherName(t *testing.T) {
	t.Parallel()
	good := golden(t)
	result := run(t, good.with("kept.json", good[manifestFile]), "backups/kept.json")
	assert.Empty(t, result.Findings)
	assert.Equal(t, "backups/kept.json", result.Manifest)
}

func TestSnapshotAlone(t *testing.T) {
	t.Parallel()
	good := golden(t)
	result := run(t, good, "backups/"+articleFile)
	assert.Empty(t, result.Findings)
	assert.Empty(t, result.Manifest)
	assert.Equal(t, []string{"Article"}, result.Collections)
	assert.Len(t, result.NotChecked, 2, "the run, the server")
	for _, f := range []folder{good.without(manifestFile), good.with(manifestFile, good[manifestFile][:1000])} {
		result = run(t, f, "backups/"+articleFile)
		assert.Empty(t, result.Findings)
		assert.Len(t, result.NotChecked, 3, "size and sum too")
	}
	for _, change := range [][2]string{{`"object_count": 250`, `"object_count": 251`}, {"\n}\n", "\n}\n\n"}} {
		result = run(t, good.replace(t, articleFile, change[0], change[1]), "backups/"+articleFile)
		require.NotEmpty(t, result.Findings)
		assert.Contains(t, result.Findings[0].Text, "as "+manifestFile+" says")
	}

	result = run(t, good.with("mine.json", good[articleFile]), "backups/mine.json")
	assert.Empty(t, result.Findings)
	assert.Contains(t, result.NotChecked[0], `The name "mine.json"`)

	for name, f := range map[string]folder{
		"of another collection": good.with(articleFile, good[authorFile]),
		"of another time":       good.replace(t, articleFile, "T10:30:00Z", "T10:30:01Z"),
		"edited":                good.replace(t, articleFile, "the headline", "the title"),
		"cut":                   good.with(articleFile, good[articleFile][:2000]),
		"no name":               good.with(articleFile, strings.ReplaceAll(good[articleFile], `"Article"`, `"../x"`)),
		"a key in capitals":     good.replace(t, articleFile, `"objects"`, `"Objects"`),
	} {
		assert.Equal(t, []string{articleFile}, filesOf(run(t, f, "backups/"+articleFile)), name)
	}
}

// Files that elysiactl wrote have no digest, no indent of ours, and a name in
// local time.
func TestFileOfElysiactl(t *testing.T) {
	t.Parallel()
	const text = `{"metadata": {"version": "1.0", "timestamp": "2024-02-01T10:30:00Z", "collection": "Doc", "type": "schema-only"},
		"schema": {"class": "Doc"}, "objects": []}`
	f := folder{"Doc_schema_20240201_123000.json": text, "Other_schema_20240201_123000.json": text}
	result := run(t, f, "backups/Doc_schema_20240201_123000.json")
	assert.Empty(t, result.Findings)
	require.Len(t, result.Notes, 1)
	assert.Contains(t, result.Notes[0], "nothing proves its content")
	result = run(t, f, "backups/Other_schema_20240201_123000.json")
	assert.Equal(t, []string{"Other_schema_20240201_123000.json"}, filesOf(result))
}

func TestFolderWithoutManifestChecksWhatIsThere(t *testing.T) {
	t.Parallel()
	f := golden(t).without(manifestFile).replace(t, shopFile, `"enabled": true`, `"enabled": false`)
	result := run(t, f, "backups")
	assert.Equal(t, []string{shopFile, "backups"}, filesOf(result))
	_, err := verify.Run(t.Context(), folder{"other.json": "{}"}, verify.Options{Path: "backups", Input: "backup-path"})
	require.EqualError(t, err, "backup-path: there is no manifest and no snapshot in backups")
}

func TestLive(t *testing.T) {
	t.Parallel()
	good := golden(t)
	var all []schema.Collection
	for _, name := range []string{articleFile, authorFile, shopFile} {
		s, err := snapshot.Decode([]byte(good[name]))
		require.NoError(t, err)
		c, err := schema.Parse(s.Schema)
		require.NoError(t, err)
		all = append(all, c)
	}
	differs, err := schema.Parse([]byte(strings.Replace(string(all[0].Raw), "the headline", "the title", 1)))
	require.NoError(t, err)
	upgraded, err := schema.Parse([]byte(strings.Replace(string(all[0].Raw), "{", `{"objectTtlConfig":{"enabled":false},`, 1)))
	require.NoError(t, err)
	both, err := schema.Parse([]byte(strings.Replace(string(differs.Raw), "{", `{"objectTtlConfig":{"enabled":false},`, 1)))
	require.NoError(t, err)
	async, err := schema.Parse(regexp.MustCompile(`"asyncEnabled": ?false`).ReplaceAll(all[0].Raw, []byte(`"asyncEnabled":true`)))
	require.NoError(t, err)
	derived := append([]schema.Collection{async}, all[1:]...)
	more := append(all[:3:3], schema.Collection{Name: "More", Raw: []byte(`{"class":"More"}`)})
	chosen := good.signed(t, func(m *snapshot.Manifest) { m.Completeness.Selection.Collections = []string{"*"} })
	excluding := good.signed(t, func(m *snapshot.Manifest) { m.Completeness.Selection.Excluded = []string{"Mo*"} })
	tests := []struct {
		name   string
		folder folder
		path   string
		live   live
		want   []string
		notes  int
	}{
		{"the same", good, "backups", live{collections: all}, nil, 0},
		{"one is gone", good, "backups", live{collections: all[:2]}, []string{shopFile + ": not-live"}, 0},
		{"one differs", good, "backups", live{collections: append([]schema.Collection{differs}, all[1:]...)}, []string{articleFile + ": differs"}, 0},
		{"one with what a newer server adds", good, "backups", live{collections: append([]schema.Collection{upgraded}, all[1:]...)}, nil, 1},
		{"one with that, and different", good, "backups", live{collections: append([]schema.Collection{both}, all[1:]...)}, []string{articleFile + ": differs"}, 0},
		{"what a server since 1.38 derives", good, "backups", live{collections: derived, version: "1.38.0"}, nil, 1},
		{"the same of an older server", good, "backups", live{collections: derived, version: "1.37.17"}, []string{articleFile + ": differs"}, 0},
		{"one more", good, "backups", live{collections: more}, []string{manifestFile + ": unsaved"}, 0},
		{"one more than chosen", chosen, "backups", live{collections: more}, nil, 1},
		{"one more that was excluded", excluding, "backups", live{collections: more}, nil, 0},
		{"one of many", good, "backups/" + shopFile, live{collections: more}, nil, 0},
	}
	for _, tt := range tests {
		result, err := verify.Run(t.Context(), tt.folder, verify.Options{Path: tt.path, Connect: tt.live.connect})
		require.NoError(t, err, tt.name)
		var got []string
		for _, finding := range result.Findings {
			got = append(got, finding.File+": "+string(finding.Kind))
		}
		assert.Equal(t, tt.want, got, tt.name)
		assert.Len(t, result.Notes, tt.notes, tt.name)
	}

	_, err = verify.Run(t.Context(), good, verify.Options{Path: "backups", Connect: live{collections: all[:2], hides: true}.connect})
	require.ErrorIs(t, err, verify.ErrRights, "what is hidden is not gone")
	down := errors.New("connection refused")
	result, err := verify.Run(t.Context(), good.without(shopFile), verify.Options{Path: "backups", Connect: live{err: down}.connect})
	require.NoError(t, err, "what is wrong with the files is the verdict")
	assert.Equal(t, []string{shopFile}, filesOf(result))
	assert.Contains(t, result.NotChecked, "Whether the server has this schema: read the schema: connection refused.")
	result, err = verify.Run(t.Context(), good, verify.Options{Path: "backups", Connect: live{err: down}.connect})
	require.ErrorIs(t, err, down)
	assert.True(t, result.Checked && result.Whole())

	_, err = verify.Run(t.Context(), good, verify.Options{Path: "backups", Connect: live{collections: append([]schema.Collection{differs}, all[1:]...), versionErr: down}.connect})
	require.ErrorIs(t, err, down)

	// What a key does not show may be more than the backup of all collections has.
	some := live{collections: all, hides: true}
	result, err = verify.Run(t.Context(), good, verify.Options{Path: "backups", Connect: some.connect})
	require.ErrorIs(t, err, verify.ErrRights)
	assert.Empty(t, result.Source)
	named := good.signed(t, func(m *snapshot.Manifest) {
		m.Completeness.Selection.Collections = []string{"Article", "Author", "Shop"}
	})
	result, err = verify.Run(t.Context(), named, verify.Options{Path: "backups", Connect: some.connect})
	require.NoError(t, err)
	assert.Len(t, result.NotChecked, 2)
	// What is wrong for certain is told all the same.
	some.collections = append([]schema.Collection{differs}, all[1:]...)
	result, err = verify.Run(t.Context(), good, verify.Options{Path: "backups", Connect: some.connect})
	require.NoError(t, err)
	assert.Equal(t, []string{articleFile}, filesOf(result))
}

// A run that is stopped says so, and nothing of what it had not looked at.
func TestStopped(t *testing.T) {
	t.Parallel()
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	_, err := verify.Run(ctx, golden(t), verify.Options{Path: "backups"})
	require.ErrorIs(t, err, stopped)
}

// The age is that of the manifest, else of the newest snapshot.
func TestAge(t *testing.T) {
	t.Parallel()
	good := golden(t)
	saved := time.Date(2024, 2, 1, 10, 30, 0, 0, time.UTC)
	for _, path := range []string{"backups", "backups/" + shopFile} {
		for age, stale := range map[time.Duration]bool{-time.Hour: true, -time.Minute: false, 36 * time.Hour: false, 36*time.Hour + time.Second: true} {
			result, err := verify.Run(t.Context(), good, verify.Options{Path: path, MaxAge: 36 * time.Hour, Now: saved.Add(age)})
			require.NoError(t, err)
			assert.Equal(t, stale, len(result.Findings) == 1, "%s, %s", path, age)
			assert.True(t, result.Whole())
			switch {
			case stale && age < 0:
				assert.Equal(t, "saved at 2024-02-01 10:30:00 UTC, which is still to come: by a wrong clock, and it hides whatever fails until then", result.Findings[0].Text)
			case stale:
				assert.Equal(t, "saved at 2024-02-01 10:30:00 UTC, 36h0m1s ago, and max-age is 36h0m0s: the runs since then have failed, were not kept, or had nothing to change",
					result.Findings[0].Text)
			}
		}
	}
	result, err := verify.Run(t.Context(), good.without(shopFile), verify.Options{Path: "backups", MaxAge: time.Hour, Now: saved.Add(2 * time.Hour)})
	require.NoError(t, err)
	assert.Len(t, result.Findings, 2)
	assert.False(t, result.Whole())
}
