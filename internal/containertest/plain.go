package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Limits of the release: what users pull on each job.
const (
	maxImageBytes  = 10_000_000
	maxBinaryBytes = 8_000_000
)

const binary = "/usr/local/bin/weaviate-backup"

// checkImage holds the image's size and configuration against what runners ask
// for: no user and no working folder of its own, an absolute exec-form
// entrypoint, the version, the certificates and the licences inside.
func (h *harness) checkImage(ctx context.Context) error {
	config, err := h.docker.output(ctx, "image", "inspect", "--format",
		`{{.Size}} {{json .Config.User}} {{json .Config.WorkingDir}} {{json .Config.Entrypoint}} {{index .Config.Labels "org.opencontainers.image.version"}} {{index .Config.Labels "org.opencontainers.image.revision"}}`, h.image)
	if err != nil {
		return err
	}
	size, rest, _ := strings.Cut(config, " ")
	imageBytes, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf(`"" "" [%q] %s %s`, binary, buildVersion, buildRevision); rest != want {
		return fmt.Errorf("user, working folder, entrypoint, version, commit: want %s, got %s", want, rest)
	}
	inside, err := h.action(ctx, []string{"--entrypoint", "stat"}, "-c", "%s", binary, caBundle)
	if err != nil {
		return err
	}
	sizes := strings.Fields(inside.stdout)
	if inside.code != 0 || len(sizes) != 2 || sizes[1] == "0" {
		return fmt.Errorf("binary or certificates: %s", inside)
	}
	binaryBytes, err := strconv.Atoi(sizes[0])
	if err != nil {
		return err
	}
	h.logf("     image %.2f MB, binary %.2f MB", float64(imageBytes)/1e6, float64(binaryBytes)/1e6)
	if imageBytes > maxImageBytes || binaryBytes > maxBinaryBytes {
		return fmt.Errorf("too large: at most %d bytes of image and %d of binary", maxImageBytes, maxBinaryBytes)
	}
	licences, err := h.action(ctx, []string{"--entrypoint", "zcat"}, "/usr/share/doc/weaviate-backup/LICENSES.gz")
	if err != nil {
		return err
	}
	for _, want := range []string{"==== github.com/hashicorp/go-retryablehttp@v", "Mozilla Public License", "Copyright 2009 The Go Authors"} {
		if licences.code != 0 || !strings.Contains(licences.stdout, want) {
			return fmt.Errorf("licences: no %q: %s", want, licences)
		}
	}
	version, err := h.action(ctx, nil, "--version")
	if err != nil {
		return err
	}
	if want := buildVersion + " (commit " + buildRevision + ", go"; version.code != 0 || !strings.Contains(version.stdout, want) {
		return fmt.Errorf("--version: want %s: %s", want, version)
	}
	return nil
}

// plainRun are the options of a run as on another CI: a mounted folder that is
// the working folder, and configuration by environment only.
func (h *harness) plainRun(w workspace, url string, more ...string) []string {
	return append([]string{
		"--network", h.network, "--volume", w.dir + ":/work", "--workdir", "/work",
		"--env", "WEAVIATE_URL=" + url,
	}, more...)
}

// inWorkspace runs f with a workspace that is removed afterwards.
func inWorkspace(f func(workspace) error) error {
	w, err := newWorkspace()
	if err != nil {
		return err
	}
	return errors.Join(f(w), w.remove())
}

// foreignUser is a user that neither the image nor the host knows.
const foreignUser = 12345

// locked are the options of a container that may do nothing: no right of root,
// none to be had, nothing to write to but what is mounted, and little memory.
func (w workspace) locked() []string {
	return []string{"--user", w.user(), "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "64m", "--pids-limit", "32"}
}

// checkForeignUser runs the container as a CI does that maps its own user into
// it: an unknown uid, nothing writable but the workspace, and no GITHUB_*. What
// it made is then verified without a network, where nothing at all is writable.
func (h *harness) checkForeignUser(ctx context.Context) error {
	return inWorkspace(func(w workspace) error {
		if w.uid == runnerUser {
			w.uid, w.gid = foreignUser, foreignUser
			if err := os.Chown(w.dir, w.uid, w.gid); err != nil {
				return err
			}
		}
		r, err := h.action(ctx, h.plainRun(w, serverURL, w.locked()...))
		if err != nil {
			return err
		}
		if r.code != 0 || !strings.Contains(r.stdout, "object-count=10\n") || strings.Contains(r.stdout+r.stderr, "::") {
			return fmt.Errorf("want object-count=10 on stdout, and no workflow commands: %s", r)
		}
		if err := w.holdsBackup(); err != nil {
			return err
		}
		r, err = h.action(ctx, append(w.locked(), "--network", "none", "--volume", w.dir+":/work:ro", "--workdir", "/work"),
			"verify", "--backup-path", "backups")
		if err != nil {
			return err
		}
		if r.code != 0 || !strings.Contains(r.stdout, "valid=true\n") {
			return fmt.Errorf("verify without a network: %s", r)
		}
		return w.holdsBackup()
	})
}

// checkNoNetwork wants an error that names the server.
func (h *harness) checkNoNetwork(ctx context.Context) error {
	return inWorkspace(func(w workspace) error {
		r, err := h.action(ctx, []string{
			"--network", "none", "--volume", w.dir + ":/work", "--workdir", "/work", "--env", "WEAVIATE_URL=" + serverURL,
			"--env", "WEAVIATE_BACKUP_WAIT_FOR_READY=0s", "--env", "WEAVIATE_BACKUP_MAX_ATTEMPTS=1",
		})
		if err != nil {
			return err
		}
		return errors.Join(r.failed(serverURL), w.empty())
	})
}

// checkFullDisk backs up into a folder of 4 KiB: less than the two snapshots.
// The folder is a volume in memory that a second container keeps alive, so that
// it can be looked into afterwards.
func (h *harness) checkFullDisk(ctx context.Context) (err error) {
	volume, keeper := h.name+"-small", h.name+"-keeper"
	_, err = h.docker.output(ctx, "volume", "create", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=4k,mode=1777", volume)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.remove(ctx, "volume", volume)) }()
	_, err = h.docker.output(ctx, "run", "--detach", "--label", h.name, "--name", keeper, "--volume", volume+":/small", baseImage, "tail", "-f", "/dev/null")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.remove(ctx, "container", keeper)) }()
	r, err := h.action(ctx, []string{
		"--network", h.network, "--volume", volume + ":/work/backups", "--workdir", "/work", "--env", "WEAVIATE_URL=" + serverURL,
	})
	if err != nil {
		return err
	}
	left, err := h.docker.output(ctx, "exec", keeper, "find", "/small", "-mindepth", "1")
	if err == nil && left != "" {
		err = fmt.Errorf("left behind: %s", left)
	}
	return errors.Join(r.failed("no space left on device"), err)
}

// checkClosedStdout runs the tool with a standard output that can't be written.
// Whatever its exit status is, it doesn't panic, and what it leaves is whole.
func (h *harness) checkClosedStdout(ctx context.Context) error {
	for _, command := range []string{
		binary + " backup >&-; echo code=$? >&2",
		binary + " backup >/dev/full; echo code=$? >&2",
		"{ " + binary + " backup; echo code=$? >&2; } | true",
	} {
		err := inWorkspace(func(w workspace) error {
			r, err := h.action(ctx, h.plainRun(w, serverURL, "--user", w.user(), "--entrypoint", "sh"), "-c", command)
			if err != nil {
				return err
			}
			if strings.Contains(r.stderr, "panic") || strings.Contains(r.stderr, "goroutine ") || strings.Contains(r.stderr, "code=2\n") {
				return fmt.Errorf("panic: %s", r)
			}
			if strings.Contains(r.stderr, "code=0\n") || w.empty() != nil {
				return w.holdsBackup()
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s: %w", command, err)
		}
	}
	return nil
}

// failed is nil for an end with exit status 1 and an error line that holds text.
func (r result) failed(text string) error {
	for line := range strings.Lines(r.stderr) {
		if r.code == 1 && strings.HasPrefix(line, "error: ") && strings.Contains(line, text) {
			return nil
		}
	}
	return fmt.Errorf("want exit status 1 and an error line with %q: %s", text, r)
}
