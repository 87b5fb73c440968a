package restore

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A clean-up has minutes, and seconds from the moment in which the run is stopped.
func TestCleanUpTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ stop, end time.Duration }{
		"stopped before":     {0, undoWhenStopped},
		"stopped meanwhile":  {time.Minute, time.Minute + undoWhenStopped},
		"not stopped":        {time.Hour, undoWhenFailed},
		"stopped at the end": {undoWhenFailed - time.Second, undoWhenFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				time.AfterFunc(test.stop, stop)
				synctest.Wait()
				cleaning, cancel := outlive(ctx)
				defer cancel()
				<-cleaning.Done()
				assert.Equal(t, test.end, time.Since(began))
				require.ErrorContains(t, context.Cause(cleaning), "the clean-up took more than")
			})
		})
	}
	timed, cancel := context.WithTimeout(t.Context(), 0)
	t.Cleanup(cancel)
	cleaning, done := outlive(timed)
	t.Cleanup(done)
	require.NoError(t, cleaning.Err(), "a run that took too long is not stopped")
}
