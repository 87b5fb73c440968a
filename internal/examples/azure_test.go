package examples_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"
)

// azurePipeline is what an example may use of azure-pipelines.yml.
type azurePipeline struct {
	Trigger, PR string
	Schedules   []struct {
		Cron        string
		DisplayName string `yaml:"displayName"`
		Branches    struct{ Include []string }
		Always      bool
	}
	Jobs []struct {
		Job              string
		TimeoutInMinutes int `yaml:"timeoutInMinutes"`
		Pool             struct {
			VMImage string `yaml:"vmImage"`
		}
		Workspace struct{ Clean string }
		Steps     []struct {
			Checkout, Bash, Publish, Artifact, Name string
			DisplayName                             string `yaml:"displayName"`
			Env                                     map[string]string
		}
	}
}

// azure carries the steps of a job out. Variables are in the environment, but for
// secret ones, which a step names. A script goes on after a command that fails,
// unless it says otherwise.
func azure(m machine) result {
	m.t.Helper()
	p := strictly[azurePipeline](m.t, read(m.t, examples+"azure-pipelines.yml"))[0]
	require.Len(m.t, p.Jobs, 1)
	require.Equal(m.t, "all", p.Jobs[0].Workspace.Clean)
	folder, r := m.t.TempDir(), result{failed: 1}
	macros := strings.NewReplacer("$(WEAVIATE_API_KEY)", m.key, "$(System.DefaultWorkingDirectory)", folder)
	for _, step := range p.Jobs[0].Steps {
		switch {
		case step.Bash != "":
			env := map[string]string{"WEAVIATE_URL": m.url}
			maps.Copy(env, step.Env)
			for name, value := range env {
				env[name] = macros.Replace(value)
			}
			code, output := m.run(folder, env, "bash", "--noprofile", "--norc", "-c", macros.Replace(step.Bash))
			r.code, r.output, r.steps = code, r.output+output, append(r.steps, step.DisplayName)
			if code != 0 {
				return r
			}
		case step.Publish != "":
			r.kept = macros.Replace(step.Publish)
		}
	}
	digest := "##vso[task.setvariable variable=schemaDigest;isOutput=true]sha256:"
	require.Contains(m.t, r.output, "##vso[task.setvariable variable=changed;isOutput=true]true\n"+digest)
	require.Equal(m.t, 2, strings.Count(r.output, "##vso["))
	entries, err := os.ReadDir(folder)
	require.NoError(m.t, err)
	require.Len(m.t, entries, 2, "%v", entries)
	require.Equal(m.t, filepath.Join(folder, "backups"), r.kept)
	return r
}
