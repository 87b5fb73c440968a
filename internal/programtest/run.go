package programtest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// Command is a command that runs in a folder, which is its HOME too. Of this
// process's environment it has the PATH alone.
func Command(ctx context.Context, folder string, command ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = folder
	cmd.Env = []string{"HOME=" + folder, "PATH=" + os.Getenv("PATH")} //nolint:forbidigo // where a test finds its commands
	return cmd
}

// Finished is what came of a command.
type Finished struct {
	// Code is the exit code, or -1 where a signal ended the command.
	Code           int
	Stdout, Stderr string
	// PeakMiB is the most memory that it had, in MiB, if it was measured.
	PeakMiB float64
}

// Log is all that the command printed.
func (f Finished) Log() string { return f.Stdout + f.Stderr }

// Finish runs a command to its end, whatever its exit code is then. One that can't
// be started fails the test.
func Finish(tb testing.TB, command *exec.Cmd) Finished {
	tb.Helper()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		if _, ended := errors.AsType[*exec.ExitError](err); !ended {
			tb.Fatal(err)
		}
	}
	return Finished{Code: command.ProcessState.ExitCode(), Stdout: stdout.String(), Stderr: stderr.String()}
}
