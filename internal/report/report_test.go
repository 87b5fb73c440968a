package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares a text with the file of that name in testdata, which -update rewrites.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// backups are the golden cases: testdata/<name>.md holds the step summary,
// testdata/<name>.log the log lines.
func backups() map[string]report.Backup {
	full := base()
	full.Collections = []report.Collection{
		{Name: "Author", Objects: exactly(1), Properties: 1, ReplicationFactor: 1, File: "Author_schema_20260201_103000.json", Bytes: 2048},
		{
			Name: "UserDocuments", Objects: exactly(1234567), Properties: 12, Vectors: []string{"title", "body_vec"},
			ReplicationFactor: 3, File: "UserDocuments_schema_20260201_103000.json", Bytes: 12345,
		},
	}

	dry := full
	dry.DryRun, dry.ManifestPath = true, ""

	unknown := base()
	unknown.Collections = []report.Collection{
		{Name: "Archive", Objects: report.Count{Reason: "GraphQL is disabled | on <this> server"}, Properties: 2, ReplicationFactor: 1, File: "Archive.json"},
		{
			Name: "Tenanted", Objects: report.Count{AtLeast: ptr(int64(1234)), Reason: "2 tenants are not active"}, Properties: 2,
			ReplicationFactor: 1, MultiTenant: true, Tenants: ptr(5200), File: "Tenanted.json", Bytes: 1,
		},
		{Name: "Unread", Objects: report.Count{}, MultiTenant: true, File: "Unread.json"},
	}
	unknown.NotSaved = []string{"Objects are not part of a schema backup.", "Roles: the key may not read them (403)."}

	notAsked := full
	notAsked.Collections = []report.Collection{
		{Name: "A", Objects: report.Count{Reason: "not asked"}, Properties: 1, ReplicationFactor: 1, File: "A.json", Bytes: 9},
		{Name: "B", Objects: report.Count{Reason: "not asked"}, Properties: 1, ReplicationFactor: 1, File: "B.json", Bytes: 9},
	}

	linked := full
	linked.Aliases = map[string]string{"Docs": "UserDocuments", "Authors": "Author"}
	linked.References = []report.Reference{
		{From: "Author", Property: "wrote", To: "UserDocuments"},
		{From: "UserDocuments", Property: "related", To: "UserDocuments"},
		{From: "UserDocuments", Property: "publisher", To: "Publisher"},
	}

	removing := full
	removing.Removed = []string{"Article_schema.json", "Shop_schema.json"}
	removing.WhyRemoved = "the server does not have their collections any more"

	return map[string]report.Backup{
		"removing": removing, "full": full, "dry-run": dry, "unknown-counts": unknown, "not-asked": notAsked, "linked": linked, "empty": base(), "hostile": hostile(),
	}
}

// base is a backup without collections.
func base() report.Backup {
	return report.Backup{
		Source: "http://weaviate:8080", ServerVersion: "1.39.0", Tool: "weaviate-backup-action v1.0.0",
		Timestamp: time.Date(2026, 2, 1, 12, 30, 0, 0, time.FixedZone("", 2*60*60)),
		Directory: "backups", ManifestPath: "backups/manifest_20260201_103000.json",
	}
}

// evil holds an attempt at each kind of injection.
const evil = "x|y`z`<img src=x onerror=alert(1)>[a](http://evil.example)\n\n# @octocat #12 **b** ~~s~~ __u__ $m$ www.evil.example \\ \u202e\x1b[31m &lt; \xff"

// hostile is a backup in which every text tries to break out.
func hostile() report.Backup {
	return report.Backup{
		Source: "http://h/`" + evil, ServerVersion: evil, Tool: evil, Timestamp: base().Timestamp,
		Removed: []string{evil}, WhyRemoved: evil, Directory: "back'ups;$(id)", ManifestPath: "back'ups/```;$(id)/`m`.json",
		Collections: []report.Collection{
			{Name: evil, Objects: report.Count{Reason: evil}, Vectors: []string{evil, "- list"}, MultiTenant: true, File: "a\n```\nb.json"},
			{Name: "Plain", Objects: report.Count{AtLeast: ptr(int64(2)), Reason: evil}, File: "it's `one`.json"},
			{Name: "end", Objects: exactly(-1234567), File: evil},
		},
		Aliases: map[string]string{evil: evil},
		References: []report.Reference{
			{From: evil, Property: "p\"]; click c0 \"javascript:alert(1)\"", To: "end"},
			{From: "end", Property: evil, To: "Gone\n```\n<script>"},
		},
		NotSaved: []string{evil, "- a", "+ a", "1. a", "23) a", "=== a", "    code", "> q", "--- a", "10.5 percent"},
	}
}

func ptr[T any](v T) *T { return &v }

func exactly(n int64) report.Count { return report.Count{Exact: &n} }

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, backup := range backups() {
		for _, ext := range []string{".md", ".log"} {
			if name == "hostile" && ext == ".log" {
				continue // log lines are escaped by the log, not here
			}
			t.Run(name+ext, func(t *testing.T) {
				t.Parallel()
				got := render(backup, ext)
				golden(t, name+ext, got)
				assert.Equal(t, got, render(backup, ext), "the same value gives the same text")
			})
		}
	}
}

// render gives the text of a golden file.
func render(backup report.Backup, ext string) string {
	if ext == ".md" {
		return backup.Markdown()
	}
	return strings.Join(backup.Lines(), "\n") + "\n"
}

func TestFailure(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "## Backup failed\n\nno answer\n", report.Failure("Backup failed", "no answer", ""))
	assert.Equal(t, "## Bad input\n\nurl: &lt;b&gt;\n\nkey: empty\n\nAsk &#64;&#8203;me.\n", report.Failure("Bad input", "url: <b>\n\n  key: empty\n", "Ask @me."))
}
