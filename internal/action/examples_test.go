package action_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// example is what is needed of a workflow to carry out its steps.
type example struct {
	Jobs map[string]struct {
		Steps []struct {
			ID, Uses string
			With     map[string]string
		}
	}
}

// The steps of the README's workflows that use this action do what they should,
// one after the other in one workspace, and what is kept as an artifact is there.
// The other steps are left out.
func TestExamples(t *testing.T) {
	t.Parallel()
	for name, workflows := range map[string][]string{
		"kept every night, and verified": {"nightly.yml", "verify.yml"},
		"a baseline, and drift from it":  {"baseline.yml", "drift.yml"},
		"before a migration":             {"before-migration.yml"},
		"a gate behind it":               {"migration-gate.yml"},
		"several servers":                {"matrix.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStep(t.TempDir())
			for _, workflow := range workflows {
				runExample(t, s, workflow, map[string]string{"vars.WEAVIATE_URL": weaviatetest.NewFake(t).URL, "secrets.WEAVIATE_API_KEY": "a-key-of-the-example"})
			}
		})
	}
}

func TestExampleOfARestoreDrill(t *testing.T) {
	t.Parallel()
	weaviatetest.Need(t, weaviatetest.DefaultVersion)
	source, empty := weaviatetest.Run(t, weaviatetest.Options{}), weaviatetest.Run(t, weaviatetest.Options{})
	source.MustRequest(t, "POST", "/v1/schema", map[string]any{"class": "Article"})
	source.MustRequest(t, "POST", "/v1/aliases", map[string]any{"class": "Article", "alias": "Texts"})
	runExample(t, newStep(t.TempDir()), "restore-drill.yml", map[string]string{
		"vars.WEAVIATE_URL": source.URL, "secrets.WEAVIATE_API_KEY": "", "http://weaviate:8080": empty.URL,
	})
	assert.Contains(t, string(empty.MustRequest(t, "GET", "/v1/schema", nil)), `"class":"Article"`)
}

// runExample carries out the steps. An expression that has no value in known, and is
// not the output of a step before, fails the test.
func runExample(t *testing.T, s step, workflow string, known map[string]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "workflows", workflow))
	require.NoError(t, err)
	var w example
	require.NoError(t, yaml.Unmarshal(text, &w))
	known["matrix.server"], known["github.run_id"], known["github.run_attempt"] = "staging", "1", "1"
	expression := regexp.MustCompile(`\$\{\{ (.*?) \}\}`)
	steps := 0
	for _, j := range w.Jobs {
		for _, st := range j.Steps {
			inputs := make(map[string]string)
			for id, value := range st.With {
				value = expression.ReplaceAllStringFunc(value, func(e string) string {
					value, ok := known[expression.FindStringSubmatch(e)[1]]
					require.True(t, ok, "%s: %s has no value", workflow, e)
					return value
				})
				if known[value] != "" {
					value = known[value]
				}
				inputs[id] = value
			}
			switch {
			case strings.HasPrefix(st.Uses, "weaviate-backup/"):
				steps++
				done := s.run(t, inputs)
				require.Equal(t, action.ExitDone, done.code, "%s: %s", workflow, done.printed)
				for line := range strings.SplitSeq(done.outputs, "\n") {
					output, value, _ := strings.Cut(line, "=")
					known["steps."+st.ID+".outputs."+output] = value
				}
			case strings.HasPrefix(st.Uses, "actions/upload-artifact@"):
				entries, err := os.ReadDir(filepath.Join(s.env["GITHUB_WORKSPACE"], inputs["path"]))
				require.NoError(t, err, workflow)
				assert.NotEmpty(t, entries, workflow)
			}
		}
	}
	require.Positive(t, steps, workflow)
}
