package action_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// maxPeak is the most memory that a run may have, in MiB.
const maxPeak = 256

// described is a collection with a description of 24 MB, in lines.
func described(line string) string {
	return `{"class":"Doc","description":"` + strings.Repeat(line+`\n`, 24_000_000/(len(line)+1)) + `"}`
}

// wide is a collection of 10,000 properties.
func wide(description string) string {
	properties := make([]string, 10_000)
	for i := range properties {
		properties[i] = fmt.Sprintf(`{"name":"property%d","dataType":["text"],"description":%q,"indexFilterable":true,"indexRangeFilters":false,`+
			`"indexSearchable":true,"tokenization":"word"}`, i, description)
	}
	return `{"class":"Doc","properties":[` + strings.Join(properties, ",") + `]}`
}

// deepProperties is a collection whose innermost property is so many levels deep.
func deepProperties(levels int, dataType string) string {
	return `{"class":"Doc","properties":[` + strings.Repeat(`{"name":"p","dataType":["object"],"nestedProperties":[`, levels) +
		fmt.Sprintf(`{"name":"leaf","dataType":[%q]}`, dataType) + strings.Repeat(`]}`, levels) + `]}`
}

// deepSettings is a collection with module settings so many levels deep.
func deepSettings(levels int, value string) string {
	return `{"class":"Doc","moduleConfig":{"generative-x":` + strings.Repeat(`{"a":`, levels) + value + strings.Repeat(`}`, levels) + `}}`
}

// A definition that is large in one way or another is saved, checked, compared and
// planned to be restored, in bounded memory and with a log that can be read.
func TestMemory(t *testing.T) {
	p := newProgram(t)
	for _, test := range []struct {
		name, before, after string
		restore             int // exit code of its plan
	}{
		{"a description of 24 MB", described(strings.Repeat("x", 79)), described(strings.Repeat("y", 39)), 0},
		{"10,000 properties", wide("before"), wide("after"), 0},
		{"properties 1000 deep", deepProperties(1000, "text"), deepProperties(1000, "int"), 1},
		{"settings 2000 deep", deepSettings(2000, "1"), deepSettings(2000, "2"), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
				c.Classes, c.Tenants, c.Counts, c.Aliases = []json.RawMessage{[]byte(test.before)}, nil, nil, map[string]string{}
			})
			p := p.onGitHub(t)
			run := func(code int, args ...string) {
				done := p.run(t, append(args, "--weaviate-url", fake.URL)...)
				assert.Equal(t, code, done.code, "%q: %s", args, done.stdout)
				assert.LessOrEqual(t, done.peakMiB, float64(maxPeak), "%q", args)
				assert.Less(t, len(done.stdout)+len(done.stderr), 100_000, "%q", args)
				t.Logf("%s: %.0f MiB", args[0], done.peakMiB)
			}
			run(0, "backup")
			run(0, "verify", "--backup-path", "backups")
			run(0, "diff", "--backup-path", "backups")
			require.NoError(t, fake.Update(func(c *weaviatetest.FakeConfig) { c.Classes = []json.RawMessage{[]byte(test.after)} }))
			run(3, "diff", "--backup-path", "backups")
			run(test.restore, "restore", "--backup-path", "backups", "--on-existing", "update", "--dry-run")
		})
	}
}

// What is deeper than any collection is refused, and nothing is written.
func TestTooDeep(t *testing.T) {
	t.Parallel()
	for levels, want := range map[int]string{
		2500: "objects and lists in it are 2504 levels deep, and at most 2500 are read",
		9999: "exceeded max depth",
	} {
		fake := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
			c.Tenants, c.Counts = nil, nil
			c.Faults = []weaviatetest.Fault{{Path: "/v1/schema", Body: `{"classes":[` + deepSettings(levels, "1") + `]}`}}
		})
		s := newStep(t.TempDir())
		got := s.run(t, map[string]string{"weaviate-url": fake.URL})
		assert.Equal(t, 1, got.code)
		assert.Contains(t, got.printed, want)
		entries, err := os.ReadDir(s.env["GITHUB_WORKSPACE"])
		require.NoError(t, err)
		assert.Empty(t, entries)
	}
}

// onGitHub is the program with a workspace of its own, as a step of a workflow.
func (p program) onGitHub(tb testing.TB) program {
	tb.Helper()
	folder := tb.TempDir()
	p.workspace = tb.TempDir()
	p.env = []string{"GITHUB_ACTIONS=true", "GITHUB_WORKSPACE=" + p.workspace}
	for _, name := range []string{"OUTPUT", "STEP_SUMMARY"} {
		file := filepath.Join(folder, name)
		require.NoError(tb, os.WriteFile(file, nil, 0o600))
		p.env = append(p.env, "GITHUB_"+name+"="+file)
	}
	return p
}
