package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// serverURL is the server in the checks' network.
const serverURL = "http://weaviate:8080"

// What the image is built with, as a release gives its version and commit.
const (
	buildVersion  = "v0.0.0-containertest"
	buildRevision = "0123456789abcdef0123456789abcdef01234567"
)

// buildImage builds the action's image from the repository's Dockerfile.
func (h *harness) buildImage(ctx context.Context) error {
	h.image = "weaviate-backup-action:containertest"
	_, err := h.docker.output(ctx, "build", "--tag", h.image, "--build-arg", "VERSION="+buildVersion,
		"--build-arg", "REVISION="+buildRevision, h.root)
	return err
}

// startServer starts a Weaviate in a network of its own and fills it: 7 Article
// and 3 Author objects.
func (h *harness) startServer(ctx context.Context) error {
	h.network = h.name
	if _, err := h.docker.output(ctx, "network", "create", h.network); err != nil {
		return err
	}
	h.onExit(func(ctx context.Context) error {
		return errors.Join(h.removeContainers(ctx), h.remove(ctx, "network", h.network))
	})
	_, err := h.docker.output(ctx, "run", "--detach", "--label", h.name, "--name", h.serverName(),
		"--network", h.network, "--network-alias", "weaviate",
		"--env", "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true", "--env", "CLUSTER_HOSTNAME=node1",
		"--env", "DISABLE_TELEMETRY=true", "--env", "PERSISTENCE_DATA_PATH=/var/lib/weaviate",
		serverImage)
	if err != nil {
		return err
	}
	_, err = h.inJob(ctx, nil, "/scripts/seed.sh", serverURL)
	return err
}

func (h *harness) serverName() string { return h.name + "-weaviate" }

// address is a container's in the checks' network, which this machine reaches.
func (h *harness) address(ctx context.Context, container string) (string, error) {
	return h.docker.output(ctx, "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container)
}

// inJob runs a command in a container as a workflow's `run:` step has it: the
// scripts of testdata/workflows are in /scripts. More docker options go in
// options. Any exit status but 0 is an error.
func (h *harness) inJob(ctx context.Context, options []string, command ...string) (string, error) {
	args := []string{
		"run", "--rm", "--label", h.name, "--network", h.network,
		"--volume", filepath.Join(h.root, "testdata", "workflows") + ":/scripts:ro",
	}
	args = append(args, options...)
	return h.docker.output(ctx, append(append(args, jobImage), command...)...)
}

// action is `docker run` of the action with its standard streams kept apart.
func (h *harness) action(ctx context.Context, options []string, args ...string) (result, error) {
	all := append([]string{"run", "--rm", "--label", h.name}, options...)
	return h.docker.run(ctx, append(append(all, h.image), args...)...)
}

// removeContainers removes every container of this run, with its volumes.
func (h *harness) removeContainers(ctx context.Context) error {
	ids, err := h.docker.output(ctx, "ps", "--all", "--quiet", "--filter", "label="+h.name)
	if err != nil || ids == "" {
		return err
	}
	_, err = h.docker.output(ctx, append([]string{"rm", "--force", "--volumes"}, strings.Fields(ids)...)...)
	return err
}

// remove removes one thing, by force, also when ctx has ended.
func (h *harness) remove(ctx context.Context, kind, name string) error {
	args := []string{kind, "rm", name}
	if kind != "network" { // whose rm has no --force in older releases
		args = []string{kind, "rm", "--force", name}
	}
	if _, err := h.docker.output(context.WithoutCancel(ctx), args...); err != nil {
		return fmt.Errorf("remove %s %s: %w", kind, name, err)
	}
	return nil
}
