package weaviate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// writeGrace is how long a write that is under way may go on when its context
// ends: a write that is cut off leaves open whether it was done.
const writeGrace = 2 * time.Second

// ErrUnsettled is a write of which nobody knows whether it was done, or will be.
var ErrUnsettled = errors.New("it is not certain whether it was done")

// write sends a call that changes the server. It is repeated only by the rules
// of [Client.do] and, where its answer was lost, only after settle has read that
// it was not done. settle says true where it was; settled is then true too. A
// refusal is final, unless an earlier attempt may have been what it speaks of
// ("already exists").
//
// An error that is not an ErrUnsettled means that it was not done.
func (c *Client) write(ctx context.Context, call call, settle func(context.Context) (bool, error)) (settled bool, err error) {
	call.once = true
	lost := false
	for attempt := 1; ; attempt++ {
		err := c.sendGraced(ctx, call, attempt)
		if err == nil {
			return false, nil
		}
		lost = lost || !isAnswered(err)
		if !lost && (!judge(err).again || attempt >= c.options.MaxAttempts) {
			return false, err
		}
		if lost {
			done, readErr := settle(ctx)
			switch {
			case done && readErr == nil:
				c.log.Info("done, though the answer was lost", "request", call.method+" "+call.path, "error", err)
				return true, nil
			case readErr != nil || !judge(err).again || attempt >= c.options.MaxAttempts:
				return false, errors.Join(fmt.Errorf("%w; %w", err, ErrUnsettled), readErr)
			}
		}
		if pauseErr := c.pause(ctx, call.method+" "+call.path, attempt, err); pauseErr != nil {
			if lost {
				err = fmt.Errorf("%w; %w", err, ErrUnsettled)
			}
			return false, fmt.Errorf("%w; %w", err, pauseErr)
		}
	}
}

// sendGraced sends a write that is not begun any more once ctx has ended, and not
// cut off at once when it ends.
func (c *Client) sendGraced(ctx context.Context, call call, attempt int) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	graceCtx, cancel := withGrace(ctx, writeGrace)
	defer cancel()
	_, err := c.do(graceCtx, call)
	if api, ok := errors.AsType[*APIError](err); ok {
		api.Attempts = max(api.Attempts, attempt)
	}
	return err
}

// pause waits before the next attempt of a request that the library does not repeat.
func (c *Client) pause(ctx context.Context, request string, attempt int, reason error) error {
	pause := wait(c.options.RetryMinWait, c.options.RetryMaxWait, attempt-1, c.options.Jitter())
	if status, ok := errors.AsType[*statusError](reason); ok && status.after != nil {
		pause = min(*status.after, c.options.RetryMaxWait)
	}
	c.log.Info("trying again", "request", request,
		"attempt", strconv.Itoa(attempt)+" of "+strconv.Itoa(c.options.MaxAttempts),
		"reason", judge(reason).name, "error", reason, "wait", pause.Round(time.Millisecond))
	return sleep(ctx, pause)
}

// isAnswered says whether it is certain that a write was not done: the server
// refused it, or never got it. A cluster without a leader answers with the same
// codes as a refusal, and may have handed the write on.
func isAnswered(err error) bool {
	if !isErrorOf[*APIError](err) || isErrorOf[*providerError](err) {
		return true // it was not sent
	}
	return isRefusal(err)
}

// isRefusal is isAnswered of one attempt.
func isRefusal(err error) bool {
	if errors.Is(err, ErrNoLeader) || isStatus(http.StatusRequestTimeout)(err) || isStatusFrom(http.StatusInternalServerError)(err) {
		return false
	}
	return isErrorOf[*statusError](err) || errors.Is(err, syscall.ECONNREFUSED) || isUnknownHost(err)
}

// withGrace gives a context that ends so long after ctx does.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-late.Done():
		case <-timer.C:
			cancel(context.Cause(ctx))
		}
	})
	return late, func() {
		stop()
		cancel(nil)
	}
}

// Collection reads one collection. found is false where the server says that it
// has none of the name; an alias of the name is none.
func (c *Client) Collection(ctx context.Context, name string) (collection schema.Collection, found bool, err error) {
	_, err = c.do(ctx, call{
		method: http.MethodGet,
		path:   collectionPath(name),
		header: http.Header{"Consistency": {"true"}},
		check: func(body []byte) error {
			var err error
			collection, err = schema.Parse(body)
			return err
		},
	})
	switch {
	case errors.Is(err, ErrNotFound):
		return schema.Collection{}, false, nil
	case err != nil:
		return schema.Collection{}, false, err
	}
	// 1.39 answers with the target where the name is an alias.
	return collection, collection.Name == name, nil
}

// CreateCollection creates the collection. settled says that the answer was
// lost, and a collection of the name is there: most likely this one.
func (c *Client) CreateCollection(ctx context.Context, collection schema.Collection) (settled bool, err error) {
	return c.write(ctx, call{
		method: http.MethodPost,
		path:   "/v1/schema",
		body:   collection.Raw,
		check: func(body []byte) error {
			// A server that panicked answers 200 with nothing (1.39.0).
			_, err := schema.Parse(body)
			return err
		},
	}, func(ctx context.Context) (bool, error) {
		_, found, err := c.Collection(ctx, collection.Name)
		return found, err
	})
}

// rewrite sends a write that may be done more than once, and is tried again as a read
// is. An error that is not an ErrUnsettled means that the server refused it, or never
// got it.
func (c *Client) rewrite(ctx context.Context, call call) error {
	err := c.sendGraced(ctx, call, 1)
	if api, ok := errors.AsType[*APIError](err); ok && api.lost {
		return fmt.Errorf("%w; %w", err, ErrUnsettled)
	}
	return err
}

// UpdateCollection replaces the definition of a collection. It may be sent more
// than once: the definition is whole.
func (c *Client) UpdateCollection(ctx context.Context, collection schema.Collection) error {
	return c.rewrite(ctx, call{
		method: http.MethodPut,
		path:   collectionPath(collection.Name),
		body:   collection.Raw,
		check: func(body []byte) error {
			_, err := schema.Parse(body)
			return err
		},
	})
}

// AddProperty adds a property of the name to a collection.
func (c *Client) AddProperty(ctx context.Context, collection, name string, property jsontext.Value) error {
	_, err := c.write(ctx, call{
		method: http.MethodPost,
		path:   collectionPath(collection) + "/properties",
		body:   property,
	}, func(ctx context.Context) (bool, error) {
		live, found, err := c.Collection(ctx, collection)
		if err != nil || !found {
			return false, err
		}
		there, err := live.Property(name)
		return there != nil, err
	})
	return err
}

// DeleteCollection deletes a collection with all that is in it. One that is not
// there is no error.
func (c *Client) DeleteCollection(ctx context.Context, name string) error {
	_, err := c.write(ctx, call{method: http.MethodDelete, path: collectionPath(name)}, func(ctx context.Context) (bool, error) {
		_, found, err := c.Collection(ctx, name)
		return !found, err
	})
	return err
}

// CreateTenants creates tenants, each given as the server shows it. Those that
// are there already stay as they are (1.27.0 to 1.39.0), so that it may be sent
// more than once.
func (c *Client) CreateTenants(ctx context.Context, collection string, tenants []jsontext.Value) error {
	body := []byte{'['}
	for i, tenant := range tenants {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, tenant...)
	}
	return c.rewrite(ctx, call{method: http.MethodPost, path: collectionPath(collection) + "/tenants", body: append(body, ']')})
}

// CreateAlias makes alias another name of the collection.
func (c *Client) CreateAlias(ctx context.Context, alias, collection string) error {
	body, err := json.Marshal(map[string]string{"alias": alias, "class": collection})
	if err != nil {
		return err
	}
	_, err = c.write(ctx, call{method: http.MethodPost, path: "/v1/aliases", body: body}, func(ctx context.Context) (bool, error) {
		aliases, err := c.Aliases(ctx)
		return aliases[alias] == collection, err
	})
	return err
}

// DeleteAlias deletes an alias. One that is not there is no error.
func (c *Client) DeleteAlias(ctx context.Context, alias string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/v1/aliases/" + url.PathEscape(alias)})
	if errors.Is(err, ErrNotFound) || isPathUnknown(err) {
		return nil
	}
	return err
}

// Nodes is the number of nodes of the cluster that are healthy.
func (c *Client) Nodes(ctx context.Context) (int, error) {
	var answer struct {
		Nodes []struct {
			Status string `json:"status"`
		} `json:"nodes"`
	}
	_, err := c.do(ctx, call{
		method: http.MethodGet,
		path:   "/v1/nodes",
		small:  true,
		check: func(body []byte) error {
			if err := decode(body, &answer); err != nil {
				return err
			}
			if len(answer.Nodes) == 0 {
				return errors.New(`no "nodes" in it`)
			}
			return nil
		},
	})
	healthy := 0
	for _, node := range answer.Nodes {
		if node.Status == "HEALTHY" {
			healthy++
		}
	}
	return healthy, err
}

func collectionPath(name string) string { return "/v1/schema/" + url.PathEscape(name) }
