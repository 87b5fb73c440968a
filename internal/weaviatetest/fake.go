package weaviatetest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Received is one request as it came in.
type Received struct {
	Method string
	Path   string // with the query, as it was sent
	Header http.Header
	Body   string
}

// Fake is a server in this process that answers like Weaviate, or wrongly where
// a Fault says so. All methods are safe for concurrent use.
type Fake struct {
	URL string // with the base path, no trailing slash

	server  *httptest.Server
	closing chan struct{}
	once    sync.Once

	mu         sync.Mutex
	config     FakeConfig
	used       []int // times that each fault matched
	received   []Received
	arrived    chan struct{} // closed, and made anew, with each request
	complaints []string
}

// NewFake starts a fake of DefaultFakeConfig, changed by the functions given,
// and closes it when the test ends. Whatever the fake did not understand fails
// the test then.
func NewFake(tb testing.TB, change ...func(*FakeConfig)) *Fake {
	tb.Helper()
	config := DefaultFakeConfig()
	for _, c := range change {
		c(&config)
	}
	f, err := StartFake(config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		f.Close()
		for _, complaint := range f.Complaints() {
			tb.Error("fake weaviate: " + complaint)
		}
	})
	return f
}

// StartFake is NewFake for callers without a testing.TB, such as a script's
// command. They call Close, and should look at Complaints.
func StartFake(config FakeConfig) (*Fake, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("start the fake weaviate: %w", err)
	}
	f := &Fake{closing: make(chan struct{}), arrived: make(chan struct{}), config: config, used: make([]int, len(config.Faults))}
	f.server = httptest.NewUnstartedServer(http.HandlerFunc(f.serve))
	// Failed handshakes are often what a test wants; its client tells of them.
	f.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	switch {
	case config.ClientCAPEM != "":
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(config.ClientCAPEM)) {
			return nil, errors.New("start the fake weaviate: clientCA holds no certificate")
		}
		f.server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12}
		f.server.StartTLS()
	case config.TLS:
		f.server.StartTLS()
	default:
		f.server.Start()
	}
	f.URL = f.server.URL + config.BasePath
	return f, nil
}

// Close ends every request that hangs and stops listening. It may be called
// more than once.
func (f *Fake) Close() {
	f.once.Do(func() {
		close(f.closing)
		f.server.CloseClientConnections()
		f.server.Close()
	})
}

// Update changes what the fake holds. Faults are replaced by SetFaults only,
// since they carry how often they acted.
func (f *Fake) Update(change func(*FakeConfig)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	config := f.config
	change(&config)
	if err := config.check(); err != nil {
		return fmt.Errorf("update the fake weaviate: %w", err)
	}
	config.Faults = f.config.Faults
	f.config = config
	return nil
}

// SetFaults replaces the faults and starts their counting anew.
func (f *Fake) SetFaults(faults ...Fault) error {
	for i, fault := range faults {
		if err := fault.check(); err != nil {
			return fmt.Errorf("set the fake weaviate's faults: fault %d: %w", i+1, err)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.config.Faults, f.used = slices.Clone(faults), make([]int, len(faults))
	return nil
}

// Requests lists what was asked so far, "GET /v1/schema?x=y" each.
func (f *Fake) Requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var lines []string
	for _, r := range f.received {
		lines = append(lines, r.Method+" "+r.Path)
	}
	return lines
}

// Await waits until the path, with base path and query, was asked for.
func (f *Fake) Await(ctx context.Context, path string) error {
	for {
		f.mu.Lock()
		arrived := f.arrived
		found := slices.ContainsFunc(f.received, func(r Received) bool { return r.Path == path })
		f.mu.Unlock()
		if found {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("await a request for %s: %w", path, context.Cause(ctx))
		case <-arrived:
		}
	}
}

// Received gives what was asked so far, in full.
func (f *Fake) Received() []Received {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.received)
}

// Complaints lists requests that the fake could not understand, which mean that
// the fake must learn something or the caller is wrong.
func (f *Fake) Complaints() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.complaints)
}

// CAPEM is the PEM text of the certificate that a client of the TLS form must
// trust; empty without TLS.
func (f *Fake) CAPEM() string {
	certificate := f.server.Certificate()
	if certificate == nil {
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}))
}

// serve records the request and lets the first matching fault, or the honest
// answer, have it.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	// Read to the end, or the server could not notice a client that leaves.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	config, fault := f.record(r, string(body))
	honest := httptest.NewRecorder()
	if fault == nil || fault.needsAnswer() {
		f.answer(honest, r, config, body)
	}
	if fault == nil {
		relay(w, honest)
		return
	}
	fault.act(w, r, honest, f.closing)
}

// record notes the request, and picks the fault that acts on it.
func (f *Fake) record(r *http.Request, body string) (FakeConfig, *Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.received = append(f.received, Received{
		Method: r.Method, Path: r.RequestURI, Header: r.Header.Clone(), Body: body,
	})
	close(f.arrived)
	f.arrived = make(chan struct{})
	path := strings.TrimPrefix(r.URL.Path, f.config.BasePath)
	for i, fault := range f.config.Faults {
		if !fault.matches(r.Method, path, body) || fault.spent(f.used[i]) {
			continue
		}
		f.used[i]++
		if f.used[i] > fault.Skip {
			return f.config, &fault
		}
	}
	return f.config, nil
}

func (f *Fake) complain(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.complaints = append(f.complaints, fmt.Sprintf(format, args...))
}

// relay sends a recorded answer as it is.
func relay(w http.ResponseWriter, honest *httptest.ResponseRecorder) {
	for name, values := range honest.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(honest.Code)
	_, _ = w.Write(honest.Body.Bytes())
}
