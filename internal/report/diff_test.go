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

// diffs are the golden cases: testdata/<name>.md and .log.
func diffs() map[string]report.Diff {
	stopwords := `{"additions":null,"preset":"en","removals":null}`
	drift := diffBase()
	drift.Changes = []report.Change{
		{Collection: "Archive", Kind: "removed", Class: "re-create", Before: `{"class":"Archive"}`, Reason: "its objects are gone with it"},
		{
			Collection: "Article", Path: "properties.title.tokenization", Kind: "changed", Class: "re-create", Before: `"word"`, After: `"field"`,
			Reason: "objects are indexed by it", Instead: "Create a collection Article_v2 with it, and import the objects again.",
		},
		{Collection: "Author", Path: "properties.name.indexSearchable", Kind: "changed", Class: "index task", Before: "false", After: "true"},
		{
			Collection: "Article", Path: "properties.body", Kind: "added", Class: "additive",
			After: `{"name":"body","dataType":["text"],"nestedProperties":[]}`, Reason: "a property can be added",
		},
		{
			Collection: "Article", Path: "invertedIndexConfig", Kind: "changed", Class: "in place",
			Before: `{"bm25":{"b":0.75,"k1":1.2},"cleanupIntervalSeconds":60,"stopwords":` + stopwords + `}`,
			After:  `{"bm25":{"b":0.75,"k1":1.2},"cleanupIntervalSeconds":90,"stopwords":` + stopwords + `}`,
		},
		{Collection: "Article", Path: "description", Kind: "removed", Class: "in place", Before: `"all | articles"`},
		{Collection: "New", Kind: "added", Class: "additive", After: `{"class":"New","properties":[]}`},
		{Collection: "Größe_大きさ", Path: "replicationConfig.asyncEnabled", Kind: "changed", Class: "no effect", Before: "true", After: "false", Reason: "derived"},
	}
	drift.Ignored = 2
	drift.Renames = []string{"Archive may be Article_old now: they differ in the name only."}
	drift.Notes = []string{"Weaviate 1.39.0 fills in defaults that 1.38.2 did not have."}
	drift.NotCompared = []string{"Tenants: no side has them."}

	mild := diffBase()
	mild.BaseVersion = ""
	mild.Changes = drift.Changes[3:4]

	breaking := diffBase()
	breaking.Base, breaking.BaseVersion, breaking.Changes = "http://weaviate:8080", "1.39.0", drift.Changes[1:2]

	same := diffBase()
	same.Ignored = 1

	return map[string]report.Diff{
		"diff-drift": drift, "diff-mild": mild, "diff-breaking": breaking, "diff-same": same, "diff-nothing": {Base: "a", Against: "b"},
		"diff-hostile": hostileDiff(), "diff-many": manyChanges(200),
	}
}

// diffBase is a diff without changes.
func diffBase() report.Diff {
	return report.Diff{
		Base: "backups/manifest_20260201_103000.json", Against: "https://staging.example.com", BaseVersion: "1.38.2", AgainstVersion: "1.39.0", Collections: 1200,
	}
}

// hostileDiff is a diff in which every text tries to break out.
func hostileDiff() report.Diff {
	fences := "```\n</details>\n````\n~~~\n" + evil
	return report.Diff{
		Base: evil, Against: "http://h/" + evil, BaseVersion: evil, AgainstVersion: "1\n# 2",
		Changes: []report.Change{
			{Collection: evil, Path: evil, Kind: evil, Class: "re-create", Before: evil, After: fences, Reason: evil, Instead: "- " + evil},
			{Collection: "a\n```\nb", Kind: "added\n", Class: evil, After: `{"a":"` + "`````" + `</details>","b":"` + "\u202e\u2028" + `"}`, Reason: "1. a"},
			{Collection: "a|b", Path: "p\n</details>", Kind: "changed", Class: "|", Before: "\"a`|\\n\"", After: "</details>"},
			{Collection: "::error::x", Path: "##[error]", Kind: "changed", Class: "in place", Before: "  ```\nx", After: "  ```\ny\r\nz\t"},
		},
		Renames: []string{evil}, Notes: []string{"# a\n</details>"}, NotCompared: []string{"- " + evil},
	}
}

// manyChanges is a diff of n changes, of which each tenth is breaking.
func manyChanges(n int) report.Diff {
	d := diffBase()
	for i := range n {
		c := report.Change{
			Collection: fmt.Sprintf("C%05d_%s", i/3, strings.Repeat("Wide", 12)), Path: fmt.Sprintf("properties.p%d.description", i), Kind: "changed", Class: "in place",
			Before: fmt.Sprintf(`"what p%d was, in more words than fit into a row"`, i), After: `"what it is"`, Reason: "a setting",
		}
		if i < n/10 {
			c.Path, c.Class, c.Before, c.After = fmt.Sprintf("properties.p%d.dataType", i), "re-create", `["text"]`, `["int"]`
		}
		d.Changes = append(d.Changes, c)
	}
	return d
}

func TestDiffGolden(t *testing.T) {
	t.Parallel()
	for name, d := range diffs() {
		for ext, render := range map[string]func() string{
			".md": d.Markdown, ".log": func() string { return strings.Join(d.Lines(), "\n") + "\n" },
		} {
			if name == "diff-hostile" && ext == ".log" {
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

// outsideFences reads the Markdown as CommonMark does: it gives the text without its
// fenced blocks, and the lines in them.
func outsideFences(t *testing.T, markdown string) (outside string, inside []string) {
	t.Helper()
	opening := regexp.MustCompile("^(`{3,})diff$")
	closing := regexp.MustCompile("^ {0,3}(`{3,})[ \t]*$")
	fence := ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSuffix(line, "\n")
		open, closed := opening.FindStringSubmatch(line), closing.FindStringSubmatch(line)
		switch {
		case fence == "" && open != nil:
			fence = open[1]
		case fence == "":
			outside += line + "\n"
		case closed != nil && len(closed[1]) >= len(fence):
			fence = ""
		default:
			inside = append(inside, line)
		}
	}
	require.Empty(t, fence, "a block is not closed")
	return outside, inside
}

// TestDiffOfHostileNamesStaysInItsPlace looks at what Markdown makes of a line: there
// is no HTML but that of the folded parts, every row has its cells, and no value
// leaves its block.
func TestDiffOfHostileNamesStaysInItsPlace(t *testing.T) {
	t.Parallel()
	d := hostileDiff()
	markdown := d.Markdown()
	outside, inside := outsideFences(t, markdown)
	bare := regexp.MustCompile("`[^`\n]+`").ReplaceAllString(outside, "") // code spans show what is in them
	fold := []string{"<details>", "<summary>", "</summary>", "</details>"}
	var want []string
	for range d.Changes {
		want = append(want, fold...)
	}
	assert.Equal(t, want, regexp.MustCompile(`</?\w[^>]*>`).FindAllString(bare, -1))
	for line := range strings.Lines(outside) {
		if strings.HasPrefix(line, "|") {
			assert.Equal(t, 4, strings.Count(line, "|"), line)
		}
	}
	for _, line := range inside {
		assert.Regexp(t, `^(?:[-+ ] |@@ \d+ lines? )`, line)
		assert.False(t, strings.ContainsFunc(line, hides), "%q", line)
	}
	assert.NotContains(t, outside, "```")
	assert.NotContains(t, outside, "http://evil")
	assert.NotContains(t, outside, "@octocat")
	assert.Contains(t, inside, "    ```", "what both sides have is told")
}

func TestDiffShowsWhatDiffers(t *testing.T) {
	t.Parallel()
	numbers := func(from, to int) string {
		var items []string
		for i := from; i < to; i++ {
			items = append(items, fmt.Sprint(i))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	for _, tc := range []struct {
		name, before, after string
		want                []string
	}{
		{"only after", "", `"a"`, []string{`+ "a"`}},
		{"only before", `"a"`, "", []string{`- "a"`}},
		{"both", "1", "2", []string{"- 1", "+ 2"}},
		{"neither", "", "", nil},
		{"the same", "1", "1", []string{"  1"}},
		{"a member", `{"a":1,"b":2}`, `{"a":1,"b":3}`, []string{"  {", `    "a": 1,`, `-   "b": 2`, `+   "b": 3`, "  }"}},
		{"one more in the middle", numbers(0, 12), strings.Replace(numbers(0, 12), "6,", "6,6,", 1), []string{
			"@@ 5 lines as before @@", "    4,", "    5,", "    6,", "+   6,", "    7,", "    8,", "    9,", "@@ 3 lines as before @@",
		}},
		{"one less of two", "[1,1]", "[1]", []string{"  [", "-   1,", "    1", "  ]"}},
		{"no JSON", "{a", "{b", []string{"- {a", "+ {b"}},
		{"lines", "a\nb\r\u202e", "a\nc", []string{"  a", `- b\r\u202e`, "+ c"}},
		{"spellings of JSON", `{"a":1.0,"b":"\u00e9<"}`, `{"a":1.0}`, []string{"  {", `-   "a": 1.0,`, `-   "b": "\u00e9<"`, `+   "a": 1.0`, "  }"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := report.Diff{Changes: []report.Change{{Collection: "A", Path: "p", Kind: "changed", Before: tc.before, After: tc.after}}}
			_, inside := outsideFences(t, d.Markdown())
			assert.Equal(t, tc.want, inside)
		})
	}
}

func TestDiffCutsLongValues(t *testing.T) {
	t.Parallel()
	long := "[" + strings.Repeat("1,", 5000) + "1]"
	d := report.Diff{Changes: []report.Change{{Collection: "A", Path: "p", Kind: "changed", Before: long, After: strings.ReplaceAll(long, "1", "2")}}}
	markdown := d.Markdown()
	_, inside := outsideFences(t, markdown)
	assert.Less(t, len(markdown), 20<<10)
	assert.Equal(t, []string{"  [", "-   1,"}, inside[:2])
	joined := strings.Join(inside, "\n")
	assert.Contains(t, joined, "\n+   2,\n", "the value after has its own room")
	assert.Equal(t, 2, strings.Count(joined, " more @@"))
	shown := strings.Count(joined, "\n-   1,")
	assert.Contains(t, joined, fmt.Sprintf("\n@@ %d,%03d lines more @@\n+", (5001-shown)/1000, (5001-shown)%1000))
}

func TestDiffRowShowsShortValues(t *testing.T) {
	t.Parallel()
	forty := strings.Repeat("ä", 40)
	for _, tc := range []struct {
		change report.Change
		want   string
	}{
		{report.Change{Path: "p", Kind: "changed", Before: forty, After: "1"}, "| changed `p`: `" + forty + "` → `1` |"},
		{report.Change{Path: "p", Kind: "changed", Before: forty + "x", After: "1"}, "| changed `p` |"},
		{report.Change{Path: "p", Kind: "changed", Before: "1", After: forty + "x"}, "| changed `p` |"},
		{report.Change{Path: "p", Kind: "added", After: "1"}, "| added `p` |"},
		{report.Change{Path: "p", Kind: "removed", Before: "1"}, "| removed `p` |"},
		{report.Change{Kind: "added", After: "1"}, "| collection added |"},
	} {
		assert.Contains(t, report.Diff{Changes: []report.Change{tc.change}}.Markdown(), tc.want)
	}
}

func TestDiffOf200ChangesIsWhole(t *testing.T) {
	t.Parallel()
	markdown := manyChanges(200).Markdown()
	assert.Equal(t, 200, tableRows(markdown))
	assert.Equal(t, 20, strings.Count(markdown, "| ⛔ **breaking**: re-create |\n"))
	assert.Equal(t, 200, strings.Count(markdown, "\n</details>\n"))
	assert.NotContains(t, markdown, " more\n")
}

func TestDiffOfHostileBulkIsUnderTheCap(t *testing.T) {
	t.Parallel()
	bulk := strings.Repeat(evil, 50)
	d := manyChanges(3000)
	d.Base, d.Against = strings.Repeat("<", summaryCap), strings.Repeat("\u202e", summaryCap)
	d.BaseVersion, d.AgainstVersion = bulk, bulk
	before, after := strings.Repeat("`", 20<<10), strings.Repeat(bulk+"\n", 50)
	for i := range d.Changes {
		c := &d.Changes[i]
		c.Collection, c.Path, c.Class, c.Reason, c.Instead = c.Collection+bulk, bulk, fmt.Sprint(i)+bulk, bulk, bulk
		c.Before, c.After = before, after
		d.Renames, d.Notes, d.NotCompared = append(d.Renames, bulk), append(d.Notes, bulk), append(d.NotCompared, bulk)
	}
	markdown := d.Markdown()
	assert.Less(t, len(markdown), summaryCap)
	outside, _ := outsideFences(t, markdown)
	assert.Equal(t, 5, strings.Count(outside, " more\n"), "each part tells that it is cut")
	assert.Greater(t, strings.Count(outside, "\n| C0"), 20, "there is room for the table")
	assert.Greater(t, strings.Count(outside, "\n</details>\n"), 5, "there is room for details")
	for _, part := range []string{"### Details", "### Possible renames", "### Notes", "### Not compared"} {
		assert.Contains(t, outside, "\n"+part+"\n")
	}
}

func TestDiffUsesItsRoom(t *testing.T) {
	t.Parallel()
	markdown := manyChanges(20_000).Markdown()
	assert.Less(t, len(markdown), summaryCap)
	assert.Greater(t, len(markdown), summaryCap-10_000)
}

func TestDiffLinesAreBounded(t *testing.T) {
	t.Parallel()
	d := manyChanges(51)
	d.Renames, d.Notes, d.NotCompared = make([]string, 100), make([]string, 100), make([]string, 100)
	lines := d.Lines()
	assert.Len(t, lines, 51+300+1)
	assert.Equal(t, "and 1 more change", lines[50])
	assert.Len(t, manyChanges(50).Lines(), 51)
	long := strings.Repeat("1", 5000)
	for _, values := range [][2]string{{long, "2"}, {"2", long}, {long, ""}, {"", long}} {
		d.Changes = []report.Change{{Collection: "A", Path: "p", Kind: "changed", Class: "in place", Before: values[0], After: values[1]}}
		assert.Less(t, len(d.Lines()[0]), 400)
	}
}

func TestDiffVerdict(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		edit func(*report.Diff)
		want string
	}{
		{"nothing", func(*report.Diff) {}, "No difference between a and b (0 collections compared)"},
		{"ignored", func(d *report.Diff) { d.Collections, d.Ignored = 1, 1234 }, "No difference between a and b (1 collection compared, 1,234 ignored)"},
		{"not all compared", func(d *report.Diff) { d.NotCompared = []string{"x"} }, "No difference in what could be compared between a and b (0 collections compared)"},
		{"one", func(d *report.Diff) { d.Changes = changes("in place") }, "1 change, none breaking, between a and b (0 collections compared, 1 in place)"},
		{"one breaking", func(d *report.Diff) { d.Changes = changes("re-create") }, "1 change, breaking, between a and b (0 collections compared, 1 re-create)"},
		{"all breaking", func(d *report.Diff) {
			d.Changes = changes("re-create", "re-create")
		}, "2 changes, 2 of them breaking, between a and b (0 collections compared, 2 re-create)"},
		{"some breaking", func(d *report.Diff) {
			d.Changes, d.NotCompared = changes("re-create", "additive", "in place", "additive"), []string{"x"}
		}, "4 changes, 1 of them breaking, between a and b (0 collections compared, 1 re-create, 2 additive, 1 in place)"},
		{"the same version", func(d *report.Diff) { d.BaseVersion, d.AgainstVersion = "1.39.0", "1.39.0" }, "No difference between a and b (Weaviate 1.39.0, 0 collections compared)"},
		{"one version", func(d *report.Diff) { d.AgainstVersion = "1.39.0" }, "No difference between a and b (Weaviate unknown to 1.39.0, 0 collections compared)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := report.Diff{Base: "a", Against: "b"}
			tc.edit(&d)
			lines := d.Lines()
			assert.Equal(t, tc.want, lines[len(lines)-1])
		})
	}
}

// changes gives one of each class.
func changes(classes ...string) []report.Change {
	var all []report.Change
	for _, class := range classes {
		all = append(all, report.Change{Collection: "A", Path: "p", Kind: "changed", Class: class})
	}
	return all
}
