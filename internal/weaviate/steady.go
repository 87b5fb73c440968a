package weaviate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// ErrUnsteady is a server that was not the same all the while it was read.
var ErrUnsteady = errors.New("the server may have been started again while it was read, and its answers may be of the past")

// Steady calls read, for reads that must all be of the present. A server that starts
// answers with states of the past, and with status 200, while it goes over its log
// (seen for 0.7 to 1.5 s on 1.39.0): until it is ready. So read is called again, once
// the server is ready, where it was not ready at the end: as often as a request is
// tried, and then it is [ErrUnsteady]. Where the client lost an answer, or got an error
// of the server, since the server was last known to be ready, read is called again too,
// for the server may have gone and come back: until nothing is lost, or as often as that.
// Losses in each of so many readings are those of a bad network.
//
// A gateway that does not let the question through whether the server is ready is
// taken for yes.
func (c *Client) Steady(ctx context.Context, read func() error) error {
	known := c.settled.Load()
	for attempt := 1; ; attempt++ {
		if err := read(); err != nil {
			return err
		}
		lost := c.disturbances.Load()
		_, err := c.do(ctx, readyCall)
		ready := err == nil || !judge(err).again
		switch {
		case ctx.Err() != nil:
			return cmp.Or(err, context.Cause(ctx))
		case ready && (lost == known || attempt >= max(2, c.options.MaxAttempts)):
			c.settled.Store(lost)
			return nil
		case attempt >= c.options.MaxAttempts && !ready:
			return unsteady(err)
		}
		c.log.Info("reading again: the server may have been started again meanwhile", "attempt", fmt.Sprintf("%d of %d", attempt, c.options.MaxAttempts))
		if !ready {
			if err := c.waitAgain(ctx); err != nil {
				return unsteady(err)
			}
		}
		known = c.disturbances.Load()
	}
}

// waitAgain waits for a server that was ready before. A caller who does not wait for
// one asks as often as for anything else.
func (c *Client) waitAgain(ctx context.Context) error {
	if c.options.WaitForReady > 0 {
		return c.WaitReady(ctx, c.options.WaitForReady)
	}
	again := readyCall
	again.once = false
	_, err := c.do(ctx, again)
	return err
}

func unsteady(err error) error { return fmt.Errorf("%w: %w", ErrUnsteady, err) }

// SteadySchema is [Client.Schema] of the present, see [Client.Steady].
func (c *Client) SteadySchema(ctx context.Context) ([]schema.Collection, error) {
	var all []schema.Collection
	err := c.Steady(ctx, func() error {
		var err error
		all, err = c.Schema(ctx)
		return err
	})
	return all, err
}

// isDisturbance says whether what came of a request may be a server that went away:
// neither a refusal nor a limit.
func isDisturbance(err error) bool {
	return judge(err).again && !isStatus(http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusTooEarly)(err)
}
