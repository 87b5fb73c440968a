package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// renaming gives the variables of a restore with this rename.
func renaming(text string) env {
	return env{"WEAVIATE_URL": serverURL, "INPUT_COMMAND": "restore", "INPUT_BACKUP-PATH": "backups", "INPUT_RENAME": text}
}

func TestRename(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, given string
		renames     []config.Rename
		template    string
	}{
		{name: "nothing"},
		{name: "blank lines", given: " \n\t\n"},
		{name: "a line", given: "A: B", renames: []config.Rename{{Old: "A", New: "B"}}},
		{name: "no blank", given: "A:B", renames: []config.Rename{{Old: "A", New: "B"}}},
		{name: "lines of Windows", given: "A: B\r\nC: D\r\n", renames: []config.Rename{{Old: "A", New: "B"}, {Old: "C", New: "D"}}},
		{name: "two that change places", given: "A: B\nB: A", renames: []config.Rename{{Old: "A", New: "B"}, {Old: "B", New: "A"}}},
		{name: "old names that differ in case", given: "Ab: C\nAB: D", renames: []config.Rename{{Old: "Ab", New: "C"}, {Old: "AB", New: "D"}}},
		{name: "the same name", given: "A: A", renames: []config.Rename{{Old: "A", New: "A"}}},
		{name: "the longest names", given: longName + ": " + longName, renames: []config.Rename{{Old: longName, New: longName}}},
		{name: "a template", given: " {name}_restored\n", template: "{name}_restored"},
		{name: "a template with text in front", given: "Old_{name}_2", template: "Old_{name}_2"},
		{name: "the name alone", given: "{name}", template: "{name}"},
		{name: "the longest template", given: longName[1:] + "{name}", template: longName[1:] + "{name}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg, err := config.Load(source(t, renaming(tt.given), nil))
			require.NoError(t, err)
			assert.Equal(t, tt.renames, cfg.Rename)
			assert.Equal(t, tt.template, cfg.RenameTemplate)
		})
	}
}

// longName is as long as the name of a collection can be.
var longName = strings.Repeat("X", 255)

func TestRenameOfSeveralFlags(t *testing.T) {
	t.Parallel()
	vars := renaming("")
	cfg, err := config.Load(source(t, vars, nil, "--rename", "A: B", "--rename=C: D"))
	require.NoError(t, err)
	assert.Equal(t, []config.Rename{{Old: "A", New: "B"}, {Old: "C", New: "D"}}, cfg.Rename)
}

func TestRenameRefuses(t *testing.T) {
	t.Parallel()
	const (
		renames  = "; allowed: one Old: New per line, or one template such as {name}_restored for all collections"
		names    = " name that no collection can have; allowed: a capital letter first, then letters, digits and _, at most 255 characters"
		template = " is not a template; allowed: {name} once and no other brace, for example {name}_restored"
		makes    = " makes names that no collection can have; allowed: a capital letter first, then letters, digits and _, at most 255 characters"
	)
	tests := []struct {
		name, given string
		want        []string
	}{
		{"no colon", "A B", []string{`"A B" in line 1 has no colon` + renames}},
		{"a list with commas", "A: B, C: D", []string{`"A: B, C: D" in line 1 has a new` + names}},
		{"two colons", "A: B: C", []string{`"A: B: C" in line 1 has a new` + names}},
		{"a list of YAML", "- A: B", []string{`"- A: B" in line 1 has an old` + names}},
		{"a glob", "A*: B", []string{`"A*: B" in line 1 has an old` + names}},
		{"small letters", "article: news", []string{`"article: news" in line 1 has an old` + names, `"article: news" in line 1 has a new` + names}},
		{"empty names", ":", []string{`":" in line 1 has an old` + names, `":" in line 1 has a new` + names}},
		{"other letters", "Ä: A\u202e", []string{`"Ä: A\u202e" in line 1 has an old` + names, `"Ä: A\u202e" in line 1 has a new` + names}},
		{"a long name", "A: X" + longName, []string{`"A: ` + strings.Repeat("X", 117) + `"… in line 1 has a new` + names}},
		{"an old name twice", "A: B\n\nC: D\nA: E", []string{`"A: E" in line 4 has the old name of line 1; allowed: each one once`}},
		{"a new name twice", "A: Same\nB: SAME", []string{
			`"B: SAME" in line 2 has the new name of line 1, or one that differs in case only; allowed: each one once`,
		}},
		{"a line twice", "A: B\nA: B", []string{
			`"A: B" in line 2 has the old name of line 1; allowed: each one once`,
			`"A: B" in line 2 has the new name of line 1, or one that differs in case only; allowed: each one once`,
		}},
		{"everything at once", "x\nA: b\nA: C\nD: c", []string{
			`"x" in line 1 has no colon` + renames, `"A: b" in line 2 has a new` + names,
			`"A: C" in line 3 has the old name of line 2; allowed: each one once`, `"D: c" in line 4 has a new` + names,
			`"D: c" in line 4 has the new name of line 3, or one that differs in case only; allowed: each one once`,
		}},
		{"a template beside a line", "A: B\n{name}_2", []string{`"{name}_2" in line 2 is a template beside other lines` + renames}},
		{"two templates", "{name}_1\n{name}_2", []string{`"{name}_1" in line 1 is a template beside other lines` + renames}},
		{"a template for one name", "A: {name}_2", []string{`"A: {name}_2"` + makes}},
		{"the name twice", "{name}{name}", []string{`"{name}{name}"` + template}},
		{"another brace", "{name}_{date}", []string{`"{name}_{date}"` + template}},
		{"a brace alone", "}{name}", []string{`"}{name}"` + template}},
		{"braces around the name", "{{name}}", []string{`"{{name}}"` + template}},
		{"another placeholder", "{Name}_2", []string{`"{Name}_2"` + template}},
		{"small letters in front", "old_{name}", []string{`"old_{name}"` + makes}},
		{"a hyphen", "{name}-2", []string{`"{name}-2"` + makes}},
		{"a blank", "{name} 2", []string{`"{name} 2"` + makes}},
		{"a long template", longName + "{name}", []string{`"` + strings.Repeat("X", 120) + `"…` + makes}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, source(t, renaming(tt.given), nil))
			for i := range got {
				got[i] = strings.TrimPrefix(got[i], "rename: ")
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// TestRenameHoldsWhatItPromises gives Load any lines: what it accepts has valid
// names, no old one twice, and no new one twice, in whatever case.
func TestRenameHoldsWhatItPromises(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"A", "a", "B", "Aa", "AA", ":", ": ", "\n", "\r\n", " ", "{name}", "{", "}", "_", ",", "-"})
	rapid.Check(t, func(t *rapid.T) {
		vars := renaming(strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), ""))
		cfg, err := config.Load(config.Source{Getenv: func(name string) string { return vars[name] }})
		if err != nil {
			require.ErrorContains(t, err, "rename: ")
			return
		}
		olds, news := make(map[string]bool), make(map[string]bool)
		for _, rename := range cfg.Rename {
			assert.True(t, schema.ValidName(rename.Old) && schema.ValidName(rename.New), "%q", rename)
			olds[rename.Old], news[strings.ToLower(rename.New)] = true, true
		}
		assert.Len(t, olds, len(cfg.Rename))
		assert.Len(t, news, len(cfg.Rename))
		if cfg.RenameTemplate != "" {
			assert.Empty(t, cfg.Rename)
			assert.True(t, schema.ValidName(strings.ReplaceAll(cfg.RenameTemplate, "{name}", "A")))
		}
	})
}
