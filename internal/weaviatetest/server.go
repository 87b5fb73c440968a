package weaviatetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	startAttempts = 3
	startDeadline = 2 * time.Minute
	stopDeadline  = 20 * time.Second
	readyEvery    = 50 * time.Millisecond
	logTailBytes  = 16 << 10
)

// errPortTaken says that a listener of the server found its port in use.
var errPortTaken = errors.New("port already in use")

// Options say which server to start. The zero value is DefaultVersion, open to
// anonymous callers, with a data folder of its own.
type Options struct {
	Version string            // an exact release; "" is DefaultVersion
	Env     map[string]string // added to the server's environment, over the defaults
	Dir     string            // where it keeps its data; "" is a temporary folder, removed by Stop
	APIKey  string            // what Request sends as bearer token; "" is nothing
	Log     io.Writer         // gets Build's progress and the server's log; nil is nowhere
	Within  time.Duration     // how long the start may take; 0 is two minutes
}

// Server is a running Weaviate of one node. Its methods may be called from
// several goroutines, except Stop.
type Server struct {
	URL     string // http://127.0.0.1:port, no trailing slash
	PID     int
	Dir     string // where it keeps its data
	Version string

	apiKey  string
	ownDir  bool
	killed  bool
	process *process
	ports   *ports
	log     *tail
	client  *http.Client
}

// Run starts a server for one test and stops it when the test ends. In -short
// mode it skips the test, and in no other case: a server that does not start
// fails the test. Build's progress goes to standard error.
func Run(tb testing.TB, o Options) *Server {
	tb.Helper()
	Need(tb, o.version())
	if o.Dir == "" {
		o.Dir = tb.TempDir()
	}
	s, err := Start(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Stop(context.WithoutCancel(tb.Context())); err != nil {
			tb.Error(err)
		}
		if tb.Failed() {
			tb.Logf("the end of the server's log:\n%s", s.Log())
		}
	})
	return s
}

// Need is for a test that starts a server by itself: it skips the test in -short
// mode, and otherwise sees to it that the program is there.
func Need(tb testing.TB, version string) {
	tb.Helper()
	if testing.Short() {
		tb.Skip("needs a real Weaviate server, which -short leaves out")
	}
	if _, err := Build(tb.Context(), version, os.Stderr); err != nil {
		tb.Fatal(err)
	}
}

// Start builds the server program if need be, starts it, and returns when it
// says that it is ready. ctx bounds the start, not the server's life. A port
// that something else takes in between is answered by another try with other
// ports; any other failure is an error that ends with the server's last log
// lines. The server dies with the calling process, but Stop is the way to end it.
func Start(ctx context.Context, o Options) (*Server, error) {
	l, err := newLauncher(ctx, o)
	if err != nil {
		return nil, err
	}
	return l.start(ctx, o)
}

func (o Options) version() string {
	if o.Version == "" {
		return DefaultVersion
	}
	return o.Version
}

// launcher is Start with its surroundings spelled out.
type launcher struct {
	program     string
	portsFolder string
	deadline    time.Duration
}

func newLauncher(ctx context.Context, o Options) (launcher, error) {
	program, err := Build(ctx, o.version(), o.Log)
	if err != nil {
		return launcher{}, err
	}
	cache, err := cacheFolder()
	if err != nil {
		return launcher{}, err
	}
	return launcher{program: program, portsFolder: filepath.Join(cache, "ports"), deadline: cmp.Or(o.Within, startDeadline)}, nil
}

func (l launcher) start(ctx context.Context, o Options) (*Server, error) {
	var err error
	for range startAttempts {
		var s *Server
		if s, err = l.attempt(ctx, o); err == nil {
			return s, nil
		}
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	return nil, fmt.Errorf("start weaviate-server %s: %w", o.version(), err)
}

// attempt is one start on one block of ports. When it fails, nothing of it is
// left.
func (l launcher) attempt(ctx context.Context, o Options) (*Server, error) {
	s, err := l.reserve(ctx, o)
	if err != nil {
		return nil, err
	}
	if err = l.run(ctx, s, o); err != nil {
		return nil, errors.Join(err, s.discard())
	}
	return s, nil
}

// reserve makes a server that does not run yet: its ports and its folder.
func (l launcher) reserve(ctx context.Context, o Options) (*Server, error) {
	s := &Server{
		Version: o.version(), Dir: o.Dir, apiKey: o.APIKey, log: newTail(logTailBytes),
		// Not the default transport: no proxy of the environment, and no
		// connections that outlive the server.
		client: &http.Client{Transport: &http.Transport{}},
	}
	var err error
	if s.ports, err = reservePorts(ctx, l.portsFolder); err != nil {
		return nil, err
	}
	if s.Dir == "" {
		s.ownDir = true
		if s.Dir, err = os.MkdirTemp("", "weaviate-data-"); err != nil {
			return nil, errors.Join(err, s.ports.release())
		}
	}
	s.URL = "http://127.0.0.1:" + s.ports.port(portHTTP)
	return s, nil
}

func (l launcher) run(ctx context.Context, s *Server, o Options) error {
	if err := l.launch(s, o); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, l.deadline, fmt.Errorf("not ready after %s", l.deadline))
	defer cancel()
	return s.waitReady(ctx)
}

// launch starts the program, and does not wait for it.
func (l launcher) launch(s *Server, o Options) error {
	// The context of the start must not end the server, so the command has none.
	cmd := exec.Command(l.program, //nolint:noctx // see above
		"--host", "127.0.0.1", "--port", s.ports.port(portHTTP), "--scheme", "http")
	cmd.Dir = s.Dir
	cmd.Env = s.environment(o.Env)
	var out io.Writer = s.log
	if o.Log != nil {
		out = io.MultiWriter(s.log, o.Log)
	}
	cmd.Stdout, cmd.Stderr = out, out
	var err error
	if s.process, err = startProcess(cmd); err != nil {
		return err
	}
	s.PID = cmd.Process.Pid
	return nil
}

// waitReady polls until the server answers 200, has ended, or ctx is over.
func (s *Server) waitReady(ctx context.Context) error {
	ticker := time.NewTicker(readyEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.withLog(context.Cause(ctx))
		case <-s.process.done:
			return s.withLog(fmt.Errorf("it ended by itself: %w", s.process.exit()))
		case <-ticker.C:
		}
		status, _, err := s.Request(ctx, http.MethodGet, "/v1/.well-known/ready", nil)
		if err == nil && status == http.StatusOK && !s.process.ended() {
			return s.portClash()
		}
	}
}

// withLog adds the log's end to err, and errPortTaken where the log says so.
func (s *Server) withLog(err error) error {
	if clash := s.portClash(); clash != nil {
		err = fmt.Errorf("%w: %w", clash, err)
	}
	return fmt.Errorf("%w; the end of its log:\n%s", err, s.log)
}

// portClash finds in the log that some listener had no port. Weaviate goes on
// without some of them, and without the one for profiling nothing is amiss: 1.23.0
// always wants 6060 for it (adapters/handlers/rest/configure_api.go), so of two such
// servers one has none.
func (s *Server) portClash() error {
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, "address already in use") && !strings.Contains(line, "listen tcp :6060:") {
			return errPortTaken
		}
	}
	return nil
}

// environment is all that the server sees: nothing of the caller's, so
// that no proxy or WEAVIATE variable of a developer's shell changes a test.
func (s *Server) environment(extra map[string]string) []string {
	env := map[string]string{
		"HOME":                  s.Dir,
		"PERSISTENCE_DATA_PATH": s.Dir,
		"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true",
		"QUERY_DEFAULTS_LIMIT":                    "20",
		"ENABLE_MODULES":                          "",
		"DISABLE_TELEMETRY":                       "true",
		"LOG_LEVEL":                               "warning",
		"LOG_FORMAT":                              "text",
		"PROMETHEUS_MONITORING_ENABLED":           "false",
		"PROMETHEUS_MONITORING_PORT":              s.ports.port(portMetrics),
		"GO_PROFILING_DISABLE":                    "true",
		"GO_PROFILING_PORT":                       s.ports.port(portProfiling), // for versions that can't switch it off
		"GRPC_PORT":                               s.ports.port(portGRPC),
		"CLUSTER_HOSTNAME":                        "node1",
		"CLUSTER_IN_LOCALHOST":                    "true",
		"CLUSTER_BIND_ADDR":                       "127.0.0.1",
		"CLUSTER_ADVERTISE_ADDR":                  "127.0.0.1",
		"CLUSTER_GOSSIP_BIND_PORT":                s.ports.port(portGossip),
		"CLUSTER_DATA_BIND_PORT":                  s.ports.port(portData),
		"RAFT_PORT":                               s.ports.port(portRaft),
		"RAFT_INTERNAL_RPC_PORT":                  s.ports.port(portRaftRPC),
		"RAFT_JOIN":                               "node1:" + s.ports.port(portRaft),
		"RAFT_BOOTSTRAP_EXPECT":                   "1",
		// A lone node waits in vain for a leader's heartbeat before it elects
		// itself; the default multiplier makes that 5 s of each start.
		"RAFT_TIMEOUTS_MULTIPLIER": "1",
	}
	maps.Copy(env, extra)
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		pairs = append(pairs, name+"="+env[name])
	}
	return pairs
}

// Log gives the end of what the server wrote, 16 KiB at most.
func (s *Server) Log() string { return s.log.String() }

// Stop ends the server as an operator would, by SIGTERM, and by SIGKILL if it
// is still there when ctx is over or 20 seconds have passed. It gives back the
// ports and removes the data folder unless Options named it. A server that had
// died by itself before is an error with the end of its log; a killed one isn't.
func (s *Server) Stop(ctx context.Context) error {
	var died error
	if s.process.ended() && !s.killed {
		died = s.withLog(fmt.Errorf("weaviate-server %s ended by itself: %w", s.Version, s.process.exit()))
	}
	return errors.Join(died, s.terminate(ctx), s.discard())
}

func (s *Server) terminate(ctx context.Context) error {
	if s.process.ended() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, stopDeadline)
	defer cancel()
	if err := s.process.signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop weaviate-server: %w", err)
	}
	select {
	case <-s.process.done:
	case <-ctx.Done():
	}
	return nil
}

// Kill ends the server by SIGKILL, as a crash or a lost machine would, and
// leaves its data. Stop must still be called.
func (s *Server) Kill() error {
	s.killed = true
	if err := s.process.signal(syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill weaviate-server: %w", err)
	}
	<-s.process.done
	return nil
}

// discard kills what still runs and gives everything back.
func (s *Server) discard() error {
	var err error
	if s.process != nil {
		err = s.process.signal(syscall.SIGKILL)
		<-s.process.done
	}
	s.client.CloseIdleConnections()
	if s.ownDir {
		err = errors.Join(err, os.RemoveAll(s.Dir))
	}
	return errors.Join(err, s.ports.release())
}
