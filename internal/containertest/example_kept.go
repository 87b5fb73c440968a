package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// nightlyArtifact is what the nightly workflow keeps in act's only run.
const nightlyArtifact = "weaviate-schema-1-1"

// whole is what the verify workflow says when only the server has changed.
const whole = "The files are whole, but the schema has changed since"

// checkKept runs the nightly workflow with a key that may only read, and then
// the verify workflow on what that kept: as it is, after a change of the server,
// with a file that was damaged, and where only another workflow kept anything.
func (h *harness) checkKept(ctx context.Context, s site) error {
	run := func(file string) (actLog, error) {
		if err := s.empty(); err != nil {
			return actLog{}, err
		}
		return h.runExample(ctx, s, exampleRun{file: file, event: "schedule", key: viewerKey})
	}
	log, err := run("nightly.yml")
	if err := errors.Join(err, log.succeeded("2 collections saved from", "`Article` | 7 |", "`Author` | 3 |", "## Nothing wrong with `backups/manifest_"),
		s.job.holdsBackup(), s.kept(map[string]string{nightlyArtifact: "backups"})); err != nil {
		return fmt.Errorf("nightly: %w", err)
	}
	log, err = run("verify.yml")
	if err := errors.Join(err, log.succeeded("Nothing wrong with `backups/manifest_", "2 collections, compared with `"+productionURL+"`"), log.silent(whole)); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if err := h.addTeaser(ctx); err != nil {
		return err
	}
	log, err = run("verify.yml")
	if err := errors.Join(err, log.failed("is whole, but the server differs from it", `the server's definition of "Article" differs`, whole)); err != nil {
		return fmt.Errorf("verify after a change: %w", err)
	}
	if err := s.damage("Author"); err != nil {
		return err
	}
	log, err = run("verify.yml")
	if err := errors.Join(err, log.failed("Author_schema_"), log.silent(whole)); err != nil {
		return fmt.Errorf("verify of a damaged file: %w", err)
	}
	if err := os.Rename(filepath.Join(s.artifacts, nightlyArtifact), filepath.Join(s.artifacts, "weaviate-schema-staging-1-1")); err != nil {
		return err
	}
	log, err = run("verify.yml")
	if err := errors.Join(err, log.failed("no scheduled nightly run has succeeded"), log.silent("Verify backups")); err != nil {
		return fmt.Errorf("verify of another workflow's artifact: %w", err)
	}
	return nil
}

// checkWrongKey runs the nightly workflow, started by hand, with a key that the
// server doesn't know.
func (h *harness) checkWrongKey(ctx context.Context, s site) error {
	if err := s.empty(); err != nil {
		return err
	}
	log, err := h.runExample(ctx, s, exampleRun{file: "nightly.yml", event: "workflow_dispatch", key: "key-of-nobody"})
	return errors.Join(err, log.failed("401 Unauthorized"), log.silent("saved from", "Nothing wrong with"), s.kept(nil), s.job.empty())
}

// damage changes one digit of the collection's snapshot in the nightly artifact.
func (s site) damage(collection string) error {
	paths, err := filepath.Glob(filepath.Join(s.artifacts, nightlyArtifact, collection+"_*.json"))
	if err != nil {
		return err
	}
	if len(paths) != 1 {
		return fmt.Errorf("want one snapshot of %s, got %v", collection, paths)
	}
	data, err := os.ReadFile(paths[0])
	if err != nil {
		return err
	}
	changed := bytes.Replace(data, []byte(`"object_count": 3`), []byte(`"object_count": 4`), 1)
	if bytes.Equal(changed, data) {
		return fmt.Errorf("no count of 3 in %s", paths[0])
	}
	return os.WriteFile(paths[0], changed, 0o644) //nolint:gosec // as it was
}

// checkMatrix runs the workflow of several servers: all of them well, then one
// of them with a folder that can't be written, which must not stop the others.
func (h *harness) checkMatrix(ctx context.Context, s site) error {
	run := func() (actLog, error) {
		return h.runExample(ctx, s, exampleRun{file: "matrix.yml", event: "workflow_dispatch", key: viewerKey})
	}
	if err := s.empty(); err != nil {
		return err
	}
	log, err := run()
	if err := errors.Join(err, log.succeeded("`Article` | 7 |"), s.kept(map[string]string{
		"weaviate-schema-production-eu-1-1": "backups/production-eu",
		"weaviate-schema-production-us-1-1": "backups/production-us",
		"weaviate-schema-staging-1-1":       "backups/staging",
	})); err != nil {
		return err
	}
	if err := errors.Join(s.empty(), s.dropArtifacts(), s.owner.mkdir(filepath.Join(s.job.dir, "backups"))); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.job.dir, "backups", "staging"), nil, 0o644); err != nil {
		return err
	}
	log, err = run()
	if err := errors.Join(err, log.failed("backups/staging"), s.kept(map[string]string{
		"weaviate-schema-production-eu-1-1": "backups/production-eu",
		"weaviate-schema-production-us-1-1": "backups/production-us",
	})); err != nil {
		return fmt.Errorf("one that fails: %w", err)
	}
	return nil
}

// checkRestoreDrill runs the restore drill with collections that have tenants
// and an alias too. On GitHub the job's containers join the network of its
// service; act has them join only the one that it is told, so production and job
// are put into the network that act makes for the service.
func (h *harness) checkRestoreDrill(ctx context.Context, s site) (err error) {
	for _, r := range []struct{ path, body string }{
		{"/v1/schema", `{"class":"Visit","multiTenancyConfig":{"enabled":true},"properties":[{"name":"of","dataType":["Author"]}]}`},
		{"/v1/schema/Visit/tenants", `[{"name":"north"},{"name":"south","activityStatus":"INACTIVE"}]`},
		{"/v1/aliases", `{"class":"Article","alias":"Texts"}`},
	} {
		if _, err := h.ask(ctx, http.MethodPost, r.path, r.body); err != nil {
			return err
		}
	}
	network := actNetwork("Restore drill", "drill")
	_, err = h.docker.run(ctx, "network", "rm", network) // one that a run left that was killed
	if err != nil {
		return err
	}
	if _, err := h.docker.output(ctx, "network", "create", network); err != nil {
		return err
	}
	defer func() {
		_, left := h.docker.output(context.WithoutCancel(ctx), "network", "disconnect", "--force", network, h.productionName())
		err = errors.Join(err, left, h.remove(ctx, "network", network))
	}()
	if _, err := h.docker.output(ctx, "network", "connect", "--alias", "production", network, h.productionName()); err != nil {
		return err
	}
	if err := s.empty(); err != nil {
		return err
	}
	log, err := h.runExample(ctx, s, exampleRun{file: "restore-drill.yml", event: "schedule", key: viewerKey, network: network})
	return errors.Join(err, log.succeeded("## 3 collections restored from `backups/manifest_", "to `http://weaviate:8080`", "3 created",
		"| `Article` | – | create | created | – | `Texts` | 0 |", "| `Visit` | – | create | created | 2 | – | 0 |"))
}

// actNetwork is the name of the network that act makes for the services of a
// job (act v0.2.89, pkg/runner/run_context.go: networkName, createContainerName).
func actNetwork(workflow, job string) string {
	name := regexp.MustCompile("[^a-zA-Z0-9]").ReplaceAllString("act-"+workflow+"/"+job, "-")
	name = strings.ReplaceAll(name, "--", "-")
	return fmt.Sprintf("%.63s-%x-%s-network", name, sha256.Sum256([]byte(name)), job)
}
