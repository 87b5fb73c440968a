package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/backup"
	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// Exit codes of the program. A difference is what verify finds wrong, or restore
// on a server whose collections it was asked to skip: the program did its work,
// and the answer is no.
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
	workspacePath := process.Directory
	if path := process.Getenv("GITHUB_WORKSPACE"); path != "" {
		workspacePath = path
	}
	workspace, openErr := files.Open(workspacePath)
	source := config.Source{
		Args:           process.Args,
		Getenv:         process.Getenv,
		Environ:        process.Environ,
		OutputVariable: ci.Variable,
		// Its text alone: it is not this file that does not exist.
		ReadFile: func(string) ([]byte, error) { return nil, errors.New(openErr.Error()) },
		Inside:   func(string) error { return nil },
		Plain:    func(string) bool { return true },
		OfBackup: func(path string) bool { return snapshot.ParseName(filepath.Base(path)).Kind != snapshot.Other },
	}
	if openErr == nil {
		defer func() { _ = workspace.Close() }()
		source.ReadFile = workspace.ReadFile
		source.Inside = func(path string) error {
			_, err := workspace.Relative(path)
			return err
		}
		source.Plain = func(path string) bool {
			relative, err := workspace.Relative(path)
			return err != nil || ci.IsPlain(relative)
		}
	}

	// Help and --json need no workspace.
	inputs, err := config.Load(source)
	r := runner{process: process, inputs: inputs, workspace: workspace, ci: newCI(process, inputs.JSON)}
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
	case openErr == nil:
		err = errors.Join(err, r.clearOutputsFile(ctx))
	case err == nil:
		err = openErr
	}
	if err == nil {
		err = r.carryOut(ctx)
	}
	if err != nil {
		return r.fail(ctx, err)
	}
	return ExitDone
}

// checkPaths refuses a path that no output could name, because something in it is
// masked.
func (r *runner) checkPaths() error {
	input, path := "output-directory", r.inputs.OutputDirectory
	if r.inputs.Command == config.CommandVerify || r.inputs.Command == config.CommandRestore {
		input, path = "backup-path", r.inputs.BackupPath
	}
	if r.ci.Scrub(path) == path {
		return nil
	}
	return &config.Error{Problems: []config.Problem{{
		Input: input, Text: "holds a value that is masked, such as that of a header, so that no output could name a file there; choose another path",
	}}}
}

// carryOut does what was asked for, and tells what came of it.
func (r *runner) carryOut(ctx context.Context) error {
	timed, cancel := context.WithTimeoutCause(ctx, r.inputs.Timeout,
		fmt.Errorf("not done within %v, the limit that the input timeout sets", r.inputs.Timeout))
	defer cancel()
	r.stopped = ctx.Done()
	err := r.command()(timed)
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

// fetched is told of a token before it is used, and again before each further use.
func (r *runner) fetched(token string) {
	r.ci.Mask(token)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.tokens, token) {
		r.tokens = append(r.tokens, token)
	}
}

// holds says whether data hold a credential of this run. The files of a backup are
// searched side by side, so mu is not held meanwhile.
func (r *runner) holds(data []byte) bool {
	r.mu.Lock()
	credentials := append(r.inputs.Credentials(), r.tokens...)
	r.mu.Unlock()
	return ci.Holds(data, credentials...)
}

// command is the method that carries out what was asked for.
func (r *runner) command() func(context.Context) error {
	switch r.inputs.Command {
	case config.CommandVerify:
		return r.verify
	case config.CommandRestore:
		return r.restore
	case config.CommandDiff:
		return r.diff
	default:
		return r.backup
	}
}

// backup carries out the command of that name.
func (r *runner) backup(ctx context.Context) error {
	server, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer server.Close()

	end := r.ci.Group("Backup of " + r.inputs.Server.URL.String())
	defer end()
	progress := newProgress(ctx, r.ci.Logger(), r.process.Now)
	defer progress.stop()
	result, err := backup.Run(ctx, server, r.workspace, backup.Options{
		Collections:     r.inputs.Collections,
		Exclude:         r.inputs.ExcludeCollections,
		CountObjects:    r.inputs.CountObjects,
		IncludeTenants:  r.inputs.IncludeTenants,
		IncludeAliases:  r.inputs.IncludeAliases,
		DryRun:          r.inputs.DryRun,
		OutputDirectory: r.inputs.OutputDirectory,
		StableNames:     r.inputs.FileName == config.FileNameStable,
		SkipUnchanged:   r.inputs.SkipUnchanged,
		Verify:          r.earlierRun,
		Source:          r.inputs.Server.URL.String(),
		Tool:            Name + " " + r.process.Version,
		Scrub:           r.ci.Scrub,
		Holds:           r.holds,
		Started:         r.process.Now().UTC().Truncate(time.Second),
	}, progress, r.ci.Logger())
	if err != nil {
		return err
	}
	for _, line := range result.Report.Lines() {
		r.ci.Logger().Info(line)
	}
	if !r.inputs.DryRun {
		r.stands = "the files are complete and stay"
	}
	outputs, tooLong := result.Outputs()
	for _, name := range tooLong {
		r.ci.Logger().Warn(fmt.Sprintf("the output %s is left empty: it would be too large for a job; the manifest has it", name))
	}
	return r.report(result.Report.Markdown(), outputs)
}

// connect makes the client, waits for the server, and authenticates.
func (r *runner) connect(ctx context.Context) (*weaviate.Client, error) {
	return r.connectTo(ctx, r.inputs.Server)
}

// connectTo is connect for any server.
func (r *runner) connectTo(ctx context.Context, in config.Server) (*weaviate.Client, error) {
	headers := make(http.Header)
	for _, header := range in.Headers {
		headers.Add(header.Name, header.Value.Reveal())
	}
	options := weaviate.Options{
		URL:            in.URL,
		APIKey:         in.APIKey.Reveal(),
		Headers:        headers,
		TLS:            weaviate.TLS{CACertificate: in.CACertificate, ClientCertificate: in.ClientCertificate, ClientKey: in.ClientKey},
		RequestTimeout: in.RequestTimeout,
		MaxAttempts:    in.MaxAttempts,
		RetryMaxWait:   in.RetryMaxWait,
		WaitForReady:   in.WaitForReady,
		UserAgent:      Name + "/" + strings.TrimPrefix(r.process.Version, "v"),
		Redact:         r.ci.Scrub,
		Fetched:        r.fetched,
		Logger:         r.ci.Logger(),
		Now:            r.process.Now,
	}
	if in.OIDC != nil {
		options.OIDC = &weaviate.OIDC{
			ClientID:     in.OIDC.ClientID,
			ClientSecret: in.OIDC.ClientSecret.Reveal(),
			Issuer:       in.OIDC.Issuer,
			Scopes:       in.OIDC.Scopes,
		}
	}
	server, err := weaviate.New(options)
	if err != nil {
		return nil, err
	}
	if in.WaitForReady > 0 {
		if err := server.WaitReady(ctx, in.WaitForReady); err != nil {
			return nil, fmt.Errorf("wait for the server: %w", err)
		}
	}
	return server, server.Authenticate(ctx)
}
