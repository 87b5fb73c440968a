package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
)

func TestGoldenRunIsWhole(t *testing.T) {
	t.Parallel()
	result := run(t, golden(t), "backups")
	assert.Empty(t, result.Findings)
	assert.Equal(t, "backups/"+manifestFile, result.Manifest)
	assert.Equal(t, []string{"Article", "Author", "Shop"}, result.Collections)
	assert.Equal(t, []string{"Whether a server still has this schema: no weaviate-url was given."}, result.NotChecked)
	assert.Empty(t, result.Notes)
}

// One bit is flipped: in every byte of the manifest and of one snapshot, each bit
// in turn by position; in every seventh byte of the others.
func TestEveryFlippedBitIsFound(t *testing.T) {
	t.Parallel()
	good := golden(t)
	cases := 0
	for name, text := range good {
		step := 7
		if name == manifestFile || name == articleFile {
			step = 1
		}
		for i := 0; i < len(text); i += step {
			data := []byte(text)
			data[i] ^= 1 << (i % 8)
			cases++
			require.Equal(t, []string{name}, filesOf(run(t, good.with(name, string(data)), "backups")), "byte %d, bit %d", i, i%8)
		}
	}
	t.Logf("%d flipped bits", cases)
	assert.Greater(t, cases, 7000)
}

func TestEveryCutIsFound(t *testing.T) {
	t.Parallel()
	good := golden(t)
	cases := 0
	for name, text := range good {
		lengths := []int{len(text) - 1, len(text) - 2}
		for i := 0; i < len(text); i += 64 {
			lengths = append(lengths, i)
		}
		for _, length := range lengths {
			cases++
			require.Equal(t, []string{name}, filesOf(run(t, good.with(name, text[:length]), "backups")), "cut at %d", length)
		}
	}
	t.Logf("%d cuts", cases)
	assert.Greater(t, cases, 190)
}

// White space does not change what JSON means, and is found nevertheless.
func TestEveryChangeOfWhiteSpaceIsFound(t *testing.T) {
	t.Parallel()
	good := golden(t)
	for name, text := range good {
		for what, changed := range map[string]string{
			"one more line feed": text + "\n",
			"a blank in front":   " " + text,
			"tabs":               strings.ReplaceAll(text, "  ", "\t"),
			"CRLF":               strings.ReplaceAll(text, "\n", "\r\n"),
			"a blank":            strings.Replace(text, ": ", ":  ", 1),
			"no indent":          strings.ReplaceAll(text, "\n  ", "\n"),
		} {
			result := run(t, good.with(name, changed), "backups")
			assert.Equal(t, []string{name}, filesOf(result), what)
			assert.Equal(t, what == "CRLF", strings.HasPrefix(result.Findings[0].Text, "its lines end in CRLF now"), what)
		}
	}
}

// Each case is damage that leaves every file good JSON.
func TestEveryMixUpIsFound(t *testing.T) {
	t.Parallel()
	good := golden(t)
	other := good.replace(t, articleFile, "the headline", "the title")
	extra := "Author_schema_20240201_103000_2.json"
	digest := digestIn(good[articleFile])
	tests := []struct {
		name   string
		folder folder
		want   []string // "file: kind"
	}{
		{
			"swapped files", good.with(articleFile, good[authorFile]).with(authorFile, good[articleFile]),
			[]string{articleFile + ": damaged", articleFile + ": mismatch", authorFile + ": damaged", authorFile + ": mismatch"},
		},
		{
			"a file of another run", good.replace(t, authorFile, "T10:30:00Z", "T10:30:01Z"),
			[]string{authorFile + ": damaged", authorFile + ": mismatch"},
		},
		{
			"a file of another run, resigned", good.replace(t, authorFile, "T10:30:00Z", "T10:30:01Z").resigned(t, authorFile),
			[]string{authorFile + ": mismatch"},
		},
		{
			"a count edited", good.replace(t, articleFile, `"object_count": 250`, `"object_count": 251`),
			[]string{articleFile + ": damaged", articleFile + ": mismatch"},
		},
		{
			"a count edited, resigned", good.replace(t, articleFile, `"object_count": 250`, `"object_count": 251`).resigned(t, articleFile),
			[]string{articleFile + ": mismatch"},
		},
		{
			"a count edited in the manifest", good.replace(t, manifestFile, `"object_count": 250`, `"object_count": 251`),
			[]string{manifestFile + ": damaged"},
		},
		{
			"a count edited in a signed manifest", good.signed(t, func(m *snapshot.Manifest) { *m.Snapshots[0].Objects++ }),
			[]string{articleFile + ": mismatch"},
		},
		{"an absent file", good.without(shopFile), []string{shopFile + ": missing"}},
		{"an absent manifest", good.without(manifestFile), []string{"backups: missing"}},
		{"an extra file", good.with(extra, good[authorFile]), []string{extra + ": extra"}},
		{
			"a renamed file", good.without(shopFile).with("Store_schema_20240201_103000.json", good[shopFile]),
			[]string{shopFile + ": missing", "Store_schema_20240201_103000.json: extra"},
		},
		{
			"a renamed manifest", good.without(manifestFile).with("manifest_20240201_103001.json", good[manifestFile]),
			[]string{"manifest_20240201_103001.json: mismatch"},
		},
		{
			"a duplicate key, resigned", good.replace(t, articleFile, `"class": "Article",`, `"class": "Article", "class": "Article",`).resigned(t, articleFile),
			[]string{articleFile + ": malformed"},
		},
		{
			"a digest edited, resigned", good.replace(t, articleFile, digest, strings.Replace(digest, digest[7:8], "x", 1)).resigned(t, articleFile),
			[]string{articleFile + ": damaged", articleFile + ": malformed"},
		},
		{
			"a schema edited, resigned", other.resigned(t, articleFile),
			[]string{articleFile + ": damaged", articleFile + ": mismatch"},
		},
		{
			"an alias edited, resigned", good.replace(t, articleFile, `"Texts"`, `"Wrong"`).resigned(t, articleFile),
			[]string{articleFile + ": mismatch"},
		},
		{
			"an alias of nothing", good.signed(t, func(m *snapshot.Manifest) { m.Aliases["More"] = "Nothing" }),
			[]string{manifestFile + ": mismatch"},
		},
		{
			"another version, resigned", good.replace(t, articleFile, `"version": "1.0"`, `"version": "1.1"`).resigned(t, articleFile),
			[]string{articleFile + ": malformed"},
		},
		{
			"a type of tenants that is none, resigned", good.replace(t, shopFile, `"name": "t1"`, `"name": 1`).resigned(t, shopFile),
			[]string{shopFile + ": malformed"},
		},
		{
			"a collection twice", good.signed(t, func(m *snapshot.Manifest) { m.Snapshots = append(m.Snapshots, m.Snapshots[0]) }),
			[]string{manifestFile + ": mismatch"},
		},
		{
			"a file of another name", good.with("x.json", good[shopFile]).signed(t, func(m *snapshot.Manifest) { m.Snapshots[2].File = "x.json" }),
			[]string{shopFile + ": extra", manifestFile + ": mismatch"},
		},
		{
			"a size that is none", good.signed(t, func(m *snapshot.Manifest) { m.Snapshots[2].Bytes = 0 }),
			[]string{shopFile + ": damaged", manifestFile + ": malformed"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result := run(t, tt.folder, "backups")
			kinds := map[string]bool{}
			for _, finding := range result.Findings {
				kinds[finding.File+": "+string(finding.Kind)] = true
			}
			want := map[string]bool{}
			for _, kind := range tt.want {
				want[kind] = true
			}
			assert.Equal(t, want, kinds, "%v", result.Findings)
		})
	}
	t.Logf("%d mix-ups", len(tests))
}

// digestIn is the schema digest in a snapshot's text.
func digestIn(text string) string {
	_, rest, _ := strings.Cut(text, `"schema_digest": "`)
	digest, _, _ := strings.Cut(rest, `"`)
	return digest
}

// A manifest can't make the program open anything but files beside it.
func TestNamesThatArePathsAreNeverOpened(t *testing.T) {
	t.Parallel()
	good := golden(t)
	for _, name := range []string{"../x.json", "/etc/passwd", "a/b.json", `a\b.json`, "..", ".", "", "a\x00.json"} {
		result := run(t, good.signed(t, func(m *snapshot.Manifest) { m.Snapshots[0].File = name }), "backups")
		var unsafe []string
		for _, finding := range result.Findings {
			if finding.Kind == verify.Unsafe {
				unsafe = append(unsafe, finding.File+" "+finding.Text)
			}
		}
		require.Len(t, unsafe, 1, name)
		assert.Contains(t, unsafe[0], manifestFile+" it lists the file "+fmt.Sprintf("%q", name))
	}
}
