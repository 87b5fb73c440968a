package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// What jobs think of their repository.
const (
	repository    = "weaviate-backup/example"
	repositoryURL = "https://github.com/" + repository + ".git"
)

// site is what the examples have around them on GitHub, as folders of the host
// that belong to the user of the jobs.
type site struct {
	owner     workspace // all of it
	job       workspace // the workspace of the next job
	artifacts string    // what upload-artifact kept, a folder each
	pulls     string    // pull requests, a file for the branch of each
	remote    string    // the repository, with one branch: main
	action    string    // the action as a release has it
}

// inSite runs f with a site whose repository holds the files, by their paths
// here. The site is removed afterwards.
func (h *harness) inSite(ctx context.Context, files map[string]string, f func(site) error) error {
	return inWorkspace(func(owner workspace) error {
		in := func(name string) string { return filepath.Join(owner.dir, name) }
		s := site{
			owner: owner, job: workspace{in("work"), owner.uid, owner.gid},
			artifacts: in("artifacts"), pulls: in("pulls"), remote: in("remote.git"), action: in("action"),
		}
		for _, dir := range []string{s.artifacts, s.pulls, s.action} {
			if err := owner.mkdir(dir); err != nil {
				return err
			}
		}
		if err := errors.Join(h.writeAction(s.action), s.newRepository(ctx, files)); err != nil {
			return err
		}
		return f(s)
	})
}

// writeAction writes action.yml as release.yml does it, with the image that was
// built.
func (h *harness) writeAction(dir string) error {
	source, err := os.ReadFile(filepath.Join(h.root, "action.yml"))
	if err != nil {
		return err
	}
	before, after, ok := strings.Cut(string(source), "\n  image: Dockerfile\n")
	if !ok {
		return errors.New("action.yml has no line: image: Dockerfile")
	}
	released := before + "\n  image: docker://" + h.image + "\n" + after
	return os.WriteFile(filepath.Join(dir, "action.yml"), []byte(released), 0o644) //nolint:gosec // a temporary folder
}

// mkdir makes a folder that belongs to the owner of w.
func (w workspace) mkdir(dir string) error {
	return errors.Join(os.Mkdir(dir, 0o755), os.Chown(dir, w.uid, w.gid))
}

// dropArtifacts leaves no artifact: the run of each example begins anew in act.
func (s site) dropArtifacts() error {
	return errors.Join(os.RemoveAll(s.artifacts), s.owner.mkdir(s.artifacts))
}

func (s site) newRepository(ctx context.Context, files map[string]string) error {
	if _, err := s.git(ctx, s.owner.dir, "init", "--quiet", "--bare", "--initial-branch", "main", s.remote); err != nil {
		return err
	}
	if err := s.checkout(ctx); err != nil {
		return err
	}
	for name, source := range files {
		content, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		path := filepath.Join(s.job.dir, name)
		if dir := filepath.Dir(path); dir != s.job.dir {
			if err := s.owner.mkdir(dir); err != nil {
				return err
			}
		}
		if err := os.WriteFile(path, content, 0o755); err != nil { //nolint:gosec // a script
			return err
		}
	}
	return s.commit(ctx, "Begin")
}

// empty makes the workspace that a job without a checkout has.
func (s site) empty() error {
	return errors.Join(os.RemoveAll(s.job.dir), s.owner.mkdir(s.job.dir))
}

// checkout makes the workspace that a job with a checkout of main has.
func (s site) checkout(ctx context.Context) error {
	if err := os.RemoveAll(s.job.dir); err != nil {
		return err
	}
	if _, err := s.git(ctx, s.owner.dir, "clone", "--quiet", s.remote, s.job.dir); err != nil {
		return err
	}
	_, err := s.git(ctx, s.job.dir, "remote", "set-url", "origin", repositoryURL)
	return err
}

// commit puts what the workspace holds on main.
func (s site) commit(ctx context.Context, message string) error {
	for _, args := range [][]string{
		{"add", "--all"},
		{"commit", "--quiet", "--allow-empty", "--message", message},
		{"push", "--quiet", s.remote, "HEAD:main"},
	} {
		if _, err := s.git(ctx, s.job.dir, args...); err != nil {
			return err
		}
	}
	return nil
}

// git runs git as the owner of the site, without the settings of who runs the
// checks.
func (s site) git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "HOME="+s.owner.dir, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=user", "GIT_AUTHOR_EMAIL=user@example.com", "GIT_COMMITTER_NAME=user", "GIT_COMMITTER_EMAIL=user@example.com")
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(s.owner.uid), Gid: uint32(s.owner.gid)}} //nolint:gosec // set from constants
	}
	r, err := execute(ctx, cmd)
	if err != nil {
		return "", err
	}
	if r.code != 0 {
		return "", fmt.Errorf("git %s: %s", args[0], r)
	}
	return strings.TrimSpace(r.stdout), nil
}

// kept is an error unless exactly these artifacts are there, each with the same
// files as the folder of the workspace beside its name.
func (s site) kept(want map[string]string) error {
	entries, err := os.ReadDir(s.artifacts)
	if err != nil {
		return err
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
		if from, ok := want[entry.Name()]; ok {
			err = errors.Join(err, sameFiles(filepath.Join(s.artifacts, entry.Name()), filepath.Join(s.job.dir, from)))
		}
	}
	if len(names) != len(want) || slices.ContainsFunc(names, func(name string) bool { return want[name] == "" }) {
		err = errors.Join(err, fmt.Errorf("artifacts: want %v, got %v", want, names))
	}
	return err
}

// sameFiles is an error unless both folders hold the same files, at least one.
func sameFiles(a, b string) error {
	entries, err := os.ReadDir(a)
	if err != nil {
		return err
	}
	others, err := os.ReadDir(b)
	if err != nil {
		return err
	}
	if len(entries) == 0 || len(entries) != len(others) {
		return fmt.Errorf("%s has %d files, %s has %d", a, len(entries), b, len(others))
	}
	for _, entry := range entries {
		one, err := os.ReadFile(filepath.Join(a, entry.Name()))
		if err != nil {
			return err
		}
		other, err := os.ReadFile(filepath.Join(b, entry.Name()))
		if err != nil {
			return err
		}
		if !bytes.Equal(one, other) {
			return fmt.Errorf("%s differs in %s and %s", entry.Name(), a, b)
		}
	}
	return nil
}
