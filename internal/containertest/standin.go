package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// The images that the Dockerfile and the workflows name.
const (
	baseImage   = "busybox:1.37.0-musl"
	goImage     = "golang:1.26.8-alpine3.22"
	jobImage    = "buildpack-deps:bookworm-scm"
	serverImage = "semitechnologies/weaviate:" + weaviatetest.DefaultVersion
)

// caBundle holds the certificate authorities that this machine trusts.
const caBundle = "/etc/ssl/certs/ca-certificates.crt"

// standIn is an image made here because the real one can't be had.
type standIn struct {
	image string
	// changes are Dockerfile instructions for `docker import --change`.
	changes []string
	// write writes the root folder as a tar stream.
	write func(ctx context.Context, to io.Writer) error
}

// ensureImages sees to it that every image is in Docker's store: there already,
// pulled, or else as a stand-in.
func (h *harness) ensureImages(ctx context.Context) error {
	golang, err := goStandIn(ctx)
	if err != nil {
		return err
	}
	for _, s := range []standIn{
		{baseImage, []string{`CMD ["sh"]`}, busyboxTar},
		golang,
		{serverImage, []string{
			`ENTRYPOINT ["/bin/weaviate-server"]`,
			`CMD ["--host","0.0.0.0","--port","8080","--scheme","http"]`,
			"EXPOSE 8080",
		}, h.serverTar},
		{jobImage, []string{`CMD ["bash"]`}, h.debianTar},
	} {
		if err := h.ensureImage(ctx, s); err != nil {
			return fmt.Errorf("image %s: %w", s.image, err)
		}
	}
	return nil
}

func (h *harness) ensureImage(ctx context.Context, s standIn) error {
	if _, err := h.docker.output(ctx, "image", "inspect", s.image); err == nil {
		return nil
	}
	begin := h.now()
	if _, err := h.docker.output(ctx, "pull", s.image); err == nil {
		h.logf("pulled %s (%s)", s.image, h.since(begin))
		return nil
	}
	h.logf("%s can't be pulled: making a stand-in", s.image)
	read, write := io.Pipe()
	go func() { write.CloseWithError(s.write(ctx, write)) }()
	args := []string{"import", "--change", "LABEL stand-in=true"}
	for _, change := range s.changes {
		args = append(args, "--change", change)
	}
	_, err := h.docker.feed(ctx, read, append(args, "-", s.image)...)
	if err := errors.Join(err, read.Close()); err != nil {
		return err
	}
	h.logf("made the stand-in %s (%s)", s.image, h.since(begin))
	return nil
}

// busyboxTar writes the root folder of the busybox stand-in.
func busyboxTar(ctx context.Context, to io.Writer) error {
	return writeTar(to, func(r rootfs) error { return r.busybox(ctx) })
}

// goStandIn is busybox and this machine's Go, with its module proxy.
func goStandIn(ctx context.Context) (standIn, error) {
	env, err := execute(ctx, exec.CommandContext(ctx, "go", "env", "GOROOT", "GOPROXY", "GOSUMDB"))
	if err != nil {
		return standIn{}, err
	}
	values := strings.Split(env.stdout, "\n")
	if env.code != 0 || len(values) < 3 {
		return standIn{}, fmt.Errorf("go env: %s", env)
	}
	return standIn{
		image: goImage,
		changes: []string{
			"ENV PATH=/usr/local/go/bin:/bin GOPATH=/go GOTOOLCHAIN=local SSL_CERT_FILE=" + caBundle,
			fmt.Sprintf("ENV GOPROXY=%s GOSUMDB=%s", values[1], values[2]),
		},
		write: func(ctx context.Context, to io.Writer) error {
			return writeTar(to, func(r rootfs) error {
				if err := r.busybox(ctx); err != nil {
					return err
				}
				if err := r.file(strings.TrimPrefix(caBundle, "/"), caBundle); err != nil {
					return err
				}
				return r.tree("usr/local/go", values[0], "api", "doc", "test")
			})
		},
	}, nil
}

// serverTar is busybox and the real Weaviate server.
func (h *harness) serverTar(ctx context.Context, to io.Writer) error {
	server, err := weaviatetest.Build(ctx, weaviatetest.DefaultVersion, h.log)
	if err != nil {
		return err
	}
	return writeTar(to, func(r rootfs) error {
		if err := r.busybox(ctx); err != nil {
			return err
		}
		return r.file("bin/weaviate-server", server)
	})
}

// debianTar bootstraps a Debian with curl and git, as a job's container.
func (h *harness) debianTar(ctx context.Context, to io.Writer) (err error) {
	dir, err := os.MkdirTemp(h.cache, "debian-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	bootstrap := exec.CommandContext(ctx, "debootstrap", "--variant=minbase", "--include=ca-certificates,curl,git", "bookworm", dir)
	r, err := execute(ctx, bootstrap)
	if err != nil {
		return err
	}
	if r.code != 0 {
		return fmt.Errorf("debootstrap: %s", r)
	}
	// Docker makes the devices itself.
	pack := exec.CommandContext(ctx, "tar", "--create", "--directory", dir, "--exclude=./dev/*", "--exclude=./var/cache/apt/*", ".")
	pack.Stdout = to
	pack.WaitDelay = time.Second
	if err := pack.Run(); err != nil {
		return fmt.Errorf("tar: %w", err)
	}
	return nil
}

// writeTar writes what fill adds as one tar stream.
func writeTar(to io.Writer, fill func(rootfs) error) error {
	w := tar.NewWriter(to)
	if err := fill(rootfs{w}); err != nil {
		return err
	}
	return w.Close()
}
