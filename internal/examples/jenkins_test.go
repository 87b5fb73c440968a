package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// statement is one of a Jenkinsfile, with the blocks around it.
type statement struct{ blocks, text string }

// statements reads a Jenkinsfile that has one statement, or one brace, per line.
func statements(t *testing.T, text string) []statement {
	t.Helper()
	const quotes = "'''"
	var all []statement
	var blocks []string
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line, _, _ := strings.Cut(" "+lines[i], " //")
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case line == "}":
			require.NotEmpty(t, blocks, "line %d", i+1)
			blocks = blocks[:len(blocks)-1]
		case strings.HasSuffix(line, " {"):
			blocks = append(blocks, strings.TrimSuffix(line, " {"))
		default:
			if strings.Count(line, quotes) == 1 {
				for i++; !strings.Contains(lines[i], quotes); i++ {
					line += "\n" + lines[i]
				}
				line += "\n" + quotes
			}
			all = append(all, statement{strings.Join(blocks, "/"), line})
		}
	}
	require.Empty(t, blocks, "braces")
	return all
}

// allowed are the blocks and statements of Declarative Pipeline that an example may
// have (jenkins.io, Pipeline Syntax).
var allowed = regexp.MustCompile(`^pipeline/(` +
	`agent/docker/(image|args) (.*)` +
	`|triggers/cron\('.*'\)` +
	`|options/(skipDefaultCheckout\(\)|disableConcurrentBuilds\(\)|timeout\(time: \d+, unit: 'MINUTES'\)|buildDiscarder\(logRotator\(daysToKeepStr: '\d+'\)\))` +
	`|environment/[A-Z_]+ = .*` +
	`|stages/stage\('[^']+'\)/steps/(deleteDir\(\)|(?s:sh '.*'))` +
	`|post/success/archiveArtifacts artifacts: '.*', fingerprint: true)$`)

// jenkins carries the steps out in one workspace, which has files of the last build.
func jenkins(m machine) result {
	m.t.Helper()
	folder := m.t.TempDir()
	require.NoError(m.t, os.Mkdir(filepath.Join(folder, "backups"), 0o755))
	for _, file := range []string{"backups/manifest_20240201_103000.json", "outputs.env"} {
		require.NoError(m.t, os.WriteFile(filepath.Join(folder, file), []byte("x"), 0o600))
	}
	r, env := result{failed: 1}, make(map[string]string)
	for _, s := range statements(m.t, read(m.t, examples+"Jenkinsfile")) {
		require.Regexp(m.t, allowed, s.blocks+"/"+s.text)
		name, value, _ := strings.Cut(s.text, " ")
		switch {
		case strings.HasSuffix(s.blocks, "/environment"):
			env[name] = strings.Trim(strings.TrimPrefix(value, "= "), "'")
		case s.text == "deleteDir()":
			require.NoError(m.t, os.RemoveAll(folder))
			require.NoError(m.t, os.Mkdir(folder, 0o755))
		case name == "sh":
			assert.Equal(m.t, map[string]string{"WEAVIATE_URL": "https://weaviate.example.com", "WEAVIATE_API_KEY": "credentials('weaviate-api-key')"}, env)
			code, output := m.run(folder, m.settings(), "sh", "-xec", strings.Trim(value, "'"))
			r.code, r.output, r.steps = code, r.output+output, append(r.steps, s.blocks)
			if code != 0 {
				return r
			}
		case name == "archiveArtifacts":
			require.Equal(m.t, "artifacts: 'backups/**', fingerprint: true", value)
			r.kept = filepath.Join(folder, "backups")
		case name == "args":
			require.Equal(m.t, `"--entrypoint=''"`, value)
		}
	}
	return r
}
