package disktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
)

// Main runs args[1:] under the [Plan] whose JSON is args[0], and gives the exit
// code of the program, or 128 and the number of the signal that ended it. 99 is a
// plan that could not be carried out. It must be the only work of its process:
// it waits for every child.
func Main(args []string) int {
	var plan Plan
	if len(args) < 2 {
		return failed(errors.New("the arguments are: PLAN PROGRAM [ARGUMENT...]"))
	}
	if err := json.Unmarshal([]byte(args[0]), &plan); err != nil {
		return failed(err)
	}
	report, err := run(plan, args[1:])
	if err != nil {
		return failed(err)
	}
	data, err := json.Marshal(report)
	if err == nil {
		err = os.WriteFile(plan.Report, data, 0o600)
	}
	if err != nil {
		return failed(err)
	}
	if report.Signal != 0 {
		return 128 + report.Signal
	}
	return report.Exit
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "disktest: "+err.Error())
	return 99
}

// exitKill is PTRACE_O_EXITKILL: the program does not outlive its tracer.
const exitKill = 0x100000

// run starts the program and follows it to its end.
func run(plan Plan, command []string) (Report, error) {
	runtime.LockOSThread() // a program has one thread for its tracer
	path, err := exec.LookPath(command[0])
	if err != nil {
		return Report{}, err
	}
	pid, err := syscall.ForkExec(path, command, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2},
		Sys:   &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		return Report{}, fmt.Errorf("start %s: %w", path, err)
	}
	t := &tracer{plan: plan, pid: pid, threads: map[int]*thread{pid: {}}}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil || !status.Stopped() {
		return Report{}, fmt.Errorf("wait for the start of %s: status %x, %w", path, status, err)
	}
	if err := syscall.PtraceSetOptions(pid, syscall.PTRACE_O_TRACESYSGOOD|syscall.PTRACE_O_TRACECLONE|exitKill); err != nil {
		return Report{}, fmt.Errorf("trace %s: %w", path, err)
	}
	t.resume(pid, 0)
	return t.follow()
}

// tracer follows one program.
type tracer struct {
	plan    Plan
	pid     int
	threads map[int]*thread
	// busy is the thread that is within an operation, or 0; waiting are those that
	// stand before one.
	busy    int
	waiting []int
	report  Report
	err     error
}

// thread is the state of one thread of the program.
type thread struct {
	known  bool // its first stop is past
	inside bool // of a system call
	// result is what the call is to give when it has ended; nil: what it gave.
	result *int64
}

// follow handles every stop of the program, until it has ended.
func (t *tracer) follow() (Report, error) {
	for {
		var status syscall.WaitStatus
		tid, err := syscall.Wait4(-1, &status, syscall.WALL, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return t.report, fmt.Errorf("wait for the program: %w", err)
		}
		if status.Exited() || status.Signaled() {
			delete(t.threads, tid)
			t.leave(tid)
			if tid != t.pid {
				continue
			}
			t.report.Exit = status.ExitStatus()
			if status.Signaled() {
				t.report.Exit, t.report.Signal = 0, int(status.Signal())
			}
			return t.report, t.err
		}
		t.stopped(tid, status)
	}
}

// stopped handles one stop of one thread.
func (t *tracer) stopped(tid int, status syscall.WaitStatus) {
	th := t.threads[tid]
	if th == nil {
		th = &thread{}
		t.threads[tid] = th
	}
	signal := status.StopSignal()
	switch {
	case signal == syscall.SIGTRAP|0x80:
		th.inside = !th.inside
		if th.inside {
			t.enter(tid)
			return
		}
		t.exit(tid, th)
		signal = 0
	case status.TrapCause() > 0: // a thread was made
		signal = 0
	case !th.known && signal == syscall.SIGSTOP:
		signal = 0 // how a thread begins
	}
	th.known = true
	t.resume(tid, int(signal))
}

// resume lets a thread run to its next stop. One that was killed meanwhile is
// gone, and its end will be told.
func (t *tracer) resume(tid, signal int) {
	if err := syscall.PtraceSyscall(tid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.err = errors.Join(t.err, fmt.Errorf("resume thread %d: %w", tid, err))
	}
}

// enter handles a thread that stands before a system call: an operation waits for
// the one that is under way.
func (t *tracer) enter(tid int) {
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &regs); err != nil {
		t.resume(tid, 0)
		return
	}
	c, ok := calls[regs.Orig_rax]
	if !ok {
		t.resume(tid, 0)
		return
	}
	op, ok := t.operation(tid, c, regs)
	if !ok {
		t.resume(tid, 0)
		return
	}
	if t.busy != 0 {
		t.waiting = append(t.waiting, tid)
		return
	}
	t.busy = tid
	t.begin(tid, c, op, regs)
	t.resume(tid, 0)
}

// begin counts an operation, and breaks it where the plan says so.
func (t *tracer) begin(tid int, c call, op Operation, regs syscall.PtraceRegs) {
	counts := (len(t.plan.Calls) == 0 || slices.Contains(t.plan.Calls, c.name)) &&
		(!t.plan.Changes || c.changesDisk(arguments(regs)))
	if counts {
		t.report.Operations = append(t.report.Operations, op)
	}
	number := len(t.report.Operations)
	if t.plan.At > 0 && ((counts && number == t.plan.At) || (t.plan.Onward && t.report.Broken)) {
		t.report.Broken = true
		t.act(tid, c, regs)
		return
	}
	if slices.Contains(t.plan.Refuse, c.name) {
		t.replace(tid, regs, -int64(syscall.EPERM))
	}
}

// act breaks the operation before which the thread stands.
func (t *tracer) act(tid int, c call, regs syscall.PtraceRegs) {
	var err error
	switch t.plan.Do {
	case DoKill:
		err = syscall.Kill(t.pid, syscall.SIGKILL)
	case DoTerm:
		err = syscall.Kill(t.pid, syscall.SIGTERM)
	case DoFail:
		t.replace(tid, regs, -int64(t.plan.Errno))
	case DoShort:
		if c.bytes && regs.Rdx > 1 {
			regs.Rdx /= 2
			err = syscall.PtraceSetRegs(tid, &regs)
		}
	case DoLie:
		if c.bytes {
			t.replace(tid, regs, int64(regs.Rdx)) //nolint:gosec // a count of bytes
		}
	case DoRun:
		var said []byte
		//nolint:noctx // the plan's own command, and the program waits for it
		if said, err = exec.Command(t.plan.Run[0], t.plan.Run[1:]...).CombinedOutput(); err != nil {
			err = fmt.Errorf("%q: %w: %s", t.plan.Run, err, said)
		}
	}
	t.err = errors.Join(t.err, err)
}

// replace makes the call do nothing and give the result.
func (t *tracer) replace(tid int, regs syscall.PtraceRegs, result int64) {
	regs.Orig_rax = ^uint64(0)
	t.err = errors.Join(t.err, syscall.PtraceSetRegs(tid, &regs))
	t.threads[tid].result = &result
}

// exit handles a thread whose system call has ended.
func (t *tracer) exit(tid int, th *thread) {
	if th.result != nil {
		var regs syscall.PtraceRegs
		err := syscall.PtraceGetRegs(tid, &regs)
		if err == nil {
			regs.Rax = uint64(*th.result) //nolint:gosec // as the kernel does it
			err = syscall.PtraceSetRegs(tid, &regs)
		}
		t.err = errors.Join(t.err, err)
		th.result = nil
	}
	t.leave(tid)
}

// leave lets the next thread into its operation, where this one was within one.
func (t *tracer) leave(tid int) {
	if t.busy != tid {
		return
	}
	t.busy = 0
	waiting := t.waiting
	t.waiting = nil
	for _, next := range waiting {
		t.enter(next)
	}
}
