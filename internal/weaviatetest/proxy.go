package weaviatetest

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// Proxy is a server in this process that forwards to a real one, except where a
// Fault says otherwise: for tests of writes, whose effect no Fake could tell. A
// request that is forwarded reaches the server whatever becomes of the client,
// so that what a test kills meanwhile has a certain end. A server that is gone,
// or goes before it has answered in full, is a connection that ends without an
// answer. All methods are safe for concurrent use.
type Proxy struct {
	URL string // no trailing slash
	*intake

	server  *httptest.Server
	forward *httputil.ReverseProxy
	life    context.Context // over when Close is called
	end     context.CancelFunc

	hooksMu       sync.Mutex
	requested     func(r Received)
	before, after func(n int, r Received)
}

// NewProxy starts a proxy in front of the server at targetURL and closes it when
// the test ends.
func NewProxy(tb testing.TB, targetURL string) *Proxy {
	tb.Helper()
	p, err := StartProxy(targetURL)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

// StartProxy is NewProxy for callers without a testing.TB, such as a script's
// command. They call Close.
func StartProxy(targetURL string) (*Proxy, error) {
	target, err := url.Parse(targetURL)
	if err != nil {
		return nil, fmt.Errorf("start a proxy: %w", err)
	}
	if target.Scheme != "http" || target.Host == "" {
		return nil, fmt.Errorf("start a proxy: %q is not the http URL of a server", targetURL)
	}
	silent := log.New(io.Discard, "", 0)
	p := &Proxy{intake: newIntake(nil)}
	p.life, p.end = context.WithCancel(context.Background())
	p.forward = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		// One connection per request: net/http would repeat some requests on a
		// used one that broke. And the answer is the server's, byte for byte.
		Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		ErrorLog:  silent,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {
			panic(http.ErrAbortHandler) // the documented way to end a connection
		},
	}
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	p.server.Config.ErrorLog = silent
	p.server.Start()
	p.URL = p.server.URL
	return p, nil
}

// Close ends every request, those under way at the server too, and stops
// listening. It waits for hooks that run. It may be called more than once.
func (p *Proxy) Close() {
	p.end()
	p.server.CloseClientConnections()
	p.server.Close()
}

// SetFaults replaces the faults and starts their counting anew. They are tried
// in order on each request; the first that matches acts.
func (p *Proxy) SetFaults(faults ...Fault) error {
	if err := checkFaults(faults, checkProxied); err != nil {
		return fmt.Errorf("set the proxy's faults: %w", err)
	}
	p.setFaults(faults)
	return nil
}

// checkProxied is Fault.check for a proxy, where only After says that the server is
// to be asked.
func checkProxied(f Fault) error {
	if f.usesAnswer() && !f.After {
		return fmt.Errorf("do %q of the server's own answer needs after, or else a status or a body", f.Do)
	}
	return f.check()
}

// Writes gives the requests so far that may change something, whether they were
// forwarded or not: all but GET, HEAD and POST /v1/graphql.
func (p *Proxy) Writes() []Received {
	return slices.DeleteFunc(p.Received(), func(r Received) bool { return !r.isWrite() })
}

// OnRequest sets what is called before any request is forwarded, which waits for
// it. The rest is as with OnWrite.
func (p *Proxy) OnRequest(hook func(r Received)) {
	p.hooksMu.Lock()
	defer p.hooksMu.Unlock()
	p.requested = hook
}

// OnWrite sets what is called before a write is forwarded, which waits for it. n
// is the write's place among Writes, from 1. A fault that keeps a write from the
// server keeps it from the hook too. Concurrent writes call it concurrently. nil
// is no hook.
func (p *Proxy) OnWrite(hook func(n int, r Received)) {
	p.hooksMu.Lock()
	defer p.hooksMu.Unlock()
	p.before = hook
}

// AfterWrite sets what is called when the server has answered a write, before
// the answer is passed on, or spoiled by a fault. The rest is as with OnWrite.
func (p *Proxy) AfterWrite(hook func(n int, r Received)) {
	p.hooksMu.Lock()
	defer p.hooksMu.Unlock()
	p.after = hook
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	a, err := p.take(r, r.URL.Path)
	if err != nil {
		return
	}
	honest := httptest.NewRecorder()
	if a.fault == nil || a.fault.needsServer() {
		p.ask(honest, r, a)
	}
	if a.fault == nil {
		relay(w, honest)
		return
	}
	a.fault.act(w, r, honest, p.life.Done())
}

// ask gets the server's answer, between the hooks if the request is a write. It
// panics, as net/http wants it, where there is no answer.
func (p *Proxy) ask(honest *httptest.ResponseRecorder, r *http.Request, a arrival) {
	p.hooksMu.Lock()
	requested, before, after := p.requested, p.before, p.after
	p.hooksMu.Unlock()
	if requested != nil {
		requested(a.Received)
	}
	if a.write > 0 && before != nil {
		before(a.write, a.Received)
	}
	// The client's going must not decide whether the server gets the request.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	defer context.AfterFunc(p.life, cancel)() //nolint:contextcheck // the proxy's end ends it, and not the client's
	p.forward.ServeHTTP(honest, r.WithContext(ctx))
	if a.write > 0 && after != nil {
		after(a.write, a.Received)
	}
}
