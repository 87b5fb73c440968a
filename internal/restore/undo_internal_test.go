package restore

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A clean-up has minutes, and seconds from the moment in which the run is stopped, also
// where the run had taken too long before.
func TestCleanUpTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ stop, timeout, end time.Duration }{
		"stopped before":            {0, time.Hour, undoWhenStopped},
		"stopped meanwhile":         {time.Minute, time.Hour, time.Minute + undoWhenStopped},
		"not stopped":               {time.Hour, time.Hour, undoWhenFailed},
		"stopped at the end":        {undoWhenFailed - time.Second, time.Hour, undoWhenFailed},
		"too long":                  {time.Hour, 0, undoWhenFailed},
		"too long, then stopped":    {time.Minute, 0, time.Minute + undoWhenStopped},
		"too long, and stopped too": {0, 0, undoWhenStopped},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				time.AfterFunc(test.stop, stop)
				synctest.Wait()
				timed, cancelTimed := context.WithTimeout(ctx, test.timeout)
				defer cancelTimed()
				cleaning, cancel := outlive(timed, ctx.Done())
				defer cancel()
				<-cleaning.Done()
				assert.Equal(t, test.end, time.Since(began))
				require.ErrorContains(t, context.Cause(cleaning), "the clean-up took more than")
			})
		})
	}
}
