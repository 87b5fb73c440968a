package weaviatetest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newTestClient() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

func localURL(port int) string { return "http://127.0.0.1:" + strconv.Itoa(port) }

// shellGo writes a stand-in for the go command.
func shellGo(t *testing.T, script string) builder {
	t.Helper()
	command := filepath.Join(t.TempDir(), "go")
	require.NoError(t, os.WriteFile(command, []byte("#!/bin/sh\n"+script), 0o700))
	return builder{
		folder: t.TempDir(), goCommand: command, every: time.Millisecond,
		environ: []string{"PATH=" + os.Getenv("PATH")},
	}
}

// watcher is a log that tells when a text has been written to it.
type watcher struct {
	mu     sync.Mutex
	text   bytes.Buffer
	wanted string
	seen   chan struct{}
	once   sync.Once
}

func watchFor(text string) *watcher { return &watcher{wanted: text, seen: make(chan struct{})} }

func (w *watcher) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.wanted) {
		w.once.Do(func() { close(w.seen) })
	}
	return len(p), nil
}

func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

const installScript = `echo "#!/bin/true" > "$GOBIN/weaviate-server"; chmod +x "$GOBIN/weaviate-server"`

func TestBuildInstallsOnceAndFindsItAgain(t *testing.T) {
	t.Parallel()
	ran := filepath.Join(t.TempDir(), "ran")
	b := shellGo(t, fmt.Sprintf("echo \"$@\" >> %s; %s", ran, installScript))
	var log bytes.Buffer
	b.log = &log
	b.every = time.Hour
	path, err := b.build(t.Context(), "1.2.3")
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(b.folder, "weaviate-server-1.2.3"), path)
	assert.Contains(t, log.String(), "building weaviate-server 1.2.3")

	log.Reset()
	again, err := b.build(t.Context(), "1.2.3")
	require.NoError(t, err)
	assert.Equal(t, path, again)
	assert.Empty(t, log.String())
	commands, err := os.ReadFile(ran)
	require.NoError(t, err)
	assert.Equal(t, "install github.com/weaviate/weaviate/cmd/weaviate-server@v1.2.3\n", string(commands))
	assertNoBuildFolder(t, b.folder)
}

func TestBuildTellsProgress(t *testing.T) {
	t.Parallel()
	gate := filepath.Join(t.TempDir(), "gate")
	b := shellGo(t, fmt.Sprintf("until [ -e %s ]; do :; done; %s", gate, installScript))
	log := watchFor("still building weaviate-server 1.2.3 (2ms)")
	b.log = log
	go func() {
		<-log.seen
		_ = os.WriteFile(gate, nil, 0o600)
	}()
	_, err := b.build(t.Context(), "1.2.3")
	require.NoError(t, err)
}

func TestBuildWaitsForAnotherBuild(t *testing.T) {
	t.Parallel()
	gate := filepath.Join(t.TempDir(), "gate")
	first := shellGo(t, fmt.Sprintf("until [ -e %s ]; do :; done; %s", gate, installScript))
	second := shellGo(t, "exit 1")
	second.folder = first.folder
	building, waiting := watchFor("building"), watchFor("still waiting for another build")
	first.log, second.log = building, waiting

	type result struct {
		path string
		err  error
	}
	results := make(chan result, 2)
	go func() {
		path, err := first.build(t.Context(), "1.2.3")
		results <- result{path, err}
	}()
	<-building.seen
	go func() {
		path, err := second.build(t.Context(), "1.2.3")
		results <- result{path, err}
	}()
	select {
	case <-waiting.seen:
	case r := <-results:
		require.Fail(t, "a build did not wait for the other", "%v", r.err)
	}
	require.NoError(t, os.WriteFile(gate, nil, 0o600))
	for range 2 {
		r := <-results
		require.NoError(t, r.err)
		assert.Equal(t, filepath.Join(first.folder, "weaviate-server-1.2.3"), r.path)
	}
}

func TestBuildFailureEndsWithWhatGoSaid(t *testing.T) {
	t.Parallel()
	b := shellGo(t, `echo "no such version" >&2; exit 1`)
	_, err := b.build(t.Context(), "1.2.3")
	require.ErrorContains(t, err, "build weaviate-server 1.2.3: go install")
	require.ErrorContains(t, err, "no such version")
	assert.NoFileExists(t, filepath.Join(b.folder, "weaviate-server-1.2.3"))
	assertNoBuildFolder(t, b.folder)
}

func TestBuildThatIsCancelledLeavesNothing(t *testing.T) {
	t.Parallel()
	b := shellGo(t, "while :; do :; done")
	log := watchFor("still building")
	b.log = log
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-log.seen
		cancel()
	}()
	_, err := b.build(ctx, "1.2.3")
	require.ErrorIs(t, err, context.Canceled)
	assert.NoFileExists(t, filepath.Join(b.folder, "weaviate-server-1.2.3"))
	assertNoBuildFolder(t, b.folder)
}

func TestBuildTakesExactVersionsOnly(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"", "latest", "v1.39.0", "1.39", "1.39.0/../x", "1.39.0 -race"} {
		b := shellGo(t, "exit 1")
		_, err := b.build(t.Context(), version)
		assert.ErrorContains(t, err, "is not of the form 1.39.0", version)
	}
}

func TestBuildEnvironmentIsNotThatOfTheCallersBuild(t *testing.T) {
	t.Parallel()
	got := buildEnvironment([]string{
		"HOME=/h", "GOPROXY=https://proxy.example", "GOFLAGS=-mod=vendor -race -buildvcs=false -modcacherw",
		"GOBIN=/b", "GOOS=plan9", "GOARCH=arm", "GOWORK=/w", "GO111MODULE=off", "CGO_ENABLED=1",
	}, "/bin")
	assert.Equal(t, []string{
		"HOME=/h", "GOPROXY=https://proxy.example", "GOFLAGS=-buildvcs=false -modcacherw",
		"GOBIN=/bin", "CGO_ENABLED=0", "GO111MODULE=on", "GOWORK=off",
	}, got)
}

func assertNoBuildFolder(t *testing.T, folder string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(folder, ".build-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}
