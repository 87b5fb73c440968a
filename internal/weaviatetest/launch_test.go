package weaviatetest

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// actor launches this test binary as the server program.
func actor(t *testing.T) launcher {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	return launcher{program: program, portsFolder: sharedPorts(t), deadline: startDeadline}
}

// sharedPorts is the folder that every test of this machine locks ports in: a
// folder of its own would let two tests take the same ones.
func sharedPorts(t *testing.T) string {
	t.Helper()
	cache, err := cacheFolder()
	require.NoError(t, err)
	return filepath.Join(cache, "ports")
}

func acting(t *testing.T, act string) Options {
	t.Helper()
	return Options{Dir: t.TempDir(), Env: map[string]string{actVariable: act}}
}

func TestStopKillsAServerThatIgnoresTheTerminationSignal(t *testing.T) {
	t.Parallel()
	s, err := actor(t).start(t.Context(), acting(t, "stubborn"))
	require.NoError(t, err)
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, s.Stop(impatient))
	assert.True(t, s.process.ended())
	_, _, err = s.Request(t.Context(), http.MethodGet, "/", nil)
	assert.ErrorContains(t, err, "connection refused")
}

func TestKilledServerIsNoSurpriseToStop(t *testing.T) {
	t.Parallel()
	s, err := actor(t).start(t.Context(), acting(t, "stubborn"))
	require.NoError(t, err)
	require.NoError(t, s.Kill())
	require.NoError(t, s.Stop(t.Context()))
}

func TestStopTellsOfAServerThatHadDied(t *testing.T) {
	t.Parallel()
	s, err := actor(t).start(t.Context(), acting(t, "stubborn"))
	require.NoError(t, err)
	process, err := os.FindProcess(s.PID)
	require.NoError(t, err)
	require.NoError(t, process.Kill())
	<-s.process.done
	assert.ErrorContains(t, s.Stop(t.Context()), "ended by itself: signal: killed")
}

func TestStartGivesUpOnAServerThatIsNeverReady(t *testing.T) {
	t.Parallel()
	l := actor(t)
	l.deadline = time.Second
	_, err := l.start(t.Context(), acting(t, "mute"))
	require.ErrorContains(t, err, "not ready after 1s")
	assert.ErrorContains(t, err, "loading very slowly")
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := actor(t).start(ctx, acting(t, "mute"))
	require.ErrorIs(t, err, context.Canceled)
}

func TestStartTriesOtherPortsAfterAClash(t *testing.T) {
	t.Parallel()
	attempts := filepath.Join(t.TempDir(), "attempts")
	o := acting(t, "clash")
	o.Env["ATTEMPTS"] = attempts
	_, err := actor(t).start(t.Context(), o)
	require.ErrorIs(t, err, errPortTaken)
	data, err := os.ReadFile(attempts)
	require.NoError(t, err)
	assert.Len(t, strings.Fields(string(data)), startAttempts)
}

func TestStartSaysWhyTheProgramCouldNotRun(t *testing.T) {
	t.Parallel()
	l := actor(t)
	l.program = filepath.Join(t.TempDir(), "missing")
	_, err := l.start(t.Context(), Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "start weaviate-server "+DefaultVersion)
}

func TestServerDiesWithItsParent(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	require.NoError(t, err)
	parent := exec.CommandContext(t.Context(), program, t.TempDir(), sharedPorts(t))
	parent.Env = []string{actVariable + "=parent"}
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)

	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait(), "it was killed")
	assert.Eventually(t, func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSpace(url), nil)
		if err != nil {
			return false
		}
		response, err := newTestClient().Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		return err != nil
	}, 30*time.Second, 10*time.Millisecond, "the server still answers")
}

func TestPortBlocksAreNotShared(t *testing.T) {
	t.Parallel()
	folder := sharedPorts(t)
	first, err := reservePorts(t.Context(), folder)
	require.NoError(t, err)
	second, err := reservePorts(t.Context(), folder)
	require.NoError(t, err)
	assert.NotEqual(t, first.base, second.base)
	require.NoError(t, first.release())
	require.NoError(t, second.release())
}

func TestClosedPortRefuses(t *testing.T) {
	t.Parallel()
	port, release, err := ClosedPort()
	require.NoError(t, err)
	s := &Server{URL: localURL(port), client: newTestClient()}
	_, _, err = s.Request(t.Context(), http.MethodGet, "/", nil)
	require.ErrorContains(t, err, "connection refused")
	require.NoError(t, release())
}

func TestTailKeepsTheLastWholeLines(t *testing.T) {
	t.Parallel()
	log := newTail(20)
	assert.Empty(t, log.String())
	_, err := log.Write([]byte("first line\n"))
	require.NoError(t, err)
	assert.Equal(t, "first line", log.String())
	for range 100 {
		_, err := log.Write([]byte("line number x\n"))
		require.NoError(t, err)
	}
	assert.Equal(t, "line number x", log.String())
	assert.LessOrEqual(t, len(log.data), 40)
}

func TestPortOfProfilingIsNoClash(t *testing.T) {
	t.Parallel()
	s := &Server{log: newTail(logTailBytes)}
	_, err := s.log.Write([]byte("listen tcp :6060: bind: address already in use\n"))
	require.NoError(t, err)
	require.NoError(t, s.portClash())
	_, err = s.log.Write([]byte("listen tcp :50051: bind: address already in use\n"))
	require.NoError(t, err)
	require.ErrorIs(t, s.portClash(), errPortTaken)
}
