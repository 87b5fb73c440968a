package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/backup"
	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/diff"
	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// result is what --json prints: one object, whatever came of the run.
type result struct {
	// Command is left out where the inputs were too bad to tell.
	Command  string            `json:"command,omitempty"`
	OK       bool              `json:"ok"`
	ExitCode int               `json:"exit_code"`
	Error    string            `json:"error,omitempty"`
	Hint     string            `json:"hint,omitempty"`
	Warnings []string          `json:"warnings,omitempty"`
	Outputs  map[string]string `json:"outputs,omitempty"`
}

// verdictError is the answer no of a command that did its work: what it looked at is not
// what it should be. It gives the exit code of a difference.
type verdictError struct{ error }

func (e verdictError) Unwrap() error { return e.error }

// isDone says whether the command did its work, also if the answer is no.
func isDone(err error) bool {
	_, no := errors.AsType[verdictError](err)
	return err == nil || no
}

// report sets outputs and summary. A run whose outputs did not arrive has
// failed: later steps would go on without them.
func (r *runner) report(summary string, out outputs) error {
	if err := r.ci.Summary(summary); err != nil {
		// The files are whole and the outputs tell of them: not worth a failure.
		r.ci.Logger().Warn(err.Error())
	}
	if err := r.ci.SetOutputs(out.all); err != nil {
		return r.untold(err)
	}
	r.outputs = out.all
	return nil
}

// untold is an error of a run that did its work, and whose outputs do not arrive.
func (r *runner) untold(err error) error {
	if r.stands == "" {
		return err
	}
	return fmt.Errorf("%s, but later steps can't learn of it: %w", r.stands, err)
}

// succeed prints the result of a run that went well, where it is asked for.
func (r *runner) succeed() error {
	if !r.inputs.JSON {
		return nil
	}
	if err := r.print(result{Command: r.inputs.Command, OK: true, Warnings: r.ci.Warnings(), Outputs: r.byName()}); err != nil {
		return r.untold(fmt.Errorf("print the result: %w", err))
	}
	return nil
}

// fail reports an error, once, and gives the exit code for it.
func (r *runner) fail(ctx context.Context, err error) int {
	name := r.command().title
	code, title := ExitFailed, name+" failed"
	switch _, badInput := errors.AsType[*config.Error](err); {
	case badInput:
		code, title = ExitBadInput, "Bad input"
	case isDone(err):
		code, title = ExitDifference, name+" found a difference"
	case ctx.Err() != nil:
		code, title = ExitCancelled, name+" cancelled"
	}
	hint := r.hint(err)
	r.ci.Failure(title, err.Error(), hint)
	if !r.summedUp && !isDone(err) {
		// One that can't be written is not worth a second error.
		_ = r.ci.Summary(report.Failure(title, err.Error(), hint))
	}
	if r.inputs.JSON {
		// A standard output that can't be written to does not change the code.
		_ = r.print(result{Command: r.inputs.Command, ExitCode: code, Error: err.Error(), Hint: hint, Warnings: r.ci.Warnings(), Outputs: r.byName()})
	}
	return code
}

// byName are the outputs that were set.
func (r *runner) byName() map[string]string {
	values := make(map[string]string, len(r.outputs))
	for _, output := range r.outputs {
		values[output.Name] = output.Value
	}
	return values
}

func (r *runner) print(value result) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	// A runner and a terminal read this too.
	_, err = fmt.Fprintln(r.process.Stdout, ci.EscapeJSON(r.ci.Scrub(string(data))))
	return err
}

// hint is what someone can do about the error.
func (r *runner) hint(err error) string {
	if errors.Is(err, backup.ErrRights) || errors.Is(err, verify.ErrRights) || errors.Is(err, diff.ErrRights) {
		return "The least role for this command: " + r.command().leastRole + "."
	}
	switch {
	case errors.Is(err, errOutputsFile):
		return outputsFileHint(err)
	case errors.Is(err, verify.ErrNoBackup):
		return "Name the folder that has the manifest, not one above it: actions/download-artifact makes a folder for each artifact where it is given no name."
	case errors.Is(err, backup.ErrStub):
		return "Restore that collection, which takes the empty one away first: run the restore again. Or delete the empty one. exclude-collections leaves it out."
	case errors.Is(err, errDamaged):
		return "The command verify tells all that is wrong. Files that are in git come back by git restore. " +
			"What is whole can be used alone, by the path of its snapshot."
	case errors.Is(err, restore.ErrPlan):
		plan, _ := errors.AsType[*restore.PlanError](err)
		return strings.Join(plan.Advice, "\n")
	case errors.Is(err, restore.ErrDiffers):
		return "on-existing: update adds what is missing and changes the settings that can be changed in place, but no tenant's state, and a dry run of it " +
			"says what it can't do; rename restores beside what is there."
	case isDone(err):
		return ""
	}
	if hint := files.Hint(err); hint != "" {
		return hint
	}
	server := r.inputs.Server.URL
	_, second := errors.AsType[secondError](err)
	if second {
		server = r.inputs.AgainstURL
	}
	return weaviate.Hint(err, weaviate.Place{
		GitHub:        r.ci.OnGitHub(),
		Fork:          isFork(r.process.Getenv("GITHUB_EVENT_PATH"), r.process.Getenv("GITHUB_REPOSITORY")),
		NoCredentials: len(r.inputs.Secrets()) == 0,
		OIDC:          r.inputs.Server.OIDC != nil,
		Server:        server,
		Second:        second,
		Role:          r.command().leastRole,
	})
}

// isFork reads from the event that started the workflow whether it is a pull
// request from another repository. What can't be read is none: it only changes advice.
func isFork(eventPath, repository string) bool {
	data, err := os.ReadFile(eventPath) //nolint:gosec // the runner names this file
	if err != nil {
		return false
	}
	var event struct {
		PullRequest struct {
			Head struct {
				Repo struct {
					FullName string `json:"full_name"`
				} `json:"repo"`
			} `json:"head"`
		} `json:"pull_request"`
	}
	if err := json.Unmarshal(data, &event); err != nil {
		return false
	}
	name := event.PullRequest.Head.Repo.FullName
	return name != "" && name != repository
}

func (r *runner) help() int {
	text, err := config.Help(r.inputs.Command)
	if err != nil {
		r.ci.Failure("Help", err.Error(), "")
		return ExitFailed
	}
	if _, err := fmt.Fprint(r.process.Stdout, text); err != nil {
		return ExitFailed
	}
	return ExitDone
}

func (r *runner) version() int {
	if _, err := fmt.Fprintf(r.process.Stdout, "%s %s (%s)\n", Name, r.process.Version, r.process.Build); err != nil {
		return ExitFailed
	}
	return ExitDone
}
