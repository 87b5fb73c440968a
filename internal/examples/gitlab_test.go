package examples_test

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// gitlabPipeline is what an example may use of .gitlab-ci.yml.
type gitlabPipeline struct {
	Stages  []string
	Default struct {
		Image struct {
			Name       string
			Entrypoint []string
		}
	}
	Workflow struct {
		Rules []struct{ If string }
	}
	Jobs map[string]gitlabJob `yaml:",inline"`
}

type gitlabJob struct {
	Stage     string
	Timeout   string // of a job: GitLab ignores that of default
	Needs     []string
	Script    []string
	Artifacts struct {
		Name     string
		Paths    []string
		Reports  struct{ Dotenv string }
		ExpireIn string `yaml:"expire_in"`
	}
}

// strictly reads the documents of a YAML file; a key that the type lacks is an error.
func strictly[T any](t *testing.T, text string) []T {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	var all []T
	for {
		var one T
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, one)
	}
}

// gitlab carries a pipeline out as GitLab's runner does: each job in a folder of its
// own, with the files and the variables of those that it needs.
func gitlab(m machine) result {
	m.t.Helper()
	p := strictly[gitlabPipeline](m.t, read(m.t, examples+"gitlab-ci.yml"))[0]
	require.Equal(m.t, []string{""}, p.Default.Image.Entrypoint, "else the runner's shell would be arguments of the program")
	r := result{failed: 1}
	folders := make(map[string]string)
	reports := make(map[string]map[string]string)
	ran := 0
	for _, stage := range p.Stages {
		for name, job := range p.Jobs {
			if job.Stage != stage {
				continue
			}
			ran++
			folder, env := m.t.TempDir(), m.settings()
			for _, needed := range job.Needs {
				require.Contains(m.t, folders, needed)
				require.NoError(m.t, os.CopyFS(folder, os.DirFS(folders[needed])))
				maps.Copy(env, reports[needed])
			}
			code, output := m.run(folder, env, "sh", "-ec", strings.Join(job.Script, "\n"))
			r.code, r.output, r.steps = code, r.output+output, append(r.steps, name)
			if code != 0 {
				return r
			}
			kept := m.t.TempDir()
			for _, path := range job.Artifacts.Paths {
				require.NoError(m.t, os.CopyFS(filepath.Join(kept, path), os.DirFS(filepath.Join(folder, path))))
				r.kept = filepath.Join(kept, path)
			}
			folders[name] = kept
			if job.Artifacts.Reports.Dotenv != "" {
				data, err := os.ReadFile(filepath.Join(folder, job.Artifacts.Reports.Dotenv))
				require.NoError(m.t, err)
				reports[name] = dotenv(m.t, string(data))
			}
		}
	}
	require.Len(m.t, p.Jobs, ran, "each job has a stage")
	require.Contains(m.t, r.output, "\n2 collections, object count exact\n")
	return r
}

var (
	dotenvLine = regexp.MustCompile(`^(.*?)=(.*)$`)
	dotenvKey  = regexp.MustCompile(`^[a-zA-Z0-9_]+$`)
)

// dotenv reads a report as GitLab does, with its limits
// (app/services/ci/parse_dotenv_artifact_service.rb).
func dotenv(t *testing.T, text string) map[string]string {
	t.Helper()
	require.Less(t, len(text), 5<<10)
	variables := make(map[string]string)
	for line := range strings.Lines(text) {
		match := dotenvLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		require.NotNil(t, match, "%q", line)
		key, value := strings.TrimSpace(match[1]), strings.TrimSpace(match[2])
		require.Regexp(t, dotenvKey, key)
		variables[key] = value
	}
	require.LessOrEqual(t, len(variables), 20)
	return variables
}
