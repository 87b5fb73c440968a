package action_test

import (
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
)

func TestMain(m *testing.M) {
	if programtest.TellPeak() {
		return
	}
	goleak.VerifyTestMain(m)
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
	return program{path: programtest.Build(tb), workspace: tb.TempDir()}
}

// finished is what became of one run of the program.
type finished struct {
	code           int
	stdout, stderr string
	peakMiB        float64
}

func (p program) run(tb testing.TB, args ...string) finished {
	tb.Helper()
	command := programtest.Command(tb.Context(), p.workspace, slices.Concat(p.before, []string{p.path}, args)...)
	command.Env = append(command.Env, p.env...)
	done := programtest.Measure(tb, command)
	return finished{done.Code, done.Stdout, done.Stderr, done.PeakMiB}
}
