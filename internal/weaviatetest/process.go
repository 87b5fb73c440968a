package weaviatetest

import (
	"bytes"
	"errors"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// pipeDelay bounds the wait for output that a grandchild still holds open after
// the process itself has ended.
const pipeDelay = 5 * time.Second

// process is a child that can't outlive this process: it has its own process
// group, and the kernel kills it when its parent dies, however that happens.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the child has ended
	err  error         // what Wait said; read only after done
}

// startProcess starts cmd. Cancelling the context that cmd was made with kills
// the child's whole group.
func startProcess(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = pipeDelay
	p := &process{cmd: cmd, done: make(chan struct{})}
	if cmd.Cancel != nil {
		cmd.Cancel = func() error { return p.signal(syscall.SIGKILL) }
	}
	started := make(chan error, 1)
	go func() {
		// The parent-death signal is sent when the *thread* that started the
		// child ends (https://go.dev/issue/27505), so that thread is kept
		// until the child is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// signal sends sig to the child's group. A group that is gone is no error.
func (p *process) signal(sig syscall.Signal) error {
	if p.ended() { // its number may be another's by now
		return nil
	}
	err := syscall.Kill(-p.cmd.Process.Pid, sig)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// exit says how a child that has ended did so.
func (p *process) exit() error {
	if p.err == nil {
		return errors.New("exit status 0")
	}
	return p.err
}

// ended reports whether the child has ended.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// tail keeps the last bytes written to it, for error messages. Safe for
// concurrent use.
type tail struct {
	mu    sync.Mutex
	limit int
	data  []byte
	cut   bool
}

func newTail(limit int) *tail { return &tail{limit: limit} }

// Write keeps at most limit bytes and never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	// Trimming only at twice the limit keeps the copying rare.
	if len(t.data) > 2*t.limit {
		t.data = append(t.data[:0], t.data[len(t.data)-t.limit:]...)
		t.cut = true
	}
	return len(p), nil
}

// String gives the kept text from its first whole line.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	data, cut := t.data, t.cut
	if len(data) > t.limit {
		data, cut = data[len(data)-t.limit:], true
	}
	if cut {
		if _, after, found := bytes.Cut(data, []byte("\n")); found {
			data = after
		}
	}
	return string(bytes.TrimRight(data, "\n"))
}
