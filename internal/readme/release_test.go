package readme_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// Steps of the release that a repository on this disk can carry out.
const (
	private = "Refuse an image that not everybody can pull"
	makeIt  = "Make the action of the release"
	makeTwo = "Make the action again, and refuse another one than was tried"
	draft   = "Draft the release"
	tag     = "Tag the action of the release"
	publish = "Publish the release"
)

// standIn stands for gh and docker: it notes how it is called, lists two drafts, and
// fails with the words of the file refusal where that is there.
const standIn = `#!/bin/bash
echo "$(basename "$0") $*" >>../calls
case "$*" in
  'api --paginate repos/o/r/releases --jq .[] | select(.draft and .name == "v1.2.3") | .id') printf '%s\n' 7 8 ;;
  'api repos/o/r/releases/generate-notes '*) echo 'What changed.' ;;
esac
if [[ -e ../refusal ]]; then cat ../refusal >&2; exit 1; fi
`

// publisher is a clone in which a release is made, and its origin.
type publisher struct {
	t       *testing.T
	folder  string
	scripts map[string]string // by the name of the step
	image   string
}

func releaseWorkflow(t *testing.T) workflow {
	t.Helper()
	var w workflow
	require.NoError(t, yaml.Unmarshal([]byte(read(t, ".github/workflows/release.yml")), &w))
	return w
}

func newPublisher(t *testing.T) publisher {
	t.Helper()
	w := releaseWorkflow(t)
	p := publisher{t: t, folder: filepath.Join(t.TempDir(), "clone"), scripts: make(map[string]string), image: w.Env["IMAGE"]}
	for _, job := range w.Jobs {
		for _, step := range job.Steps {
			p.scripts[step.Name] = step.Run
		}
	}
	bin := filepath.Join(p.folder, "..", "bin")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	for _, name := range []string{"gh", "docker"} { // they note how they are called
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(standIn), 0o755))
	}
	p.must("git init --quiet --bare --initial-branch main ../origin && git clone --quiet ../origin .")
	for _, name := range []string{"action.yml", "README.md", ".github/workflows/release.yml", ".github/release/drop-draft.sh", ".github/release/plan.sh", ".github/release/tree.sh"} {
		path := filepath.Join(p.folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(read(t, name)), 0o755))
	}
	p.must("git switch --quiet --create main; git add . && git commit --quiet --message first && git push --quiet origin main")
	return p
}

// run runs a script as a step with the shell bash is run, in the clone.
func (p publisher) run(script string, env ...string) (string, error) {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(p.folder, 0o755))
	command := exec.CommandContext(p.t.Context(), "bash", "-e", "-o", "pipefail", "-c", script)
	command.Dir = p.folder
	command.Env = append(env, "HOME="+p.folder, "PATH="+filepath.Join(p.folder, "..", "bin")+":"+os.Getenv("PATH"), "IMAGE="+p.image, "DIGEST=sha256:12",
		"RUNNER_TEMP="+p.t.TempDir(), "GITHUB_OUTPUT="+p.output(), "GITHUB_REPOSITORY=o/r",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b")
	out, err := command.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// output is the file of what steps give to others.
func (p publisher) output() string { return filepath.Join(p.folder, "..", "output") }

// outputs takes what steps have given since it was asked last.
func (p publisher) outputs() string {
	p.t.Helper()
	data, err := os.ReadFile(p.output())
	require.NoError(p.t, err)
	require.NoError(p.t, os.Remove(p.output()))
	return string(data)
}

func (p publisher) must(script string, env ...string) string {
	p.t.Helper()
	out, err := p.run(script, env...)
	require.NoError(p.t, err, out)
	return out
}

// push makes a commit, gives it a tag and pushes both, and gives the environment of
// the steps that this starts.
func (p publisher) push(name, version string) []string {
	p.t.Helper()
	p.must("git commit --quiet --allow-empty --message " + name + " && git tag " + name + " && git push --quiet origin HEAD " + name)
	return []string{"GITHUB_REF_NAME=" + name, "GITHUB_SHA=" + p.must("git rev-parse HEAD"), "VERSION=" + version}
}

// plan is what the script says of the release of a tag, its outputs, or why not.
func (p publisher) plan(env []string) (string, error) {
	p.t.Helper()
	p.must("git fetch --quiet --tags --force origin")
	return p.run(`.github/release/plan.sh "$GITHUB_REF_NAME" "$GITHUB_SHA"`, env...)
}

// publish carries the steps out, as for a release in which nothing fails, and gives
// what the plan says.
func (p publisher) publish(version string, env []string) string {
	p.t.Helper()
	plan, err := p.plan(env)
	require.NoError(p.t, err, plan)
	p.must("rm -rf release")
	p.must(p.step(makeIt), env...)
	tree, found := strings.CutPrefix(p.outputs(), "tree=")
	require.True(p.t, found)
	tree = strings.TrimSpace(tree)
	p.must("echo 'image: docker://another' >action.yml && touch stray") // what the new image could leave
	p.must(p.step(makeTwo), append(env, "TRIED="+tree)...)
	p.must("git checkout --quiet action.yml && rm stray")
	p.must(p.step(tag), append(env, "TREE="+tree)...)
	require.Contains(p.t, plan, "version="+version+"\n")
	p.must("git fetch --quiet --tags --force origin")
	return strings.TrimPrefix(plan, "version="+version+"\n")
}

// called takes how gh and docker have been called since it was asked last.
func (p publisher) called() string {
	p.t.Helper()
	return p.must("cat ../calls && rm ../calls")
}

// step is the script of the step.
func (p publisher) step(name string) string {
	p.t.Helper()
	require.Contains(p.t, p.scripts, name)
	return p.scripts[name]
}

// A release has a tag of its own that never moves, and takes the major version with it.
func TestRelease(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	p.push("source-v1.2.1", "v1.2.1") // its release failed
	p.push("source-v2.0.0-rc1", "")
	first := p.push("source-v1.2.3", "v1.2.3")
	assert.Equal(t, "latest=true\nsince=", p.publish("v1.2.3", first))
	released := p.must("git rev-parse v1.2.3")
	assert.Equal(t, released, p.must("git rev-parse v1"))
	assert.Equal(t, "D\t.github/workflows/release.yml\nM\taction.yml", p.must("git diff --name-status source-v1.2.3 v1.2.3"), "the action differs from its source in the image alone")
	assert.Equal(t, p.must("cat release/action.yml"), p.must("git show v1.2.3:action.yml"), "what was tried")
	assert.Contains(t, p.must("git show v1.2.3:action.yml"), "\n  image: docker://"+p.image+"@sha256:12\n")

	p.must("git tag --force --annotate --message moved v1 v1 && git push --quiet --force origin v1") // by somebody
	second := p.push("source-v1.10.0", "v1.10.0")
	assert.Equal(t, "latest=true\nsince=source-v1.2.3", p.publish("v1.10.0", second))
	assert.Equal(t, released, p.must("git rev-parse v1.2.3"), "it stays")
	assert.Equal(t, released, p.must("git rev-parse v1^"), "v1 goes forward")
	assert.Equal(t, p.must("git rev-parse v1.10.0"), p.must("git rev-parse v1"))

	p.must("git tag origin/main && git push --quiet origin refs/tags/origin/main") // which git would take first
	major := p.push("source-v2.0.0", "v2.0.0")
	assert.Equal(t, "latest=true\nsince=source-v1.10.0", p.publish("v2.0.0", major))
	backport := p.push("source-v1.10.1", "v1.10.1")
	assert.Equal(t, "latest=false\nsince=source-v2.0.0", p.publish("v1.10.1", backport))
}

// Nothing of a release that is out is written again, and no step backwards is made.
func TestReleaseRefusals(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	first := p.push("source-v1.2.3", "v1.2.3")
	p.publish("v1.2.3", first)
	second := p.push("source-v1.10.0", "v1.10.0")
	p.publish("v1.10.0", second)
	before := p.must("git ls-remote origin 'refs/tags/v*'")
	older := p.push("source-v1.9.0", "v1.9.0")
	odd := p.push("source-v1.011.0", "v1.011.0")
	p.must("git switch --quiet --create other")
	other := p.push("source-v1.11.0", "v1.11.0")
	for want, env := range map[string][]string{
		"v1.10.0 is out already: tag another version.":             second,
		"v1.2.3 is out already: tag another version.":              first,
		"v1.10.0 is out, which is above v1.9.0: v1 would go back.": older,
		"source-v1.011.0 is no tag like source-v1.2.3.":            odd,
		"The commit of source-v1.11.0 is not on main.":             other,
	} {
		out, err := p.plan(env)
		require.Error(t, err, want)
		assert.Equal(t, "::error title=Release::"+want, out)
	}
	for _, env := range [][]string{first, second} { // where a plan was made before another release came out
		out, err := p.run(p.step(tag), append(env, "TREE="+p.must("git rev-parse v1.2.3^{tree}"))...)
		require.Error(t, err, out)
	}
	out, err := p.run(p.step(makeTwo), append(second, "TRIED="+p.must("git rev-parse source-v1.10.0^{tree}"))...)
	require.Error(t, err, out)
	assert.Contains(t, out, "::error::What was tried is another action: ")
	assert.Equal(t, before, p.must("git ls-remote origin 'refs/tags/v*'"))
	assert.NotEmpty(t, before)
}

// The GitHub release is a draft, made anew, until the tags are there.
func TestReleaseNotes(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	env := append(p.push("source-v1.2.3", "v1.2.3"), "LATEST=false", "SINCE=source-v1.2.2")
	p.must("mkdir dist && touch dist/SHA256SUMS")
	p.must(p.step(draft), env...)
	p.must(p.step(publish), env...)
	calls := strings.Split(p.called(), "\n")
	require.Len(t, calls, 6)
	assert.Equal(t, "gh api repos/o/r/releases/generate-notes --jq .body --raw-field tag_name=source-v1.2.3 --raw-field previous_tag_name=source-v1.2.2", calls[0])
	assert.Equal(t, []string{"gh api --method DELETE repos/o/r/releases/7", "gh api --method DELETE repos/o/r/releases/8"}, calls[2:4])
	assert.Regexp(t, `^gh release create v1\.2\.3 dist/SHA256SUMS --draft --title v1\.2\.3 --notes-file \S+$`, calls[4])
	assert.Equal(t, "gh release edit v1.2.3 --tag v1.2.3 --verify-tag --draft=false --latest=false", calls[5])

	p.must("echo down >../refusal")
	out, err := p.run(p.step(draft), env...)
	require.Error(t, err, "%s: notes that can't be had are no notes", out)
}

// Nobody takes away the draft of a release whose tag is out.
func TestReleaseDropsItsDraft(t *testing.T) {
	t.Parallel()
	w := releaseWorkflow(t)
	steps := w.Jobs["release"].Steps
	last := steps[len(steps)-1]
	assert.Contains(t, last.Run, "drop-draft.sh")
	assert.Equal(t, "(failure() || cancelled()) && steps.plan.outcome == 'success' && steps.tag.outcome != 'success'", last.If)
}

// Only where the registry wants to know who asks is the package a private one.
func TestReleaseOfAPrivateImage(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	p.must(p.step(private))
	for words, want := range map[string]string{
		"unauthorized":                "::error::Make the package public in its settings, and run this job again.\nunauthorized",
		"error from registry: Denied": "::error::Make the package public in its settings, and run this job again.\nerror from registry: Denied",
		"no such host":                "no such host",
	} {
		p.must("echo '" + words + "' >../refusal")
		out, err := p.run(p.step(private))
		require.Error(t, err, words)
		assert.Equal(t, want, out)
	}
}

var runsImage = regexp.MustCompile(`docker (container )?(run|start|exec|compose)`)

// What runs the new image, as root and with the Docker socket, may write nothing.
func TestReleaseRights(t *testing.T) {
	t.Parallel()
	w := releaseWorkflow(t)
	for name, job := range w.Jobs {
		runs := slices.ContainsFunc(job.Steps, func(s step) bool {
			return strings.HasPrefix(s.Uses.Value, "./") || strings.HasPrefix(s.Uses.Value, "docker:") || runsImage.MatchString(s.Run)
		})
		assert.Equal(t, name == "try", runs, name)
		writes := slices.Contains(slices.Collect(maps.Values(job.Permissions)), "write")
		assert.Equal(t, name == "image" || name == "release", writes, name)
		assert.Equal(t, writes, job.Environment == "release", "%s: rights to write take a review", name)
	}
}
