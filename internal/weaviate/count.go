package weaviate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

const (
	// countChunk is how many collections or tenants one GraphQL request counts:
	// 100 take 20 ms, 1000 take 130 ms on a ready server, but on one that still
	// loads shards 1000 take longer than its write timeout of 60 s (1.39.0).
	countChunk = 100
	// countsInFlight is how many such requests are under way at once. More did
	// not count faster on two cores (1.39.0).
	countsInFlight = 2
)

// CountTarget is a collection, or one tenant of a multi-tenant one.
type CountTarget struct{ Collection, Tenant string }

// Count is an exact number of objects, or the reason why there is none.
type Count struct {
	Objects int64
	// Err is why the count is unknown; Objects means nothing then.
	Err error
}

// errNotCounted is the reason of a count that nobody tried to get, because
// counting as a whole failed before its turn.
var errNotCounted = errors.New("not counted")

// Counts counts the objects of each target by GraphQL Aggregate, which is exact
// at once: totalResults of /v1/objects is the size of a page, and the counts of
// /v1/nodes are seconds old (1.27.0 to 1.39.0). Result i is for target i.
//
// What can't be counted is a Count with an error, never 0: a collection that
// vanished, a tenant that is not active, a missing permission, GraphQL switched
// off. The others are still counted. Counts itself fails only when ctx ends.
// done, where not nil, is called with the number of targets that were just
// settled, from several goroutines.
func (c *Client) Counts(ctx context.Context, targets []CountTarget, done func(settled int)) ([]Count, error) {
	job := &countJob{client: c, targets: targets, counts: make([]Count, len(targets))}
	var pending []int
	for i, target := range targets {
		if !schema.ValidName(target.Collection) || (target.Tenant != "" && !schema.ValidTenantName(target.Tenant)) {
			job.counts[i].Err = errors.New("its name can't be part of a GraphQL query")
			continue
		}
		job.counts[i].Err = errNotCounted
		pending = append(pending, i)
	}

	for retry := 0; len(pending) > 0; retry++ {
		again, err := job.round(ctx, pending, done)
		if err != nil {
			return nil, err
		}
		if len(again) == 0 || retry+1 >= c.options.MaxAttempts {
			break
		}
		pending = again
		pause := wait(c.options.RetryMinWait, c.options.RetryMaxWait, retry, c.options.Jitter())
		c.log.Info("trying again", "request", "count objects", "reason", "the server does not know them yet",
			"collections and tenants", len(again), "wait", pause.Round(time.Millisecond))
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
	return job.counts, nil
}

// unknownField is how GraphQL begins to say that it knows no such collection.
const unknownField = "Cannot query field"

// countJob is the state of one Counts. The elements of counts are written by
// the goroutine that holds their index.
type countJob struct {
	client  *Client
	targets []CountTarget
	counts  []Count
}

// round asks once for all pending targets and gives those that are worth asking
// for again.
func (j *countJob) round(ctx context.Context, pending []int, done func(int)) ([]int, error) {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(countsInFlight)
	for start := 0; start < len(pending); start += countChunk {
		chunk := pending[start:min(start+countChunk, len(pending))]
		group.Go(func() error {
			err := j.chunk(groupCtx, chunk)
			if err == nil && done != nil {
				done(len(chunk))
			}
			return err
		})
	}
	err := group.Wait()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("count objects: %w", context.Cause(ctx))
	}
	if err != nil {
		// No use in asking for the rest: what has no answer yet has this reason.
		for _, i := range pending {
			if errors.Is(j.counts[i].Err, errNotCounted) {
				j.counts[i].Err = err
			}
		}
	}
	var again []int
	for _, i := range pending {
		if isBehind(j.counts[i].Err) {
			again = append(again, i)
		}
	}
	return again, nil
}

// chunk asks for some targets in one request. One collection that the server
// does not know spoils the whole request: it is then halved until that one is
// alone, and the others keep their counts. An error means that counting as a
// whole does not work.
func (j *countJob) chunk(ctx context.Context, chunk []int) error {
	answer, err := j.client.aggregate(ctx, j.query(chunk))
	if err != nil {
		return err
	}
	if answer.Data.Aggregate == nil {
		reason := answer.failure("")
		if len(chunk) == 1 {
			j.counts[chunk[0]].Err = reason
			return nil
		}
		if !strings.Contains(reason.Error(), unknownField) {
			return reason
		}
		half := len(chunk) / 2
		if err := j.chunk(ctx, chunk[:half]); err != nil {
			return err
		}
		return j.chunk(ctx, chunk[half:])
	}
	for position, i := range chunk {
		j.counts[i] = answer.count(countAlias(position))
	}
	return nil
}

// query asks for each target under an alias of its own.
func (j *countJob) query(chunk []int) string {
	var query strings.Builder
	query.WriteString("{Aggregate{")
	for position, i := range chunk {
		target := j.targets[i]
		query.WriteString(countAlias(position) + ":" + target.Collection)
		if target.Tenant != "" {
			query.WriteString(`(tenant:"` + target.Tenant + `")`)
		}
		query.WriteString("{meta{count}} ")
	}
	query.WriteString("}}")
	return query.String()
}

func countAlias(position int) string { return fmt.Sprintf("c%d", position) }

// aggregation is the answer to a query of countJob. It comes with status 200
// also when it holds nothing but errors.
type aggregation struct {
	Data struct {
		Aggregate map[string]jsontext.Value `json:"Aggregate"`
	} `json:"data"`
	Errors []struct {
		Message string `json:"message"`
		// Path is ["Aggregate", alias]; elements may be numbers by the GraphQL
		// specification.
		Path []any `json:"path"`
	} `json:"errors"`

	redact func(string) string
}

func (c *Client) aggregate(ctx context.Context, query string) (aggregation, error) {
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		return aggregation{}, err
	}
	var answer aggregation
	_, err = c.do(ctx, call{
		method: http.MethodPost,
		path:   "/v1/graphql",
		body:   body,
		small:  true,
		loose:  true, // a count is asked for again, and says what it lacks
		check: func(body []byte) error {
			answer = aggregation{redact: c.options.Redact}
			if err := decode(body, &answer); err != nil {
				return err
			}
			if answer.Data.Aggregate == nil && len(answer.Errors) == 0 {
				return errors.New(`neither "data" nor "errors" in it`)
			}
			return nil
		},
	})
	return answer, err
}

// count reads [{"meta":{"count":n}}] at the alias. A number that comes with an error is
// none.
func (a aggregation) count(alias string) Count {
	if err := a.failure(alias); err != nil {
		return Count{Err: err}
	}
	var groups []struct {
		Meta struct {
			Count *int64 `json:"count"`
		} `json:"meta"`
	}
	err := decode(a.Data.Aggregate[alias], &groups)
	if err != nil || len(groups) != 1 || groups[0].Meta.Count == nil || *groups[0].Meta.Count < 0 {
		return Count{Err: errNoCount}
	}
	return Count{Objects: *groups[0].Meta.Count}
}

var errNoCount = errors.New("the server gave neither a count nor a reason")

// failure is the first error with words of the alias, or of the request as a whole, as
// one without a path is; nil where there is none.
func (a aggregation) failure(alias string) error {
	var silent error
	for _, e := range a.Errors {
		at := ""
		if len(e.Path) > 1 {
			at, _ = e.Path[1].(string)
		}
		switch {
		case alias != "" && at != "" && at != alias:
		case e.Message == "":
			silent = errNoCount
		default:
			return errors.New(clip(a.redact(e.Message), maxText))
		}
	}
	return silent
}

// isBehind recognises a server that will know the collection in a moment: one that
// is still loading shards after a restart, and a node of a cluster, whose GraphQL
// follows a new collection some 200 ms after the schema that the leader shows, or
// has none before the first one (1.39.0). One that was deleted looks the same, and
// is asked for a few times in vain.
func isBehind(err error) bool {
	if err == nil {
		return false
	}
	return slices.ContainsFunc([]string{"tried to browse non-existing index", unknownField, "no graphql provider present"},
		func(words string) bool { return strings.Contains(err.Error(), words) })
}

// sleep waits, or ends early with ctx.
func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
