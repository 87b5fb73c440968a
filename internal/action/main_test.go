package action_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(tellPeak); file != "" {
		code, err := peakOf(file, os.Args[1:])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}
	goleak.VerifyTestMain(m)
}

// tellPeak makes the test binary run the command in its arguments in place of its
// tests, and write the most memory that the command had, in KiB, to the file that
// the variable names. A process starts with the peak of the one that forked it,
// so the tests themselves, which hold a lot, are not the parent of what they
// measure.
const tellPeak = "WEAVIATE_BACKUP_TEST_TELL_PEAK"

func peakOf(file string, args []string) (code int, err error) {
	command := exec.CommandContext(context.Background(), args[0], args[1:]...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		if _, exited := errors.AsType[*exec.ExitError](err); !exited {
			return 125, err
		}
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 125, errors.ErrUnsupported
	}
	if err := os.WriteFile(file, []byte(strconv.FormatInt(usage.Maxrss, 10)), 0o600); err != nil {
		return 125, err
	}
	return command.ProcessState.ExitCode(), nil
}

// program is the program itself, compiled, in a workspace of its own.
type program struct {
	path, workspace string
	env             []string
	// before is a command that runs the program, with its arguments.
	before []string
}

func newProgram(tb testing.TB) program {
	tb.Helper()
	p := program{path: filepath.Join(tb.TempDir(), "weaviate-backup"), workspace: tb.TempDir()}
	command := exec.CommandContext(tb.Context(), "go", "build", "-o", p.path, ".")
	command.Dir = filepath.Join("..", "..")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := command.CombinedOutput()
	require.NoError(tb, err, string(output))
	return p
}

// finished is what became of one run of the program.
type finished struct {
	code           int
	stdout, stderr string
	peakMiB        float64
}

func (p program) run(tb testing.TB, args ...string) finished {
	tb.Helper()
	self, err := os.Executable()
	require.NoError(tb, err)
	peak := filepath.Join(tb.TempDir(), "peak")
	command := exec.CommandContext(tb.Context(), self, slices.Concat(p.before, []string{p.path}, args)...)
	command.Dir = p.workspace
	command.Env = append([]string{"HOME=" + p.workspace, "PATH=" + os.Getenv("PATH"), tellPeak + "=" + peak}, p.env...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		_, exited := errors.AsType[*exec.ExitError](err)
		require.True(tb, exited, "%v", err)
	}
	text, err := os.ReadFile(peak)
	require.NoError(tb, err, stderr.String())
	kib, err := strconv.ParseFloat(string(text), 64)
	require.NoError(tb, err)
	return finished{command.ProcessState.ExitCode(), stdout.String(), stderr.String(), kib / 1024}
}
