package report_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
)

func TestNamesAreCodeOnlyWhenACodeSpanHoldsThem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Docs":      "| `Docs` |",
		"a_*b*<i>@": "| `a_*b*<i>@` |",
		"a|b":       "| a&#124;b |",
		"a`b":       "| a&#96;b |",
		`a\`:        "| a&#92; |",
		" a ":       "| a |",
		"":          "|  |",
		"a\nb":      "| a b |",
		"a\u202eb":  "| a&#92;u202eb |",
		"a\xffb":    "| a\ufffdb |",
	} {
		b := report.Backup{Collections: []report.Collection{{Name: name}}}
		assert.Contains(t, b.Markdown(), "\n"+want+" unknown |", "%q", name)
	}
}

func TestTotalOfKnownAndUnknownCounts(t *testing.T) {
	t.Parallel()
	b := base()
	b.Collections = []report.Collection{
		{Name: "A", Objects: exactly(1200), File: "A.json"},
		{Name: "B", Objects: report.Count{Reason: "not allowed"}, File: "B.json"},
		{Name: "C", Objects: report.Count{AtLeast: ptr(int64(34)), Reason: "tenants"}, File: "C.json"},
	}
	assert.Contains(t, b.Markdown(), " · at least 1,234 objects (not all known in 2 collections) · ")
	b.Collections = b.Collections[:2]
	assert.Contains(t, b.Markdown(), " · at least 1,200 objects (not all known in 1 collection: not allowed) · ")
	b.Collections[0].Objects = exactly(0)
	assert.Contains(t, b.Markdown(), " · at least 0 objects (not all known in 1 collection: not allowed) · ")
	b.Collections = b.Collections[1:]
	assert.Contains(t, b.Markdown(), " · objects unknown (in 1 collection: not allowed) · ")
}

func TestDryRunNamesNoManifest(t *testing.T) {
	t.Parallel()
	b := many(1, "")
	assert.Contains(t, b.Markdown(), "manifest `backups/")
	b.DryRun = true
	assert.NotContains(t, b.Markdown(), "manifest")
}

func TestTenantsOfACollectionWithoutAreNotTold(t *testing.T) {
	t.Parallel()
	b := many(1, "")
	b.Collections[0].Tenants = ptr(0)
	assert.NotContains(t, b.Lines()[0], "tenant")
	b.Collections[0].MultiTenant = true
	assert.Contains(t, b.Lines()[0], ", 0 tenants -> ")
}
