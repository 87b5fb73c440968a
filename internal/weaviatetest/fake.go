package weaviatetest

import (
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

// Fake is a server in this process that answers like Weaviate, or wrongly where
// a Fault says so. All methods are safe for concurrent use.
type Fake struct {
	URL string // with the base path, no trailing slash
	*intake

	server  *httptest.Server
	closing chan struct{}
	once    sync.Once

	heldMu     sync.Mutex
	config     FakeConfig // all but the faults, which the intake has
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
	f := &Fake{intake: newIntake(config.Faults), closing: make(chan struct{}), config: config}
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
	f.heldMu.Lock()
	defer f.heldMu.Unlock()
	config := f.config
	change(&config)
	if err := config.check(); err != nil {
		return fmt.Errorf("update the fake weaviate: %w", err)
	}
	f.config = config
	return nil
}

// SetFaults replaces the faults and starts their counting anew.
func (f *Fake) SetFaults(faults ...Fault) error {
	if err := checkFaults(faults, Fault.check); err != nil {
		return fmt.Errorf("set the fake weaviate's faults: %w", err)
	}
	f.setFaults(faults)
	return nil
}

// Complaints lists requests that the fake could not understand, which mean that
// the fake must learn something or the caller is wrong.
func (f *Fake) Complaints() []string {
	f.heldMu.Lock()
	defer f.heldMu.Unlock()
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

// serve keeps the request and lets the first matching fault, or the honest
// answer, have it.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	config := f.held()
	a, err := f.take(r, strings.TrimPrefix(r.URL.Path, config.BasePath))
	if err != nil {
		return
	}
	honest := httptest.NewRecorder()
	if a.fault == nil || a.fault.needsServer() {
		f.answer(honest, r, config, []byte(a.Body))
	}
	if a.fault == nil {
		relay(w, honest)
		return
	}
	a.fault.act(w, r, honest, f.closing)
}

func (f *Fake) held() FakeConfig {
	f.heldMu.Lock()
	defer f.heldMu.Unlock()
	return f.config
}

func (f *Fake) complain(format string, args ...any) {
	f.heldMu.Lock()
	defer f.heldMu.Unlock()
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
