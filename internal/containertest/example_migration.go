package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

const snapshotArtifact = "before-migration-1-1"

// checkBeforeMigration runs the workflow that migrates after a snapshot: it
// does so once all objects are counted, and never where a count or the snapshot
// is not to be had.
func (h *harness) checkBeforeMigration(ctx context.Context, s site) error {
	run := func() (actLog, error) {
		if err := s.checkout(ctx); err != nil {
			return actLog{}, err
		}
		return h.runExample(ctx, s, exampleRun{file: "before-migration.yml", event: "push", key: adminKey})
	}
	log, err := run()
	if err := errors.Join(err, log.succeeded("2 collections saved from"), h.productionHas(ctx, "teaser", true), s.kept(map[string]string{snapshotArtifact: "backups"}),
		s.job.holdsBackup()); err != nil {
		return err
	}

	if err := errors.Join(h.resetProduction(ctx), s.dropArtifacts()); err != nil {
		return err
	}
	for _, r := range []struct{ path, body string }{
		{"/v1/schema", `{"class":"ArticleVisit","multiTenancyConfig":{"enabled":true}}`},
		{"/v1/schema/ArticleVisit/tenants", `[{"name":"asleep","activityStatus":"INACTIVE"}]`},
	} {
		if _, err := h.ask(ctx, http.MethodPost, r.path, r.body); err != nil {
			return err
		}
	}
	log, err = run()
	if err := errors.Join(err, log.failed("Not migrated", "object counts before the migration are not exact: partial:"), h.productionHas(ctx, "teaser", false),
		s.kept(map[string]string{snapshotArtifact: "backups"})); err != nil {
		return fmt.Errorf("no exact counts: %w", err)
	}

	if _, err := h.ask(ctx, http.MethodDelete, "/v1/schema/Author", ""); err != nil {
		return err
	}
	if err := s.dropArtifacts(); err != nil {
		return err
	}
	log, err = run()
	if err := errors.Join(err, log.failed("Author"), log.silent("Not migrated"), h.productionHas(ctx, "teaser", false), s.kept(nil)); err != nil {
		return fmt.Errorf("no snapshot: %w", err)
	}
	return nil
}

// checkMigrationGate runs the workflow that looks at what a migration did, with
// one that adds a property.
func (h *harness) checkMigrationGate(ctx context.Context, s site) error {
	log, err := h.runExample(ctx, s, exampleRun{file: "migration-gate.yml", event: "workflow_dispatch", key: adminKey})
	return errors.Join(err, log.succeeded("added `properties.teaser`", "additive"), h.productionHas(ctx, "teaser", true),
		s.kept(map[string]string{snapshotArtifact: "backups"}))
}

// checkMigrationGateShut is the same with a migration that loses a collection.
func (h *harness) checkMigrationGateShut(ctx context.Context, s site) error {
	log, err := h.runExample(ctx, s, exampleRun{file: "migration-gate.yml", event: "workflow_dispatch", key: adminKey})
	return errors.Join(err, log.failed("`Article` | collection removed", "**breaking**"), h.productionHas(ctx, `"class":"Article"`, false),
		s.kept(map[string]string{snapshotArtifact: "backups"}))
}
