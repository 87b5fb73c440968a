package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// Exit codes of the program. A difference is what verify or diff finds, or restore on
// a server whose collections it was asked to skip: the program did its work, and the
// answer is no.
const (
	ExitDone       = 0
	ExitFailed     = 1
	ExitBadInput   = 2
	ExitDifference = 3
	ExitCancelled  = 130
)

// Name of the program in files and to servers.
const Name = "weaviate-backup-action"

// Process is what the program gets from the operating system.
type Process struct {
	// Args are those after the program's name.
	Args   []string
	Getenv func(string) string
	// Environ lists the environment as NAME=value; nil: nothing is looked for in it.
	Environ func() []string
	// Directory is where the program was started: the workspace, unless
	// GITHUB_WORKSPACE names another.
	Directory      string
	Stdout, Stderr io.Writer
	// Version of the program, such as "v1.0.0".
	Version string
	// Build says what the program was built from, for --version.
	Build string
	Now   func() time.Time
}

// Run carries out one command and gives the exit code. When ctx ends, it is
// because someone stopped the program.
func Run(ctx context.Context, process Process) int {
	path := process.Directory
	if named := process.Getenv("GITHUB_WORKSPACE"); named != "" {
		path = named
	}
	var at place
	at.workspace, at.err = files.Open(path)
	defer at.close()
	inputs, err := config.Load(config.Source{
		Args:           process.Args,
		Getenv:         process.Getenv,
		Environ:        process.Environ,
		OutputVariable: ci.Variable,
		ReadFile:       at.readFile,
		Inside:         at.inside,
		Plain:          at.plain,
		OfBackup:       isOfBackup,
	})
	r := runner{process: process, inputs: inputs, workspace: at.workspace, ci: newCI(process, inputs.JSON)}
	switch {
	case errors.Is(err, config.ErrHelp):
		return r.help()
	case errors.Is(err, config.ErrVersion):
		return r.version()
	}
	r.ci.Mask(inputs.Secrets()...)
	if err == nil {
		err = r.checkPaths()
	}
	switch {
	case at.err == nil:
		err = errors.Join(err, r.clearOutputsFile(ctx))
	case err == nil:
		err = at.err
	}
	if err == nil {
		r.warnOfVariables()
		err = r.carryOut(ctx)
	}
	if err != nil {
		return r.fail(ctx, err)
	}
	return ExitDone
}

// warnOfVariables names variables that whoever set them may take for inputs.
func (r *runner) warnOfVariables() {
	if others := r.inputs.OtherVariables; len(others) > 0 {
		r.ci.Logger().Warn(fmt.Sprintf("not variables of this program, so they have no effect: %s; --help lists those that have", words.Few(others, 10, ", ")))
	}
}

// checkPaths refuses a path that no output could name, because something in it is
// masked.
func (r *runner) checkPaths() error {
	command := r.command()
	if r.ci.Scrub(command.folder) == command.folder {
		return nil
	}
	return &config.Error{Problems: []config.Problem{{
		Input: command.folderInput, Text: "holds a value that is masked, such as that of a header, so that no output could name a file there; choose another path",
	}}}
}

// carryOut does what was asked for, and tells what came of it.
func (r *runner) carryOut(ctx context.Context) error {
	timed, cancel := context.WithTimeoutCause(ctx, r.inputs.Timeout,
		fmt.Errorf("not done within %v, the limit that the input timeout sets", r.inputs.Timeout))
	defer cancel()
	r.stopped = ctx.Done()
	err := r.command().run(timed)
	if isDone(err) {
		if fileErr := r.writeOutputsFile(ctx); fileErr != nil {
			err = instead(fileErr, err)
		}
	}
	if err == nil {
		if err = r.succeed(); err != nil {
			err = errors.Join(err, r.clearOutputsFile(ctx))
		}
	}
	return err
}

// instead is a failure that takes the place of what the run would have ended with,
// in words only.
func instead(err, before error) error {
	if before == nil {
		return err
	}
	return fmt.Errorf("%w; before that: %v", err, before) //nolint:errorlint // it must not decide on the exit code any more
}

func newCI(process Process, json bool) *ci.CI {
	return ci.New(ci.Options{Stdout: process.Stdout, Stderr: process.Stderr, Getenv: process.Getenv, JSON: json, Spell: report.EscapeMarkdown})
}

// runner is the state of one Run.
type runner struct {
	process   Process
	inputs    config.Config
	workspace *files.Workspace
	ci        *ci.CI
	// outputs are those that were set; nil: none were.
	outputs []ci.Output
	// noted are sentences that the log has, and the summary should have too.
	noted []string
	// stands says what stays of a command that did its work; empty: nothing.
	stands string
	// stopped is closed by a signal, also one that comes after the timeout.
	stopped <-chan struct{}
	// summedUp says that the summary tells already why the run failed.
	summedUp bool

	mu sync.Mutex
	// tokens are what the OpenID Connect provider gave; mu guards them.
	tokens []string
}
