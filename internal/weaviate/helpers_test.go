package weaviate_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logged is a log that a test can read while the client writes.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

// lines are those that hold the words.
func (l *logged) lines(words string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, words) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// connect makes a client whose waits are too short to be noticed.
func connect(t *testing.T, address string, change ...func(*weaviate.Options)) (*weaviate.Client, *logged) {
	t.Helper()
	target, err := url.Parse(address)
	require.NoError(t, err)
	log := &logged{}
	options := weaviate.Options{
		URL:          target,
		MaxAttempts:  3,
		RetryMinWait: time.Microsecond,
		RetryMaxWait: time.Microsecond,
		PollInterval: time.Millisecond,
		Logger:       slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&options)
	}
	client, err := weaviate.New(options)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client, log
}

// fake starts a fake server with faults and a client of it.
func fake(t *testing.T, faults ...weaviatetest.Fault) (*weaviatetest.Fake, *weaviate.Client, *logged) {
	t.Helper()
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.Faults = faults })
	client, log := connect(t, server.URL)
	return server, client, log
}

// cancelled gives a context whose cancel has the cause.
func cancelled(t *testing.T, cause error) (context.Context, func()) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	return ctx, func() { cancel(cause) }
}
