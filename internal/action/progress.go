package action

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// progressEvery is how often a long run says that it is still at work: silence
// makes people cancel it.
const progressEvery = 10 * time.Second

// progress tells the log how far a run is; it is a backup.Progress.
type progress struct {
	log  *slog.Logger
	stop func()

	mu          sync.Mutex
	stage       string
	done, steps int
}

// newProgress starts to report. Its stop ends it and waits for its last line.
func newProgress(ctx context.Context, log *slog.Logger, now func() time.Time) *progress {
	ctx, cancel := context.WithCancel(ctx)
	p := &progress{log: log, stage: "starting"}
	ended := make(chan struct{})
	p.stop = func() {
		cancel()
		<-ended
	}
	began := now()
	go func() {
		defer close(ended)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				p.say(now().Sub(began))
			}
		}
	}()
	return p
}

// Stage begins a part of the work with so many steps; 0 is not known.
func (p *progress) Stage(name string, steps int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage, p.done, p.steps = name, 0, steps
}

// Step ends so many steps of it.
func (p *progress) Step(steps int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += steps
}

func (p *progress) say(elapsed time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := "still " + p.stage
	if p.steps > 0 {
		text += fmt.Sprintf(": %d of %d", p.done, p.steps)
	}
	p.log.Info(text, "elapsed", elapsed.Round(time.Second))
}
