package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
)

// summaryCap is the size above which the step summary would be cut, in bytes.
const summaryCap = 900 * 1024

// many is a backup of n collections, each name drawn out by suffix.
func many(n int, suffix string) report.Backup {
	b := base()
	for i := range n {
		name := fmt.Sprintf("C%05d%s", i, suffix)
		b.Collections = append(b.Collections, report.Collection{
			Name: name, Objects: exactly(int64(i)), Properties: 10, ReplicationFactor: 1, Vectors: []string{"title", "body"},
			File: name + "_schema_20260201_103000.json", Bytes: 1000,
		})
	}
	return b
}

// tableRows counts the rows of the table of collections.
func tableRows(markdown string) int { return strings.Count(markdown, "\n| `C") }

func TestMarkdownOf3000CollectionsIsWhole(t *testing.T) {
	t.Parallel()
	markdown := many(3000, "").Markdown()
	assert.Less(t, len(markdown), summaryCap)
	assert.Equal(t, 3000, tableRows(markdown))
	assert.NotContains(t, markdown, " more\n")
}

func TestMarkdownIsCutAtARow(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]report.Backup{
		"long names":       many(3000, strings.Repeat("x", 240)),
		"many collections": many(20_000, ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			markdown := b.Markdown()
			assert.Less(t, len(markdown), summaryCap)
			assert.Greater(t, len(markdown), summaryCap-10_000, "the room is used")
			shown := tableRows(markdown)
			left := strings.ReplaceAll(regexp.MustCompile(`\n\nand ([\d,]+) more\n`).FindStringSubmatch(markdown)[1], ",", "")
			assert.Equal(t, fmt.Sprint(len(b.Collections)-shown), left)
			assert.Contains(t, markdown, "### Restore", "what follows the table is kept")
			for line := range strings.Lines(markdown) {
				if strings.HasPrefix(line, "|") {
					assert.True(t, strings.HasSuffix(line, "|\n"), "half a row: %s", line)
				}
			}
		})
	}
}

func TestMarkdownOfHostileBulkIsUnderTheCap(t *testing.T) {
	t.Parallel()
	bulk := strings.Repeat(evil, 50)
	b := base()
	b.ServerVersion, b.Tool = bulk, bulk
	b.Source, b.ManifestPath = strings.Repeat("<", summaryCap), strings.Repeat("x", summaryCap)
	b.Directory = b.ManifestPath
	b.Aliases = make(map[string]string)
	for i := range 3000 {
		name := fmt.Sprint(i) + bulk
		b.Collections = append(b.Collections, report.Collection{
			Name: name, Objects: report.Count{Reason: bulk}, Vectors: strings.Split(strings.Repeat("<v>,", 5000), ","), File: name,
		})
		b.Aliases[name] = name
		b.NotSaved = append(b.NotSaved, bulk)
	}
	for i := range 40 {
		b.References = append(b.References, report.Reference{From: fmt.Sprint(i) + bulk, Property: bulk, To: fmt.Sprint(i+1) + bulk})
	}
	markdown := b.Markdown()
	assert.Less(t, len(markdown), summaryCap)
	assert.Contains(t, markdown, "and 4,991 more", "the vectors of a row")
	assert.Contains(t, markdown, "40 references among 41 collections: too many for a diagram.")
	assert.NotContains(t, markdown, "mermaid")
}

func TestDiagramLimits(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		nodes, edges int
		drawn        bool
	}{
		{"50 collections", 50, 50, true},
		{"51 collections", 51, 51, false},
		{"500 references", 50, 500, true},
		{"501 references", 50, 501, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := many(200, "")
			for i := range tc.edges {
				b.References = append(b.References, report.Reference{
					From: b.Collections[i%tc.nodes].Name, Property: fmt.Sprintf("p%d", i), To: b.Collections[(i+1)%tc.nodes].Name,
				})
			}
			markdown := b.Markdown()
			note := fmt.Sprintf("%d references among %d collections: too many for a diagram.", tc.edges, tc.nodes)
			assert.Equal(t, tc.drawn, strings.Contains(markdown, "```mermaid\nflowchart LR\n"))
			assert.Equal(t, !tc.drawn, strings.Contains(markdown, note))
			if tc.drawn {
				assert.Equal(t, tc.edges, strings.Count(markdown, " -->|"))
				assert.Equal(t, tc.nodes, strings.Count(markdown, "[\"C"))
			}
		})
	}
}

func TestLinesNameUpTo50Collections(t *testing.T) {
	t.Parallel()
	assert.Len(t, many(50, "").Lines(), 51)
	lines := many(51, "").Lines()
	require.Len(t, lines, 1)
	assert.Equal(t, "saved 51 collections, 1,275 objects, from http://weaviate:8080 (Weaviate 1.39.0) to backups: backups/manifest_20260201_103000.json", lines[0])
}

func TestHowToRestore(t *testing.T) {
	t.Parallel()
	b := many(3, "")
	for given, want := range map[string][2]string{
		"backups/m.json": {"'backups/m.json'", "'backups/m.json'"},
		"it's/m.json":    {"'it''s/m.json'", `'it'\''s/m.json'`},
		"-x/m.json":      {"'./-x/m.json'", "'./-x/m.json'"},
		"a\n```\nb":      {"'manifest.json'", "'manifest.json'"},
		"a\u202eb":       {"'manifest.json'", "'manifest.json'"},
	} {
		b.ManifestPath = given
		markdown := b.Markdown()
		assert.Contains(t, markdown, "\n```yaml\nwith:\n  command: restore\n  backup-path: "+want[0]+"\n```\n", given)
		assert.Contains(t, markdown, "\n```sh\nweaviate-backup restore --backup-path "+want[1]+"\n```\n", given)
	}
	assert.NotContains(t, b.Markdown(), "restore-aliases")
	b.Aliases = map[string]string{"A": "C00000"}
	assert.Contains(t, b.Markdown(), "\nThe aliases come along with `restore-aliases: true`.\n")

	b.DryRun = true
	assert.NotContains(t, b.Markdown(), "### Restore")
}

func TestMissingReferencesAreNamed(t *testing.T) {
	t.Parallel()
	b := many(1, "")
	for i := range 12 {
		b.References = append(b.References, report.Reference{From: "C00000", Property: "p", To: fmt.Sprintf("M%02d", i)})
	}
	assert.Contains(t, b.Markdown(), "not in this backup: `M00`, `M01`, `M02`, `M03`, `M04`, `M05`, `M06`, `M07`, `M08`, `M09`, and 2 more.\n")
}
