package readme_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// workflow is what the rules ask of a workflow's file.
type workflow struct {
	On          yaml.Node         `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"` // nil where it is missing
	Concurrency yaml.Node         `yaml:"concurrency"`
	Env         map[string]string `yaml:"env"`
	Jobs        map[string]job    `yaml:"jobs"`
}

type job struct {
	Uses           yaml.Node         `yaml:"uses"`
	Permissions    map[string]string `yaml:"permissions"`
	Environment    string            `yaml:"environment"`
	TimeoutMinutes int               `yaml:"timeout-minutes"`
	Steps          []step            `yaml:"steps"`
}

type step struct {
	Name string            `yaml:"name"`
	Uses yaml.Node         `yaml:"uses"` // a node keeps the comment
	If   string            `yaml:"if"`
	Run  string            `yaml:"run"`
	With map[string]string `yaml:"with"`
}

var (
	pinned   = regexp.MustCompile(`^[\w-]+/[\w./-]+@[0-9a-f]{40}$`)
	version  = regexp.MustCompile(`^# v\d+\.\d+\.\d+$`)
	ownTag   = regexp.MustCompile(`^weaviate-backup/weaviate-backup-action@v\d+\.\d+\.\d+$`)
	triggers = []string{"pull_request_target", "workflow_run"} // they give strangers' code a token
)

// broken says which rules a workflow breaks: rights by job, actions by commit,
// no text from outside in a script, no files that somebody from outside could have
// kept, no credentials left in the checkout.
func broken(text []byte) ([]string, error) {
	var w workflow
	if err := yaml.Unmarshal(text, &w); err != nil {
		return nil, err
	}
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if w.Permissions == nil {
		add("no permissions at the top")
	}
	for scope, right := range w.Permissions {
		if scope != "contents" || right != "read" {
			add("permissions at the top: %s: %s belongs to a job", scope, right)
		}
	}
	for _, node := range append(w.On.Content, &w.On) {
		if slices.Contains(triggers, node.Value) {
			add("runs on %s", node.Value)
		}
	}
	for name, j := range w.Jobs {
		if j.TimeoutMinutes == 0 && j.Uses.IsZero() {
			add("%s: no timeout-minutes", name)
		}
		for _, problem := range append(use(j.Uses), steps(j.Steps)...) {
			add("%s: %s", name, problem)
		}
	}
	slices.Sort(all)
	return all, nil
}

// steps gives the rules that the steps of a job break.
func steps(list []step) []string {
	var all []string
	for _, s := range list {
		all = append(all, use(s.Uses)...)
		for _, script := range []string{s.Run, s.With["script"]} { // the latter is of actions/github-script
			if strings.Contains(script, "${{") {
				all = append(all, "an expression in a script: "+script)
			}
		}
		if strings.Contains(s.Run, "gh run list") && !strings.Contains(s.Run, "--event schedule") {
			all = append(all, "takes the files of any run, also of a pull request: "+s.Run)
		}
		if strings.HasPrefix(s.Uses.Value, "actions/checkout@") && s.With["persist-credentials"] != "false" {
			all = append(all, "a checkout that keeps its credentials")
		}
	}
	return all
}

// use gives what is wrong with the action or workflow that is used. This
// repository's own examples name its version, as they are read by people.
func use(node yaml.Node) []string {
	switch {
	case node.IsZero() || strings.HasPrefix(node.Value, "./") || ownTag.MatchString(node.Value):
		return nil
	case !pinned.MatchString(node.Value):
		return []string{node.Value + " is not pinned to a commit"}
	case !version.MatchString(node.LineComment):
		return []string{node.Value + " has no comment with its version"}
	}
	return nil
}

func TestWorkflows(t *testing.T) {
	t.Parallel()
	commits := make(map[string]string) // of each action, by its name
	for _, pattern := range []string{".github/workflows/*.yml", "testdata/workflows/*.yml"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(files), 5, pattern)
		for _, file := range files {
			name, err := filepath.Rel(root, file)
			require.NoError(t, err)
			text := read(t, name)
			problems, err := broken([]byte(text))
			require.NoError(t, err, name)
			assert.Empty(t, problems, name)
			if strings.HasPrefix(name, ".github") {
				assert.Contains(t, text, "\nconcurrency:", name)
			}
			for _, match := range regexp.MustCompile(`uses: ([\w-]+/[\w-]+)[\w/-]*@([0-9a-f]{40} # \S+)`).FindAllStringSubmatch(text, -1) {
				if known, ok := commits[match[1]]; ok {
					assert.Equal(t, known, match[2], "%s: another version of %s elsewhere", name, match[1])
				}
				commits[match[1]] = match[2]
			}
		}
	}
}

func TestWorkflowsThatAreNotAccepted(t *testing.T) {
	t.Parallel()
	const good = `on: push
permissions:
  contents: read
jobs:
  test:
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - run: make
`
	problems, err := broken([]byte(good))
	require.NoError(t, err)
	require.Empty(t, problems)
	tests := []struct{ name, old, text, want string }{
		{"no permissions", "permissions:\n  contents: read\n", "", "no permissions at the top"},
		{"rights for all jobs", "contents: read", "packages: write", "permissions at the top: packages: write belongs to a job"},
		{"to write for all jobs", "contents: read", "contents: write", "permissions at the top: contents: write belongs to a job"},
		{"strangers' code with a token", "on: push", "on: pull_request_target", "runs on pull_request_target"},
		{"the same in a list", "on: push", "on: [push, pull_request_target]", "runs on pull_request_target"},
		{"the same as a key", "on: push", "on: {pull_request_target: {}}", "runs on pull_request_target"},
		{"without end", "    timeout-minutes: 5\n", "", "test: no timeout-minutes"},
		{"a tag", "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "v7.0.1", "test: actions/checkout@v7.0.1 is not pinned to a commit"},
		{"a short commit", "3d3c42e5aac5ba805825da76410c181273ba90b1", "3d3c42e", "test: actions/checkout@3d3c42e is not pinned to a commit"},
		{"no version", " # v7.0.1", "", "test: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 has no comment with its version"},
		{"a workflow by its branch", "    steps:", "    uses: a/b/.github/workflows/c.yml@main\n    steps:", "test: a/b/.github/workflows/c.yml@main is not pinned to a commit"},
		{"an expression in a script", "run: make", "run: echo ${{ github.head_ref }}", "test: an expression in a script: echo ${{ github.head_ref }}"},
		{"the same in an action", "- run: make", "- with: {script: 'f(${{ github.head_ref }})'}", "test: an expression in a script: f(${{ github.head_ref }})"},
		{"files from anybody", "run: make", "run: gh run list --limit 1", "test: takes the files of any run, also of a pull request: gh run list --limit 1"},
		{"credentials on disk", "        with:\n          persist-credentials: false\n", "", "test: a checkout that keeps its credentials"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(good, tt.old, tt.text, 1)
			require.NotEqual(t, good, bad)
			problems, err := broken([]byte(bad))
			require.NoError(t, err)
			assert.Equal(t, []string{tt.want}, problems)
		})
	}
	_, err = broken([]byte("on: ["))
	require.Error(t, err)
}

// What SECURITY.md tells users to verify is what the release makes.
func TestSecurity(t *testing.T) {
	t.Parallel()
	security, release := read(t, ".github/SECURITY.md"), read(t, ".github/workflows/release.yml")
	w := releaseWorkflow(t)
	var on struct {
		Push struct {
			Tags []string `yaml:"tags"`
		} `yaml:"push"`
	}
	require.NoError(t, w.On.Decode(&on))
	repository, ok := strings.CutPrefix(w.Env["IMAGE"], "ghcr.io/")
	require.True(t, ok)
	assert.Contains(t, security, "--certificate-identity https://github.com/"+repository+"/.github/workflows/release.yml@refs/tags/source-v1.0.0")
	assert.Equal(t, 3, strings.Count(security, "identity https://github.com/"+repository+"/.github/workflows/release.yml@refs/tags/source-v1.0.0"), "one for each command that verifies")
	assert.Equal(t, strings.Count(security, "gh attestation verify"), strings.Count(security, `--source-digest "$commit" --deny-self-hosted-runners`))
	assert.Contains(t, release, "workflow=https://github.com/$GITHUB_REPOSITORY/.github/workflows/release.yml@refs/tags/$GITHUB_REF_NAME\n")
	assert.Equal(t, []string{"source-v[0-9]+.[0-9]+.[0-9]+"}, on.Push.Tags)
	for _, binary := range regexp.MustCompile(`weaviate-backup_\S+`).FindAllString(security, -1) {
		assert.Contains(t, release, strings.NewReplacer("v1.0.0", "${VERSION}", "amd64", "$arch").Replace(binary))
	}
}

// A bug without its message or versions costs a round of questions.
func TestIssueForms(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]string{"bug": {"message", "expected", "action", "weaviate", "place"}, "feature": {"problem"}} {
		var form struct {
			Name, Description string
			Body              []struct {
				ID          string
				Validations struct{ Required bool }
			}
		}
		require.NoError(t, yaml.Unmarshal([]byte(read(t, ".github/ISSUE_TEMPLATE/"+name+".yml")), &form))
		assert.NotEmpty(t, form.Name)
		assert.NotEmpty(t, form.Description)
		var required []string
		for _, field := range form.Body {
			if field.Validations.Required {
				required = append(required, field.ID)
			}
		}
		assert.Equal(t, ids, required, name)
	}
}

// An image that is not pinned by its digest is told of.
func TestImagesToBePinned(t *testing.T) {
	t.Parallel()
	contributing := read(t, ".github/CONTRIBUTING.md")
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yml"))
	require.NoError(t, err)
	text := read(t, "Dockerfile")
	for _, file := range files {
		text += read(t, ".github/workflows/"+filepath.Base(file))
	}
	images := regexp.MustCompile(`(?m)(?:^FROM(?: --platform=\S+)? |^\s+image: |driver-opts: image=|sbom: generator=)([\w./-]+:[\w.-]+)(?: AS \w+)?$`).FindAllStringSubmatch(text, -1)
	require.GreaterOrEqual(t, len(images), 6)
	for _, image := range images {
		assert.Contains(t, contributing, "`"+image[1]+"`")
	}
}
