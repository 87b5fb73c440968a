package weaviate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// TLS holds certificates and a key in PEM. There is no way to turn the check of
// the server's certificate off: name the CA that signed it instead.
type TLS struct {
	// CACertificate is trusted beside the system's.
	CACertificate []byte
	// ClientCertificate and ClientKey are shown to a server that asks for them;
	// both or none.
	ClientCertificate, ClientKey []byte
}

const (
	dialTimeout = 10 * time.Second
	keepAlive   = 30 * time.Second
	// maxRedirects is small: Weaviate itself never redirects, a gateway may
	// once, to add a slash or TLS.
	maxRedirects = 3
	// idleConnections is enough for the two requests that are in flight at a
	// time while objects are counted.
	idleConnections = 4
)

// newTransport makes a transport that honours HTTP_PROXY, HTTPS_PROXY and
// NO_PROXY, and speaks TLS 1.2 at least. It does not ask for compressed bodies:
// Weaviate never sends them (1.27.0 to 1.39.0), and what is not asked for can't
// be a bomb. It speaks HTTP/1.1 only, so that a lost connection has the one set of
// errors that the retry policy knows; a backup is a dozen requests.
func newTransport(options TLS) (*http.Transport, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(options.CACertificate) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(options.CACertificate) {
			return nil, errors.New("read CA certificate: no certificate in the PEM text")
		}
		config.RootCAs = pool
	}
	if len(options.ClientCertificate) > 0 {
		pair, err := tls.X509KeyPair(options.ClientCertificate, options.ClientKey)
		if err != nil {
			return nil, fmt.Errorf("read client certificate and key: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}).DialContext,
		TLSClientConfig:     config,
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConnsPerHost: idleConnections,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true,
	}, nil
}

// watched tells of each connection that broke under a request: where it was used
// before and gave no byte of an answer, net/http sends a read once more by itself
// (Request.isReplayable and persistConn.shouldRetryRequest, go1.26), and nobody learns
// that the server may have gone and come back.
type watched struct {
	*http.Transport
	host  string // what others do, such as a provider of tokens, does not count
	broke func()
}

// RoundTrip is http.RoundTripper.
func (w watched) RoundTrip(request *http.Request) (*http.Response, error) {
	var connections atomic.Int32
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		if connections.Add(1) > 1 && request.URL.Hostname() == w.host {
			w.broke()
		}
	}}
	return w.Transport.RoundTrip(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
}

// errRedirect is why a redirect was not followed.
var errRedirect = errors.New("redirect refused")

// checkRedirect lets a server send the client elsewhere on the same host and port
// only, or from plain text to TLS on that host, and never back: net/http would
// carry custom headers, which may be secrets, along.
func checkRedirect(request *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("%w: more than %d in a row", errRedirect, maxRedirects)
	case request.URL.Hostname() != first.Hostname():
		return fmt.Errorf("%w: to another host, %s", errRedirect, request.URL.Host)
	case first.Scheme == "https" && request.URL.Scheme != "https":
		return fmt.Errorf("%w: from https to %s", errRedirect, request.URL.Scheme)
	case request.URL.Scheme == first.Scheme && request.URL.Port() != first.Port():
		return fmt.Errorf("%w: to another port, %s", errRedirect, request.URL.Host)
	case request.Method != via[0].Method:
		// A 301 to a POST turns it into a GET, whose answer means something else.
		return fmt.Errorf("%w: it would turn %s into %s", errRedirect, via[0].Method, request.Method)
	default:
		return nil
	}
}
