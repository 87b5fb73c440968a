package weaviatetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Received is one request as it came in.
type Received struct {
	Method string
	Path   string // with the query, as it was sent
	Header http.Header
	Body   string
}

// isWrite reports whether a request may change what the server holds: all but
// GET, HEAD and GraphQL, which only reads.
func (r Received) isWrite() bool {
	path, _, _ := strings.Cut(r.Path, "?")
	return r.Method != http.MethodGet && r.Method != http.MethodHead &&
		(r.Method != http.MethodPost || path != "/v1/graphql")
}

// intake is what Fake and Proxy share: it keeps the requests that came in, and
// picks the fault that acts on each.
type intake struct {
	mu       sync.Mutex
	received []Received
	writes   int
	arrived  chan struct{} // closed, and made anew, with each request
	faults   []Fault
	used     []int // times that each fault matched
}

// arrival is one request that intake has kept.
type arrival struct {
	Received
	write int    // its number among the writes, from 1; 0 for a read
	fault *Fault // what acts on it; nil is nothing
}

func newIntake(faults []Fault) *intake {
	in := &intake{arrived: make(chan struct{})}
	in.setFaults(faults)
	return in
}

// Requests lists what was asked so far, "GET /v1/schema?x=y" each.
func (in *intake) Requests() []string {
	var lines []string
	for _, r := range in.Received() {
		lines = append(lines, r.Method+" "+r.Path)
	}
	return lines
}

// Received gives what was asked so far, in full.
func (in *intake) Received() []Received {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.received)
}

// Await waits until a request came in: "PATH" or "METHOD PATH", the path with
// base path and query. One that came before counts.
func (in *intake) Await(ctx context.Context, request string) error {
	for {
		in.mu.Lock()
		arrived := in.arrived
		found := slices.ContainsFunc(in.received, func(r Received) bool {
			return r.Path == request || r.Method+" "+r.Path == request
		})
		in.mu.Unlock()
		if found {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("await a request for %s: %w", request, context.Cause(ctx))
		case <-arrived:
		}
	}
}

// setFaults replaces the faults, checked ones, and starts their counting anew.
func (in *intake) setFaults(faults []Fault) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.faults, in.used = slices.Clone(faults), make([]int, len(faults))
}

// take keeps the request and picks its fault, in one step: who has awaited a
// request may set other faults without changing what happens to it. path is
// what the faults' patterns see. The request's body can be read again.
func (in *intake) take(r *http.Request, path string) (arrival, error) {
	// Read to the end, or the server could not notice a client that leaves.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return arrival{}, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	a := arrival{Received: Received{
		Method: r.Method, Path: r.RequestURI, Header: r.Header.Clone(), Body: string(body),
	}}
	in.mu.Lock()
	defer in.mu.Unlock()
	if a.isWrite() {
		in.writes++
		a.write = in.writes
	}
	a.fault = in.pick(a.Method, path, a.Body)
	in.received = append(in.received, a.Received)
	close(in.arrived)
	in.arrived = make(chan struct{})
	return a, nil
}

// pick gives the first fault that matches and is neither waiting nor spent.
func (in *intake) pick(method, path, body string) *Fault {
	for i, fault := range in.faults {
		if !fault.matches(method, path, body) || fault.spent(in.used[i]) {
			continue
		}
		in.used[i]++
		if in.used[i] > fault.Skip {
			return &fault
		}
	}
	return nil
}

// checkFaults gives all problems, each with its fault's number.
func checkFaults(faults []Fault, check func(Fault) error) error {
	var problems []error
	for i, fault := range faults {
		if err := check(fault); err != nil {
			problems = append(problems, fmt.Errorf("fault %d: %w", i+1, err))
		}
	}
	return errors.Join(problems...)
}
