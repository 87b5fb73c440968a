package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]report.Verify{
		"verify-good": {Path: "backups", Manifest: "backups/manifest_20240201_103000.json", Collections: 3, Source: "http://weaviate:8080"},
		"verify-findings": {
			Path: "backups", Collections: 2,
			Findings: []report.Finding{
				{Kind: "damaged", File: "A_schema_20240201_103000.json", Text: "7 bytes, not 8 as the manifest says"},
				{Kind: "unsafe", File: "x`|<b>.json", Text: "it lists the file \"../a|b\" @someone\n::error::no"},
			},
			Warnings:   []string{"the newest run did not <end>"},
			Notes:      []string{"the server has more: <B>"},
			NotChecked: []string{"Whether a server still has this schema."},
		},
		"verify-drift": {
			Path: "backups", Manifest: "backups/manifest_20240201_103000.json", Collections: 3, Source: "http://weaviate:8080",
			Findings: []report.Finding{{Kind: "differs", File: "A_schema_20240201_103000.json", Text: "it differs", Live: true}},
		},
		"verify-both": {
			Path: "backups", Manifest: "backups/manifest_20240201_103000.json", Collections: 3, Source: "http://weaviate:8080",
			Findings: []report.Finding{
				{Kind: "differs", File: "A_schema_20240201_103000.json", Text: "it differs", Live: true},
				{Kind: "missing", File: "B_schema_20240201_103000.json", Text: "it is not there"},
			},
		},
	} {
		for ext, got := range map[string]string{".md": v.Markdown(), ".log": strings.Join(v.Lines(), "\n") + "\n"} {
			golden(t, name+ext, got)
		}
	}
}

func TestVerifyIsCut(t *testing.T) {
	t.Parallel()
	v := report.Verify{Path: "backups", Findings: make([]report.Finding, 50_000)}
	for i := range v.Findings {
		v.Findings[i] = report.Finding{Kind: "missing", File: "A.json", Text: strings.Repeat("<", 100)}
	}
	assert.Less(t, len(v.Markdown()), 900<<10)
	assert.Contains(t, v.Markdown(), " more\n")
}
