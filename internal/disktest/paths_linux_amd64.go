package disktest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// arguments are those of a system call.
func arguments(regs syscall.PtraceRegs) [6]uint64 {
	return [6]uint64{regs.Rdi, regs.Rsi, regs.Rdx, regs.R10, regs.R8, regs.R9}
}

// operation says what a call is about; false where that is not below the root.
func (t *tracer) operation(tid int, c call, regs syscall.PtraceRegs) (Operation, bool) {
	args := arguments(regs)
	op := Operation{Call: c.name}
	if c.bytes {
		op.Count = int(args[2]) //nolint:gosec // Go's own limit is lower
	}
	var ok bool
	if op.Path, ok = t.place(tid, args, 0, c.path); !ok {
		return op, false
	}
	if c.to >= 0 {
		op.To, _ = t.place(tid, args, c.to, c.to+1)
	}
	return op, true
}

// place is the path that a pair of arguments means, relative to the root; false
// where it is not below that.
func (t *tracer) place(tid int, args [6]uint64, fd, path int) (string, bool) {
	name := ""
	if path >= 0 {
		name = readText(tid, uintptr(args[path]))
	}
	if !filepath.IsAbs(name) {
		link := fmt.Sprintf("/proc/%d/fd/%d", t.pid, int32(args[fd])) //nolint:gosec // a descriptor is an int
		if path >= 0 && int32(args[fd]) == atCWD {                    //nolint:gosec // so is this one
			link = fmt.Sprintf("/proc/%d/cwd", t.pid)
		}
		folder, err := os.Readlink(link)
		if err != nil {
			return "", false
		}
		name = filepath.Join(strings.TrimSuffix(folder, " (deleted)"), name)
	}
	if name == t.plan.Root {
		return ".", true
	}
	return strings.CutPrefix(name, t.plan.Root+"/")
}

// atCWD is AT_FDCWD.
const atCWD = -100

// readText reads a path from the program's memory.
func readText(tid int, address uintptr) string {
	var text []byte
	for len(text) < syscall.PathMax {
		var word [8]byte
		if _, err := syscall.PtracePeekData(tid, address+uintptr(len(text)), word[:]); err != nil {
			break
		}
		if end := bytes.IndexByte(word[:], 0); end >= 0 {
			return string(append(text, word[:end]...))
		}
		text = append(text, word[:]...)
	}
	return string(text)
}
