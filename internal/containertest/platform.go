package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
)

// otherPlatform is the one of a release's image that is not this machine's. Its
// emulator runs a program of it here: Debian's qemu-user.
const (
	otherPlatform = "linux/arm64"
	otherImage    = "weaviate-backup-action:containertest-arm64"
	emulator      = "qemu-aarch64"
)

// checkOtherPlatform builds the image for another platform by BuildKit, as a release
// does, and runs what is in it against the server.
func (h *harness) checkOtherPlatform(ctx context.Context) error {
	if err := h.buildOther(ctx); err != nil {
		return err
	}
	config, err := h.docker.output(ctx, "image", "inspect", "--format", `{{.Os}}/{{.Architecture}} {{json .Config.Entrypoint}}`, otherImage)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("%s [%q]", otherPlatform, binary); config != want {
		return fmt.Errorf("platform, entrypoint: want %s, got %s", want, config)
	}
	return inWorkspace(func(w workspace) error {
		program := filepath.Join(w.dir, "program")
		if err := h.copyOut(ctx, otherImage, binary, program); err != nil {
			return err
		}
		ip, err := h.address(ctx, h.serverName())
		if err != nil {
			return err
		}
		r, err := h.emulate(ctx, w, program, "backup", "--weaviate-url", "http://"+net.JoinHostPort(ip, "8080"))
		if err != nil {
			return err
		}
		if r.code != 0 || !strings.Contains(r.stdout, "object-count=10\n") {
			return fmt.Errorf("want object-count=10: %s", r)
		}
		r, err = h.emulate(ctx, w, program, "verify", "--backup-path", "backups")
		if err != nil {
			return err
		}
		if r.code != 0 || !strings.Contains(r.stdout, "valid=true\n") {
			return fmt.Errorf("verify: %s", r)
		}
		return w.holdsBackup()
	})
}

// buildOther builds the image for the other platform. A tag of Docker's store names
// one platform, so where the base image can't be pulled, its tag is lent to a
// stand-in of that platform meanwhile. It lacks the programs, which no step of the
// build runs.
func (h *harness) buildOther(ctx context.Context) (err error) {
	label, err := h.docker.output(ctx, "image", "inspect", "--format", `{{.Id}} {{index .Config.Labels "stand-in"}}`, baseImage)
	if err != nil {
		return err
	}
	if id, isStandIn := strings.CutSuffix(label, " true"); isStandIn {
		if err := h.lendTag(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, h.takeBack(context.WithoutCancel(ctx), id)) }()
	}
	h.onExit(func(ctx context.Context) error { return h.remove(ctx, "image", otherImage) })
	return h.docker.buildKit(ctx, "--platform", otherPlatform, "--tag", otherImage, h.root)
}

// lendTag gives the base image's tag to an empty image of the other platform.
func (h *harness) lendTag(ctx context.Context) error {
	archive, err := emptyImage(baseImage)
	if err != nil {
		return err
	}
	_, err = h.docker.feed(ctx, archive, "load")
	return err
}

// takeBack gives the base image's tag to the image that had it.
func (h *harness) takeBack(ctx context.Context, id string) error {
	lent, err := h.docker.output(ctx, "image", "inspect", "--format", "{{.Id}}", baseImage)
	if err != nil {
		return err
	}
	if _, err := h.docker.output(ctx, "tag", id, baseImage); err != nil {
		return err
	}
	return h.remove(ctx, "image", lent)
}

// emptyImage is an image of the other platform with nothing in it, as `docker load`
// reads it: `docker import` knows only this machine's platform.
func emptyImage(tag string) (io.Reader, error) {
	_, architecture, _ := strings.Cut(otherPlatform, "/")
	var layer, archive bytes.Buffer
	if err := writeTar(&layer, func(r rootfs) error { return r.dir("usr", 0o755) }); err != nil {
		return nil, err
	}
	err := writeTar(&archive, func(r rootfs) error {
		config := fmt.Sprintf(`{"architecture":%q,"os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%x"]}}`,
			architecture, sha256.Sum256(layer.Bytes()))
		manifest := fmt.Sprintf(`[{"Config":"config.json","RepoTags":[%q],"Layers":["layer.tar"]}]`, tag)
		return errors.Join(r.text("config.json", config), r.text("manifest.json", manifest), r.text("layer.tar", layer.String()))
	})
	return &archive, err
}

// copyOut copies a file out of an image.
func (h *harness) copyOut(ctx context.Context, image, from, to string) error {
	id, err := h.docker.output(ctx, "create", "--label", h.name, image)
	if err != nil {
		return err
	}
	_, err = h.docker.output(ctx, "cp", id+":"+from, to)
	return errors.Join(err, h.remove(ctx, "container", id))
}

// emulate runs a program of the other platform in the workspace.
func (h *harness) emulate(ctx context.Context, w workspace, program string, args ...string) (result, error) {
	path, err := exec.LookPath(emulator)
	if err != nil {
		return result{}, fmt.Errorf("%w (Debian: apt-get install qemu-user)", err)
	}
	cmd := exec.CommandContext(ctx, path, append([]string{program}, args...)...)
	cmd.Dir = w.dir
	cmd.Env = []string{} // none of this machine's inputs
	return execute(ctx, cmd)
}
