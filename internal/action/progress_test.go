package action

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// A run of 35 seconds says three times how far it is, in a bubble whose clock
// jumps.
func TestProgressSpeaksEveryTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var text bytes.Buffer
		log := slog.New(slog.NewTextHandler(lockedWriter{&mu, &text}, nil))
		p := newProgress(t.Context(), log, time.Now)
		p.Stage("reading the schema", 0)
		time.Sleep(15 * time.Second)
		p.Stage("counting objects", 300)
		p.Step(100)
		p.Step(50)
		time.Sleep(20 * time.Second)
		p.stop()
		time.Sleep(time.Minute)

		mu.Lock()
		defer mu.Unlock()
		var lines []string
		for line := range strings.Lines(text.String()) {
			_, message, _ := strings.Cut(strings.TrimSpace(line), "msg=")
			lines = append(lines, message)
		}
		assert.Equal(t, []string{
			`"still reading the schema" elapsed=10s`,
			`"still counting objects: 150 of 300" elapsed=20s`,
			`"still counting objects: 150 of 300" elapsed=30s`,
		}, lines)
	})
}

type lockedWriter struct {
	mu  *sync.Mutex
	out *bytes.Buffer
}

func (w lockedWriter) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(data)
}
