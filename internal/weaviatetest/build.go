package weaviatetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// DefaultVersion is the Weaviate release that tests run against unless they
// name another.
const DefaultVersion = "1.39.0"

const (
	serverPackage   = "github.com/weaviate/weaviate/cmd/weaviate-server"
	progressEvery   = 10 * time.Second
	lockRetryEvery  = 100 * time.Millisecond
	buildStderrTail = 8 << 10
)

// exactVersion is a release or pre-release number, without the leading v:
// "latest" or a branch would make the cached program mean different things on
// different days.
var exactVersion = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$`)

// Build gives the path of the weaviate-server program of an exact version
// ("1.39.0"). If the user's cache folder (os.UserCacheDir) does not hold it, it
// is compiled from the Go module proxy first: 1 to 5 minutes on two cores,
// about 180 MB. Processes that ask at the same time wait for one build. A
// build that fails or is cancelled leaves nothing that counts as a program.
//
// log (may be nil) gets a line at once and one every 10 seconds while there is
// something to wait for, and nothing if the program is there.
func Build(ctx context.Context, version string, log io.Writer) (string, error) {
	cache, err := cacheFolder()
	if err != nil {
		return "", err
	}
	b := builder{folder: cache, goCommand: "go", environ: os.Environ(), log: log, every: progressEvery}
	return b.build(ctx, version)
}

// cacheFolder is where programs and port locks of this package live.
func cacheFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache folder: %w", err)
	}
	return filepath.Join(cache, "weaviate-backup-action"), nil
}

// builder is Build with its surroundings spelled out.
type builder struct {
	folder    string
	goCommand string
	environ   []string
	log       io.Writer
	every     time.Duration
}

func (b builder) build(ctx context.Context, version string) (path string, err error) {
	if !exactVersion.MatchString(version) {
		return "", fmt.Errorf("build weaviate-server: version %q is not of the form 1.39.0", version)
	}
	path = filepath.Join(b.folder, "weaviate-server-"+version)
	if isProgram(path) {
		return path, nil
	}
	if err := os.MkdirAll(b.folder, 0o750); err != nil {
		return "", fmt.Errorf("build weaviate-server %s: %w", version, err)
	}
	lock := flock.New(path + ".lock")
	waiting := fmt.Sprintf("waiting for another build of weaviate-server %s", version)
	if err := b.lock(ctx, lock, waiting); err != nil {
		return "", fmt.Errorf("build weaviate-server %s: wait for %s: %w", version, lock.Path(), err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if isProgram(path) {
		return path, nil
	}
	if err := b.install(ctx, version, path); err != nil {
		return "", fmt.Errorf("build weaviate-server %s: %w", version, err)
	}
	return path, nil
}

// lock takes the lock, telling about the wait only when there is one.
func (b builder) lock(ctx context.Context, lock *flock.Flock, waiting string) error {
	if got, err := lock.TryLock(); got || err != nil {
		return err
	}
	defer b.progress(waiting, "")()
	_, err := lock.TryLockContext(ctx, lockRetryEvery)
	return err
}

// install compiles into a temporary folder beside path and renames at the end.
func (b builder) install(ctx context.Context, version, path string) error {
	temp, err := os.MkdirTemp(b.folder, ".build-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()

	defer b.progress("building weaviate-server "+version,
		" from the Go module proxy, once per machine (1 to 5 minutes)")()
	stderr := newTail(buildStderrTail)
	cmd := exec.CommandContext(ctx, b.goCommand, "install", serverPackage+"@v"+version)
	cmd.Dir = temp
	cmd.Env = buildEnvironment(b.environ, temp)
	cmd.Stdout, cmd.Stderr = stderr, stderr
	p, err := startProcess(cmd)
	if err != nil {
		return fmt.Errorf("start %s install: %w", b.goCommand, err)
	}
	<-p.done
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if p.err != nil {
		return fmt.Errorf("go install %s@v%s: %w\n%s", serverPackage, version, p.err, stderr)
	}
	return os.Rename(filepath.Join(temp, "weaviate-server"), path)
}

// progress says what is being done, at once with a note and then every b.every,
// until stop is called. Elapsed time is counted in ticks, so it needs no clock.
func (b builder) progress(what, note string) (stop func()) {
	if b.log == nil {
		return func() {}
	}
	_, _ = fmt.Fprintf(b.log, "%s%s ...\n", what, note)
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(b.every)
		defer ticker.Stop()
		for elapsed := b.every; ; elapsed += b.every {
			select {
			case <-quit:
				return
			case <-ticker.C:
				_, _ = fmt.Fprintf(b.log, "still %s (%s)\n", what, elapsed)
			}
		}
	}()
	return func() { close(quit); <-ended }
}

// buildEnvironment is the caller's environment without what belongs to the
// caller's own build: its workspace, its target platform, and flags such as
// -mod=vendor or -race that would refuse or change a build from outside.
func buildEnvironment(environ []string, bin string) []string {
	var kept []string
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "GOFLAGS":
			kept = append(kept, "GOFLAGS="+cleanFlags(value))
		case "GOBIN", "GOOS", "GOARCH", "GOWORK", "GO111MODULE", "CGO_ENABLED", "GOEXPERIMENT":
		default:
			kept = append(kept, pair)
		}
	}
	return append(kept, "GOBIN="+bin, "CGO_ENABLED=0", "GO111MODULE=on", "GOWORK=off")
}

// cleanFlags keeps of GOFLAGS only what speaks of module downloads and version
// stamping, the two that a machine may need everywhere.
func cleanFlags(flags string) string {
	var kept []string
	for _, flag := range strings.Fields(flags) {
		name, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		switch name {
		case "modcacherw", "insecure", "buildvcs":
			kept = append(kept, flag)
		}
	}
	return strings.Join(kept, " ")
}

// isProgram reports whether path is a regular file that may be run.
func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o100 != 0
}
