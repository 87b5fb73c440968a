package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// stopWithin is how long a cancelled run may take to end. The runner sends
// SIGINT, after 7.5 s SIGTERM, and kills 2.5 s later
// (actions/runner 258d6c8, ProcessInvoker.cs).
const stopWithin = 5 * time.Second

// checkSignals sends each signal to a run that is in the middle of its counts.
func (h *harness) checkSignals(ctx context.Context) error {
	for _, signal := range []string{"TERM", "INT"} {
		if err := inWorkspace(func(w workspace) error { return h.interrupt(ctx, w, signal) }); err != nil {
			return fmt.Errorf("SIG%s: %w", signal, err)
		}
	}
	return nil
}

func (h *harness) interrupt(ctx context.Context, w workspace, signal string) (err error) {
	slow, err := h.startStall(ctx)
	if err != nil {
		return err
	}
	defer slow.stop()
	run := append([]string{"run", "--detach", "--label", h.name}, h.plainRun(w, slow.url)...)
	id, err := h.docker.output(ctx, append(run, h.image)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.remove(ctx, "container", id)) }()
	select {
	case <-slow.reached:
	case <-ctx.Done():
		logs, err := h.docker.run(ctx, "logs", id)
		return errors.Join(fmt.Errorf("the run counted nothing: %w: %s", context.Cause(ctx), logs), err)
	}
	begin := h.now()
	if _, err := h.docker.output(ctx, "kill", "--signal", signal, id); err != nil {
		return err
	}
	code, err := h.docker.output(ctx, "wait", id)
	if err != nil {
		return err
	}
	took := h.now().Sub(begin)
	if code != "130" || took > stopWithin {
		logs, err := h.docker.run(ctx, "logs", id)
		return errors.Join(fmt.Errorf("want exit status 130 within %s, got %s after %s: %s", stopWithin, code, took, logs), err)
	}
	return w.empty()
}

// stall is a proxy in front of the server that never answers a count.
type stall struct {
	url     string
	reached chan struct{} // gets a value at the first count
	stop    func()
}

// startStall starts the proxy on this machine's address in the network.
func (h *harness) startStall(ctx context.Context) (*stall, error) {
	address, err := h.docker.output(ctx, "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.Gateway}}{{end}}", h.serverName())
	if err != nil {
		return nil, err
	}
	server, gateway, _ := strings.Cut(address, " ")
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(gateway, "0"))
	if err != nil {
		return nil, err
	}
	s := &stall{url: "http://" + listener.Addr().String(), reached: make(chan struct{}, 1)}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: net.JoinHostPort(server, "8080")})
	web := &http.Server{
		ReadHeaderTimeout: stopWithin,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/v1/graphql") {
				proxy.ServeHTTP(w, r)
				return
			}
			select {
			case s.reached <- struct{}{}:
			default:
			}
			<-r.Context().Done()
		}),
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = web.Serve(listener) // ends with http.ErrServerClosed
	}()
	s.stop = func() {
		_ = web.Close()
		<-ended
	}
	return s, nil
}
