// Package readme_test holds README and TESTING to what is true: its tables and examples
// are those of action.yml and of the workflows that are run.
package readme_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

var update = flag.Bool("update", false, "rewrite the generated parts of the README and of TESTING.md")

const root = "../.."

// pages are what people read.
var pages = []string{"README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md", ".github/TESTING.md"}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(data)
}

// generated gives what stands between the two comments of each generated part.
func generated(t *testing.T) map[string]string {
	t.Helper()
	inputs, err := config.InputTable()
	require.NoError(t, err)
	outputs, err := config.OutputTable()
	require.NoError(t, err)
	parts := map[string]string{"inputs": inputs, "outputs": outputs}
	for _, example := range []string{"nightly.yml", "before-migration.yml", "matrix.yml", "verify.yml", "restore-drill.yml", "baseline.yml", "drift.yml", "migration-gate.yml"} {
		parts[example] = "```yaml\n" + read(t, "testdata/workflows/"+example) + "```\n"
	}
	_, shell, ok := strings.Cut(read(t, "testdata/script/result-shell.txtar"), "\n-- counts.sh --\n")
	require.True(t, ok)
	parts["counts.sh"] = "```sh\n" + shell + "```\n"
	for example, language := range map[string]string{
		"gitlab-ci.yml": "yaml", "Jenkinsfile": "groovy", "azure-pipelines.yml": "yaml", "kubernetes-cronjob.yaml": "yaml", "docker.sh": "sh", "binary.sh": "sh",
	} {
		parts[example] = "```" + language + "\n" + read(t, "testdata/examples/"+example) + "```\n"
	}
	parts["versions"] = read(t, "testdata/versions.md")
	parts["leniencies"] = "| Path | What may differ | Why that is no loss | Seen on |\n|---|---|---|---|\n"
	for _, l := range schema.Leniencies() {
		parts["leniencies"] += fmt.Sprintf("| `%s` | %s | %s | %s |\n", l.Path, l.What, l.Reason, l.Source)
	}
	parts["features"] = "| Feature | Path | Since | Before that |\n|---|---|---|---|\n"
	for _, f := range schema.Features() {
		fate := "dropped, and answered with 200"
		if f.Refused {
			fate = "refused"
		}
		parts["features"] += fmt.Sprintf("| %s | `%s` | %s | %s |\n", f.Name, f.Path, f.Releases(), fate)
	}
	parts["rules"] = "| Path | Change | Takes | Because | Source |\n|---|---|---|---|---|\n"
	for _, r := range schema.Rules() {
		parts["rules"] += fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", r.Path, r.What, r.Class, r.Reason, r.Source)
	}
	return parts
}

func TestGeneratedParts(t *testing.T) {
	t.Parallel()
	placed := make(map[string]int)
	parts := generated(t)
	for _, page := range pages {
		text := read(t, page)
		want := text
		for name, part := range parts {
			begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
			before, rest, found := strings.Cut(want, begin)
			if !found {
				continue
			}
			placed[name]++
			_, after, ok := strings.Cut(rest, end)
			require.True(t, ok, "%s has no %s", page, end)
			want = before + begin + part + end + after
		}
		if *update {
			require.NoError(t, os.WriteFile(filepath.Join(root, page), []byte(want), 0o644))
			text = want
		}
		assert.Equal(t, want, text, "%s: go test ./internal/readme -update", page)
	}
	for name := range parts {
		assert.Equal(t, 1, placed[name], "the pages that have %s", name)
	}
}
