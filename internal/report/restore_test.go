package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
)

// restores are the golden cases: testdata/<name>.md and .log.
func restores() map[string]report.Restore {
	plan := restore()
	plan.DryRun = true
	plan.Collections = []report.Restored{
		{Name: "Author", Target: "Author", Plan: report.PlanCreate},
		{Name: "Article", Target: "Article_restored", Plan: report.PlanCreate, Tenants: 5200, Aliases: []string{"Docs", "Texts"}},
		{
			Name: "Order", Target: "Order", Plan: report.PlanUpdate, Steps: []string{"Add the property total.", "Set replicationConfig.factor to 3."},
			Differences: []report.Difference{{Path: "properties.total", Server: "", Backup: `{"name":"total"}`}},
		},
		{Name: "Product", Target: "Product", Plan: report.PlanSkip},
	}
	plan.Notes = []string{"Objects are not part of a schema backup."}

	done := plan
	done.DryRun, done.Collections = false, append([]report.Restored(nil), plan.Collections...)
	for i, result := range []report.Outcome{report.OutcomeCreated, report.OutcomeCreated, report.OutcomeUpdated, report.OutcomeSkipped} {
		done.Collections[i].Result = result
	}
	done.Collections[2].Differences = nil
	done.Collections[0].Expected = []report.Difference{{Path: "invertedIndexConfig.usingBlockMaxWAND", Server: "true"}}

	differs := done
	differs.SourceVersion, differs.Notes = "", nil
	differs.Collections = []report.Restored{{
		Name: "Author", Target: "Author", Plan: report.PlanCreate, Result: report.OutcomeCreated,
		Differences: []report.Difference{
			{Path: "properties.title.tokenization", Backup: `"word"`, Server: `"field"`},
			{Path: "properties.title.indexRangeFilters", Backup: "false"},
		},
		Expected: []report.Difference{{Path: "replicationConfig.asyncConfig", Server: "{}"}, {Path: "objectTtlConfig", Server: "null"}},
	}}

	refused := plan
	refused.DryRun, refused.SourceVersion = false, "1.39.0"
	refused.Problems = []string{
		"Author is on the server already: choose another name by rename, or on-existing.",
		"Article refers to Publisher, which is neither in the backup nor on the server.",
	}

	failed := done
	failed.Failure = "create collection Order: POST http://weaviate:8080/v1/schema: 422 Unprocessable Entity: no module text2vec | <x>"
	failed.Collections = []report.Restored{
		{Name: "Author", Target: "Author", Plan: report.PlanCreate, Result: report.OutcomeRemovedAgain},
		{Name: "Article", Target: "Article", Plan: report.PlanCreate, Result: report.OutcomeKept, Tenants: 1, Aliases: []string{"Docs"}},
		{Name: "Order", Target: "Order", Plan: report.PlanCreate, Result: report.OutcomeFailed},
		{Name: "Product", Target: "Product", Plan: report.PlanCreate, Result: report.OutcomeNotBegun},
	}
	failed.Stands = []string{"Article: it holds objects by now, so it was not removed."}

	return map[string]report.Restore{
		"restore-dry-run": plan, "restore-done": done, "restore-differs": differs, "restore-refused": refused,
		"restore-failed": failed, "restore-nothing": {Path: "b", Target: "http://h"}, "restore-hostile": hostileRestore(),
	}
}

// restore is one without collections.
func restore() report.Restore {
	return report.Restore{
		Path: "backups/manifest_20260201_103000.json", Target: "http://weaviate:8080", SourceVersion: "1.38.2", ServerVersion: "1.39.0",
	}
}

// hostileRestore is a restore in which every text tries to break out.
func hostileRestore() report.Restore {
	evilDifference := []report.Difference{{Path: evil, Backup: evil, Server: evil}, {Path: "p\n</details>", Backup: "\"a`|\\n\"", Server: "</details>"}}
	return report.Restore{
		Path: evil, Target: "http://h/" + evil, SourceVersion: evil, ServerVersion: "1\n# 2", Failure: "- " + evil,
		Collections: []report.Restored{{
			Name: evil, Target: "a\n```\nb", Plan: evil, Result: evil, Aliases: []string{evil, "a|b"}, Steps: []string{evil, "- </details>"},
			Differences: evilDifference, Expected: evilDifference,
		}},
		Stands: []string{evil}, Notes: []string{"# a\n</details>"},
	}
}

func TestRestoreGolden(t *testing.T) {
	t.Parallel()
	for name, r := range restores() {
		for ext, render := range map[string]func() string{
			".md": r.Markdown, ".log": func() string { return strings.Join(r.Lines(), "\n") + "\n" },
		} {
			if name == "restore-hostile" && ext == ".log" {
				continue // log lines are escaped by the log, not here
			}
			t.Run(name+ext, func(t *testing.T) {
				t.Parallel()
				got := render()
				golden(t, name+ext, got)
				assert.Equal(t, got, render(), "the same value gives the same text")
			})
		}
	}
}

// TestRestoreOfHostileNamesStaysInItsPlace looks at what Markdown makes of a line:
// there is no HTML but that of the folded parts, and every row has its cells.
func TestRestoreOfHostileNamesStaysInItsPlace(t *testing.T) {
	t.Parallel()
	markdown := hostileRestore().Markdown()
	bare := regexp.MustCompile("`[^`\n]+`").ReplaceAllString(markdown, "") // code spans show what is in them
	tags := regexp.MustCompile(`</?\w[^>]*>`).FindAllString(bare, -1)
	fold := []string{"<details>", "<summary>", "</summary>", "</details>"}
	assert.Equal(t, append(append(fold, fold...), fold...), tags)
	cells := 0
	for line := range strings.Lines(markdown) {
		if strings.HasPrefix(line, "| ---") {
			cells = strings.Count(line, "|")
		}
		if strings.HasPrefix(line, "| ") && cells > 0 && !strings.HasPrefix(line, "| Collection |") {
			assert.Equal(t, cells, strings.Count(line, "|"), line)
		}
	}
	assert.NotContains(t, markdown, "```")
	assert.NotContains(t, markdown, "http://evil")
	assert.NotContains(t, markdown, "@octocat")
}

// manyRestored is a restore of n collections, the first of which have differences.
func manyRestored(n, differences int) report.Restore {
	r := restore()
	for i := range n {
		c := report.Restored{
			Name: fmt.Sprintf("C%05d", i), Target: fmt.Sprintf("C%05d_restored", i), Plan: report.PlanCreate, Result: report.OutcomeCreated, Tenants: 10,
			Steps: []string{"Add a property."},
		}
		if i < differences {
			c.Differences = []report.Difference{{Path: "vectorIndexConfig.ef", Backup: "-1", Server: "100"}}
			c.Expected = []report.Difference{{Path: "objectTtlConfig", Server: "null"}}
		}
		r.Collections = append(r.Collections, c)
	}
	return r
}

func TestRestoreOf2000CollectionsIsWhole(t *testing.T) {
	t.Parallel()
	r := manyRestored(2000, 200)
	for i := range r.Collections {
		r.Collections[i].Steps = nil
	}
	markdown := r.Markdown()
	assert.Less(t, len(markdown), summaryCap)
	assert.Equal(t, 2000+200+200, tableRows(markdown))
	assert.NotContains(t, markdown, " more\n")
	assert.Contains(t, markdown, "## 2,000 collections restored from `backups/manifest_20260201_103000.json` to `http://weaviate:8080`, with 200 differences\n")
	assert.Contains(t, markdown, "<details><summary>200 differences between backup and server</summary>")
	assert.Contains(t, markdown, "<details><summary>200 expected differences: the server's own defaults and decisions</summary>")
}

func TestRestoreOfHostileBulkIsUnderTheCap(t *testing.T) {
	t.Parallel()
	bulk := strings.Repeat(evil, 50)
	r := manyRestored(2000, 0)
	r.Path, r.Target, r.SourceVersion, r.Failure = strings.Repeat("<", summaryCap), strings.Repeat("\u202e", summaryCap), bulk, strings.Repeat("`", summaryCap)
	for i := range r.Collections {
		c := &r.Collections[i]
		c.Name, c.Target, c.Aliases = c.Name+bulk, bulk, strings.Split(strings.Repeat("<v>,", 5000), ",")
		c.Steps = []string{bulk, bulk}
		c.Differences = []report.Difference{{Path: bulk, Backup: bulk, Server: bulk}, {Path: bulk, Backup: bulk, Server: bulk}}
		c.Expected = c.Differences
		r.Problems, r.Stands, r.Notes = append(r.Problems, bulk), append(r.Stands, bulk), append(r.Notes, bulk)
	}
	markdown := r.Markdown()
	assert.Less(t, len(markdown), summaryCap)
	_, table, _ := strings.Cut(markdown, "| --- | ---: | --- | ---: |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	assert.Greater(t, len(strings.Split(table, "\n")), 5, "there is room for the table")
	assert.Contains(t, markdown, "and 4,991 more", "the aliases of a row")
	for _, part := range []string{"### Problems", "### Left on the server", "### Notes", "4,000 steps of updates", "4,000 differences", "4,000 expected differences"} {
		assert.Contains(t, markdown, part)
	}
	assert.Equal(t, 7, strings.Count(markdown, " more\n"), "each part tells that it is cut")
	assert.Equal(t, 3, strings.Count(markdown, "\n</details>\n"))
}

func TestRestoreLinesAreBounded(t *testing.T) {
	t.Parallel()
	r := manyRestored(51, 51)
	r.Problems = make([]string, 200)
	r.Stands = make([]string, 200)
	lines := r.Lines()
	assert.Len(t, lines, 3*51+200+1, "problems are told by the error")
	assert.Equal(t, "C00049 as C00049_restored: created, 10 tenants, 1 difference, 1 expected difference", lines[49])
	assert.Equal(t, "and 1 more collection", lines[50])
	assert.Equal(t, "and 1 more step", lines[101])
	assert.Equal(t, "difference: C00000: vectorIndexConfig.ef: -1 in the backup, 100 on the server", lines[102])
	assert.Equal(t, "and 1 more difference", lines[152])

	lines = manyRestored(50, 50).Lines()
	assert.Len(t, lines, 3*50+1)
	assert.Equal(t, "50 collections restored from backups/manifest_20260201_103000.json to http://weaviate:8080, with 50 differences "+
		"(Weaviate 1.38.2 to 1.39.0, 50 created)", lines[150])
}

func TestRestoreVerdict(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		edit func(*report.Restore)
		want string
	}{
		{"nothing chosen", func(*report.Restore) {}, "0 collections restored from b to s"},
		{"done", func(r *report.Restore) {
			r.Collections = []report.Restored{{Result: report.OutcomeCreated}, {Result: report.OutcomeUnchanged}, {Result: report.OutcomeSkipped}, {Result: report.OutcomeUpdated}, {Result: report.OutcomeCreated}}
		}, "3 collections restored from b to s (2 created, 1 unchanged, 1 skipped, 1 updated)"},
		{"a dry run", func(r *report.Restore) {
			r.DryRun, r.Collections = true, []report.Restored{{Plan: report.PlanCreate}, {Plan: report.PlanSkip}, {Plan: report.PlanUpdate}}
		}, "Dry run: 2 collections would be restored from b to s; nothing was written (1 to create, 1 to skip, 1 to update)"},
		{"problems count more than a dry run", func(r *report.Restore) {
			r.DryRun, r.Problems = true, []string{"x"}
		}, "b can't be restored to s: 1 problem; nothing was written"},
		{"a failure counts more than differences", func(r *report.Restore) {
			r.Failure, r.Collections = "x", []report.Restored{{Result: report.OutcomeCreated, Differences: make([]report.Difference, 2)}}
		}, "Restore of b to s failed (1 created)"},
		{"the same version", func(r *report.Restore) { r.SourceVersion, r.ServerVersion = "1.39.0", "1.39.0" }, "0 collections restored from b to s (Weaviate 1.39.0)"},
		{"only the backup's version", func(r *report.Restore) { r.SourceVersion = "1.39.0" }, "0 collections restored from b to s"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := report.Restore{Path: "b", Target: "s"}
			tc.edit(&r)
			lines := r.Lines()
			assert.Equal(t, tc.want, lines[len(lines)-1])
		})
	}
}
