package readme_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// Steps of the release that a repository on this disk can carry out.
const (
	refuse = "Refuse a version that is out, or below one that is, and a commit that is not on main"
	again  = "Refuse a version that is out, or below one that is"
	makeIt = "Make the action of the release"
	tag    = "Tag the action of the release"
)

// publisher is a clone in which a release is made, and its origin.
type publisher struct {
	t       *testing.T
	folder  string
	scripts map[string]string // by the name of the step
	image   string
}

func newPublisher(t *testing.T) publisher {
	t.Helper()
	var w workflow
	require.NoError(t, yaml.Unmarshal([]byte(read(t, ".github/workflows/release.yml")), &w))
	p := publisher{t: t, folder: filepath.Join(t.TempDir(), "clone"), scripts: make(map[string]string), image: w.Env["IMAGE"]}
	for _, job := range w.Jobs {
		for _, step := range job.Steps {
			p.scripts[step.Name] = step.Run
		}
	}
	bin := filepath.Join(p.folder, "..", "bin")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "gh"), []byte("#!/bin/sh\n"), 0o755))
	p.must("git init --quiet --bare --initial-branch main ../origin && git clone --quiet ../origin .")
	for _, name := range []string{"action.yml", "README.md", ".github/workflows/release.yml"} {
		path := filepath.Join(p.folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(read(t, name)), 0o644))
	}
	p.must("git switch --quiet --create main; git add . && git commit --quiet --message first && git push --quiet origin main")
	return p
}

// run runs a script as a step without a shell of its own is run, in the clone.
func (p publisher) run(script string, env ...string) (string, error) {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(p.folder, 0o755))
	command := exec.CommandContext(p.t.Context(), "bash", "-e", "-c", script)
	command.Dir = p.folder
	command.Env = append(env, "HOME="+p.folder, "PATH="+filepath.Join(p.folder, "..", "bin")+":"+os.Getenv("PATH"), "IMAGE="+p.image, "DIGEST=sha256:12",
		"RUNNER_TEMP="+p.t.TempDir(), "GITHUB_OUTPUT="+p.output(),
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

// publish carries the steps out, as for a release in which nothing fails.
func (p publisher) publish(version string, env []string) {
	p.t.Helper()
	p.must("rm -rf release; git fetch --quiet --tags --force origin")
	p.must(p.step(refuse), env...)
	require.Equal(p.t, "version="+version+"\n", p.outputs())
	p.must(p.step(again), env...)
	p.must(p.step(makeIt), env...)
	tree, found := strings.CutPrefix(p.outputs(), "tree=")
	require.True(p.t, found)
	require.NoError(p.t, os.WriteFile(filepath.Join(p.folder, "release", "stray"), nil, 0o644)) // by the run of the new image
	p.must(p.step(tag), append(env, "TREE="+strings.TrimSpace(tree))...)
	p.must("git fetch --quiet --tags --force origin")
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
	first := p.push("source-v1.2.3", "v1.2.3")
	p.publish("v1.2.3", first)
	released := p.must("git rev-parse v1.2.3")
	assert.Equal(t, released, p.must("git rev-parse v1"))
	assert.Equal(t, "D\t.github/workflows/release.yml\nM\taction.yml", p.must("git diff --name-status source-v1.2.3 v1.2.3"), "the action differs from its source in the image alone")
	assert.Equal(t, p.must("cat release/action.yml"), p.must("git show v1.2.3:action.yml"), "what was tried")
	assert.Contains(t, p.must("git show v1.2.3:action.yml"), "\n  image: docker://"+p.image+"@sha256:12\n")

	second := p.push("source-v1.10.0", "v1.10.0")
	p.publish("v1.10.0", second)
	assert.Equal(t, released, p.must("git rev-parse v1.2.3"), "it stays")
	assert.Equal(t, released, p.must("git rev-parse v1^"), "v1 goes forward")
	assert.Equal(t, p.must("git rev-parse v1.10.0"), p.must("git rev-parse v1"))

	// Nothing of a release that is out is written again.
	before := p.must("git ls-remote origin")
	for _, step := range []string{refuse, again, tag} {
		for _, env := range [][]string{first, second} {
			out, err := p.run(p.step(step), append(env, "TREE="+p.must("git rev-parse v1.2.3^{tree}"))...)
			require.Error(t, err, "%s: %s", step, out)
		}
	}
	older := p.push("source-v1.9.0", "v1.9.0")
	p.must("git switch --quiet --create other")
	other := p.push("source-v1.11.0", "v1.11.0")
	for name, env := range map[string][]string{"below": older, "not on main": other} {
		out, err := p.run(p.step(refuse), env...)
		require.Error(t, err, "%s: %s", name, out)
	}
	after := p.must("git ls-remote origin 'refs/tags/v*'")
	assert.Contains(t, before, after)
	assert.NotEmpty(t, after)
}
