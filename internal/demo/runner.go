package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"
)

// killDelay is how long the action may take to stop after Ctrl-C; it promises 5 s.
const killDelay = 10 * time.Second

// runner is a stand-in for the GitHub runner: a workspace, the files that a
// step writes to, and the environment that it sees.
type runner struct {
	root      string // of the action's source
	binary    string
	workspace string
	output    string // GITHUB_OUTPUT
	summary   string // GITHUB_STEP_SUMMARY
}

func newRunner(root, folder string) (runner, error) {
	r := runner{
		root:      root,
		binary:    filepath.Join(folder, "weaviate-backup"),
		workspace: filepath.Join(folder, "workspace"),
		output:    filepath.Join(folder, "output"),
		summary:   filepath.Join(folder, "summary.md"),
	}
	if err := os.Mkdir(r.workspace, 0o750); err != nil {
		return runner{}, err
	}
	for _, file := range []string{r.output, r.summary} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			return runner{}, err
		}
	}
	return r, nil
}

// backups is the folder that the action writes to by default.
func (r runner) backups() string { return filepath.Join(r.workspace, "backups") }

// step runs the action with the inputs of a step's `with:`, and passes its log on.
func (r runner) step(ctx context.Context, with map[string]string, log io.Writer) error {
	inputs, err := r.inputs(with)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, r.binary)
	cmd.Dir = r.workspace
	cmd.Env = append(inputs,
		"PATH="+os.DevNull, // as in the action's image, there is nothing to call
		"CI=true", "GITHUB_ACTIONS=true", "RUNNER_OS=Linux",
		"GITHUB_WORKSPACE="+r.workspace, "GITHUB_OUTPUT="+r.output, "GITHUB_STEP_SUMMARY="+r.summary,
	)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killDelay
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return fmt.Errorf("the action failed with exit code %d", exit.ExitCode())
		}
		return fmt.Errorf("run the action: %w", err)
	}
	return nil
}

// inputs gives every input of action.yml as a runner does: INPUT_ and the name
// in capitals, with the step's value, or the default, or nothing.
// https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs
func (r runner) inputs(with map[string]string) ([]string, error) {
	data, err := os.ReadFile(filepath.Join(r.root, "action.yml"))
	if err != nil {
		return nil, err
	}
	var action struct {
		Inputs map[string]struct {
			Default string `yaml:"default"`
		} `yaml:"inputs"`
	}
	if err := yaml.Unmarshal(data, &action); err != nil {
		return nil, fmt.Errorf("read action.yml: %w", err)
	}
	var pairs []string
	for name, input := range action.Inputs {
		value := input.Default
		if given, ok := with[name]; ok {
			value = given
		}
		pairs = append(pairs, "INPUT_"+strings.ToUpper(strings.ReplaceAll(name, " ", "_"))+"="+value)
	}
	for name := range with {
		if _, ok := action.Inputs[name]; !ok {
			return nil, fmt.Errorf("action.yml has no input %s", name)
		}
	}
	return pairs, nil
}
