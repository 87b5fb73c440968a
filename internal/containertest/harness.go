package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gofrs/flock"
)

// checkTimeout bounds one check, so that a hung container fails it.
const checkTimeout = 5 * time.Minute

// harness is what the checks share.
type harness struct {
	docker docker
	root   string // the repository
	cache  string // this project's folder in the user's cache folder
	name   string // of everything that is made; unique per run
	log    io.Writer
	now    func() time.Time
	exits  []func(context.Context) error

	image      string // the action, built
	network    string
	production string // address of the server of the examples; empty until one needs it
}

// check is one thing to prove; the name is what -run selects by.
type check struct {
	name string
	run  func(context.Context) error
}

// run is the command: it prepares, checks, tidies up, and returns an error when
// anything failed.
func run(ctx context.Context, args []string, log io.Writer, now func() time.Time) error {
	flags := flag.NewFlagSet("containertest", flag.ContinueOnError)
	only := flags.String("run", "", "run only the checks whose name matches this regular expression")
	if err := flags.Parse(args); err != nil {
		return err
	}
	selected, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	h, err := newHarness(log, now)
	if err != nil {
		return err
	}
	// One run at a time: the first to end would stop the daemon under the others.
	lock := flock.New(filepath.Join(h.cache, "containertest.lock"))
	if _, err := lock.TryLockContext(ctx, time.Second); err != nil {
		return fmt.Errorf("wait for another run: %w", err)
	}
	h.onExit(func(context.Context) error { return lock.Unlock() })
	err = h.prepare(ctx)
	if err == nil {
		err = h.runChecks(ctx, selected)
	}
	return errors.Join(err, h.exit(ctx))
}

func newHarness(log io.Writer, now func() time.Time) (*harness, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, "Dockerfile")); err != nil {
		return nil, fmt.Errorf("run it in the repository's root: %w", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	cache = filepath.Join(cache, "weaviate-backup-action")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return nil, err
	}
	return &harness{
		root: root, cache: cache, log: log, now: now,
		name: fmt.Sprintf("weaviate-backup-test-%d", os.Getpid()),
	}, nil
}

// prepare makes the images, the network and the server that the checks use.
func (h *harness) prepare(ctx context.Context) error {
	for _, step := range []check{
		{"Docker daemon", h.ensureDaemon},
		{"images", h.ensureImages},
		{"docker build", h.buildImage},
		{"Weaviate", h.startServer},
	} {
		begin := h.now()
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		h.logf("ready %s (%s)", step.name, h.since(begin))
	}
	return nil
}

// checks are all that there are, in their order.
func (h *harness) checks() []check {
	scripts := func(migration string) map[string]string { return map[string]string{"scripts/migrate.sh": migration} }
	return []check{
		{"image", h.checkImage},
		{"another platform, by BuildKit", h.checkOtherPlatform},
		{"foreign user without rights, read-only root", h.checkForeignUser},
		{"no network", h.checkNoNetwork},
		{"full disk", h.checkFullDisk},
		{"closed stdout", h.checkClosedStdout},
		{"signals", h.checkSignals},
		{"github runner", h.checkRunner},
		{"act service-container.yml", h.workflow("service-container.yml")},
		{"act host-network.yml", h.workflow("host-network.yml")},
		{"example nightly.yml, verify.yml", h.example(nil, h.checkKept)},
		{"example nightly.yml, wrong key", h.example(nil, h.checkWrongKey)},
		{"example matrix.yml", h.example(nil, h.checkMatrix)},
		{"example restore-drill.yml", h.example(nil, h.checkRestoreDrill)},
		{"example before-migration.yml", h.example(scripts("add-property.sh"), h.checkBeforeMigration)},
		{"example migration-gate.yml", h.example(scripts("add-property.sh"), h.checkMigrationGate)},
		{"example migration-gate.yml, breaking", h.example(scripts("drop-collection.sh"), h.checkMigrationGateShut)},
		{"example baseline.yml", h.example(nil, h.checkBaseline)},
		{"example drift.yml", h.example(nil, h.checkDrift)},
	}
}

func (h *harness) runChecks(ctx context.Context, selected *regexp.Regexp) error {
	passed, failed := 0, 0
	for _, c := range h.checks() {
		if !selected.MatchString(c.name) {
			continue
		}
		begin := h.now()
		bounded, cancel := context.WithTimeoutCause(ctx, checkTimeout, fmt.Errorf("not done after %s", checkTimeout))
		err := c.run(bounded)
		cancel()
		if err != nil {
			failed++
			h.logf("FAIL %s (%s)\n%v", c.name, h.since(begin), err)
			continue
		}
		passed++
		h.logf("PASS %s (%s)", c.name, h.since(begin))
	}
	h.logf("%d passed, %d failed", passed, failed)
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, passed+failed)
	}
	if passed == 0 {
		return fmt.Errorf("no check matches -run %s", selected)
	}
	return nil
}

// onExit registers work for the end, which is done last in, first out, also
// after a cancelled run.
func (h *harness) onExit(f func(context.Context) error) { h.exits = append(h.exits, f) }

func (h *harness) exit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	var errs []error
	for i := len(h.exits) - 1; i >= 0; i-- {
		errs = append(errs, h.exits[i](ctx))
	}
	return errors.Join(errs...)
}

func (h *harness) logf(format string, args ...any) {
	_, _ = fmt.Fprintf(h.log, format+"\n", args...) // a closed terminal must not end the clean-up
}

// since is the time from begin in seconds, such as "1.2 s".
func (h *harness) since(begin time.Time) string {
	return fmt.Sprintf("%.1f s", h.now().Sub(begin).Seconds())
}
