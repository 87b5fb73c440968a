package programtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// tellPeak makes a test binary run the command in its arguments in place of its
// tests, and write the command's exit code and the most memory that it had, in KiB,
// to the file that this variable names.
const tellPeak = "WEAVIATE_BACKUP_TEST_TELL_PEAK="

// Measure is [Finish] that tells the memory, too. The test binary's TestMain must
// call [TellPeak] first: a process starts with the peak of the one that forked it,
// so the tests, which hold a lot, are not the command's parent, but another, small
// run of the test binary is.
func Measure(tb testing.TB, command *exec.Cmd) Finished {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	report := filepath.Join(tb.TempDir(), "peak")
	teller := exec.CommandContext(tb.Context(), self, command.Args...)
	teller.Dir, teller.Env = command.Dir, append(command.Environ(), tellPeak+report)
	done := Finish(tb, teller)
	text, err := os.ReadFile(report)
	if err != nil {
		tb.Fatalf("%v\n%s", err, done.Log())
	}
	var kib float64
	if _, err := fmt.Sscan(string(text), &done.Code, &kib); err != nil {
		tb.Fatal(err)
	}
	done.PeakMiB = kib / 1024
	return done
}

// TellPeak says whether this process is one that [Measure] started. If so, it has
// done what it is for.
func TellPeak() bool {
	for _, variable := range os.Environ() {
		if report, ok := strings.CutPrefix(variable, tellPeak); ok {
			if err := measure(report, os.Args[1:]); err != nil {
				panic(err) // Measure shows it
			}
			return true
		}
	}
	return false
}

func measure(report string, args []string) error {
	command := exec.CommandContext(context.Background(), args[0], args[1:]...) //nolint:gosec // the command of Measure
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		if _, ended := errors.AsType[*exec.ExitError](err); !ended {
			return err
		}
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.ErrUnsupported
	}
	return os.WriteFile(report, fmt.Append(nil, command.ProcessState.ExitCode(), " ", usage.Maxrss), 0o600) //nolint:gosec // a file of Measure
}
