package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// advice is what the drift workflow says after a drift.
const advice = "The live schema differs from schema/"

const baselineBranch = "schema-baseline"

// checkBaseline runs the baseline workflow: a first pull request, nothing new
// once it is merged, another after a change that is closed when the change is
// undone, another one, and no second while one is open.
func (h *harness) checkBaseline(ctx context.Context, s site) error {
	run := func() (actLog, error) {
		if err := s.checkout(ctx); err != nil {
			return actLog{}, err
		}
		return h.runExample(ctx, s, exampleRun{file: "baseline.yml", event: "schedule", key: viewerKey})
	}
	log, err := run()
	if err := errors.Join(err, log.succeeded(), s.proposes(ctx, "schema/Article_schema.json\nschema/Author_schema.json\nschema/manifest.json")); err != nil {
		return fmt.Errorf("first: %w", err)
	}
	if err := s.merge(ctx); err != nil {
		return err
	}
	log, err = run()
	if err := errors.Join(err, log.succeeded(), s.proposes(ctx, "")); err != nil {
		return fmt.Errorf("merged: %w", err)
	}
	if _, err := h.ask(ctx, http.MethodPost, "/v1/schema", `{"class":"Draft"}`); err != nil {
		return err
	}
	log, err = run()
	if err := errors.Join(err, log.succeeded(), s.proposes(ctx, "schema/Draft_schema.json\nschema/manifest.json")); err != nil {
		return fmt.Errorf("a collection more: %w", err)
	}
	if _, err := h.ask(ctx, http.MethodDelete, "/v1/schema/Draft", ""); err != nil {
		return err
	}
	log, err = run()
	if err := errors.Join(err, log.succeeded(), s.proposes(ctx, "")); err != nil {
		return fmt.Errorf("as before: %w", err)
	}
	if err := h.addTeaser(ctx); err != nil {
		return err
	}
	proposed := make(map[string]bool) // commits
	for _, when := range []string{"changed", "still open"} {
		log, err = run()
		if err := errors.Join(err, log.succeeded(), s.proposes(ctx, "schema/Article_schema.json\nschema/manifest.json")); err != nil {
			return fmt.Errorf("%s: %w", when, err)
		}
		commit, err := s.git(ctx, s.remote, "rev-parse", baselineBranch)
		if err != nil {
			return err
		}
		proposed[commit] = true
	}
	if len(proposed) > 1 {
		return errors.New("still open: the branch got another commit with the same files, which undoes reviews")
	}
	return nil
}

// proposes is an error unless there is an open pull request that changes these
// files, or none and no branch if no file is given.
func (s site) proposes(ctx context.Context, files string) error {
	_, err := os.Stat(filepath.Join(s.pulls, baselineBranch))
	branches, gitErr := s.git(ctx, s.remote, "branch", "--format", "%(refname:short)")
	if gitErr != nil {
		return gitErr
	}
	if files == "" {
		if err == nil || branches != "main" {
			return fmt.Errorf("want no pull request, got branches %q", branches)
		}
		return nil
	}
	changed, gitErr := s.git(ctx, s.remote, "diff", "--name-only", "main", baselineBranch)
	if err := errors.Join(err, gitErr); err != nil {
		return err
	}
	if changed != files {
		return fmt.Errorf("the pull request changes %q, want %q", changed, files)
	}
	return nil
}

// merge merges the pull request.
func (s site) merge(ctx context.Context) error {
	if _, err := s.git(ctx, s.remote, "branch", "--force", "main", baselineBranch); err != nil {
		return err
	}
	if _, err := s.git(ctx, s.remote, "branch", "--delete", "--force", baselineBranch); err != nil {
		return err
	}
	return os.Remove(filepath.Join(s.pulls, baselineBranch))
}

// Events of a pull request from this repository, and from a fork.
const (
	ownPull    = `{"number":1,"pull_request":{"head":{"ref":"change","repo":{"full_name":"` + repository + `"}},"base":{"ref":"main"}}}`
	forkedPull = `{"number":1,"pull_request":{"head":{"ref":"change","repo":{"full_name":"somebody/example"}},"base":{"ref":"main"}}}`
)

// checkDrift runs the drift workflow with a baseline that was made as its head
// says: without drift, and with it; it does nothing for a fork.
func (h *harness) checkDrift(ctx context.Context, s site) error {
	made, err := h.action(ctx, []string{
		"--network", h.network, "--volume", s.job.dir + ":/work", "--workdir", "/work", "--user", s.job.user(),
		"--env", "WEAVIATE_URL=" + productionURL, "--env", "WEAVIATE_API_KEY=" + viewerKey,
	}, "--output-directory", "schema", "--file-name", "stable")
	if err != nil {
		return err
	}
	if made.code != 0 {
		return fmt.Errorf("baseline: %s", made)
	}
	if err := s.commit(ctx, "Baseline"); err != nil {
		return err
	}
	run := func(event, payload string) (actLog, error) {
		if err := s.checkout(ctx); err != nil {
			return actLog{}, err
		}
		return h.runExample(ctx, s, exampleRun{file: "drift.yml", event: event, payload: payload, key: viewerKey})
	}
	log, err := run("pull_request", ownPull)
	if err := errors.Join(err, log.succeeded("No difference between `schema/manifest.json`"), log.silent(advice)); err != nil {
		return fmt.Errorf("no drift: %w", err)
	}
	if err := h.addTeaser(ctx); err != nil {
		return err
	}
	for event, payload := range map[string]string{"pull_request": ownPull, "schedule": ""} {
		log, err = run(event, payload)
		if err := errors.Join(err, log.failed("added `properties.teaser`", "file=schema/Article_schema.json,line=", advice)); err != nil {
			return fmt.Errorf("drift on %s: %w", event, err)
		}
	}
	log, err = run("pull_request", forkedPull)
	if err == nil && (log.code != 0 || len(log.jobs) > 0) {
		err = log.unlike("want no job for a fork")
	}
	return errors.Join(err, log.silent("Compare"))
}
