package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/scripttest"
)

// checkRunner runs the container with the mounts and the environment that a
// GitHub runner gives to a container action (actions/runner 258d6c8,
// ContainerActionHandler.cs), and holds the outputs, the step summary, and the
// files against what was inserted.
func (h *harness) checkRunner(ctx context.Context) error {
	return inWorkspace(func(w workspace) (err error) {
		commands, err := os.MkdirTemp("", "weaviate-backup-commands-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(commands)) }()
		for _, name := range []string{"output", "summary"} {
			if err := os.WriteFile(filepath.Join(commands, name), nil, 0o644); err != nil {
				return err
			}
		}
		const secret = "a-key-that-must-not-be-printed"
		r, err := h.action(ctx, []string{
			"--network", h.network, "--workdir", "/github/workspace",
			"--volume", w.dir + ":/github/workspace", "--volume", commands + ":/github/file_commands",
			"--env", "CI=true", "--env", "GITHUB_ACTIONS=true", "--env", "HOME=/github/home",
			"--env", "GITHUB_WORKSPACE=/github/workspace",
			"--env", "GITHUB_OUTPUT=/github/file_commands/output", "--env", "GITHUB_STEP_SUMMARY=/github/file_commands/summary",
			"--env", "INPUT_WEAVIATE-URL=" + serverURL, "--env", "INPUT_HEADERS=X-Proxy-Key: " + secret,
			"--env", "INPUT_API-KEY=", "--env", "INPUT_COMMAND=backup",
		})
		if err != nil {
			return err
		}
		if r.code != 0 || strings.Contains(scripttest.ReadLog(r.stdout+r.stderr).Printed(), secret) {
			return fmt.Errorf("want success, and the secret in no line but its masks: %s", r)
		}
		output, err := os.ReadFile(filepath.Join(commands, "output"))
		if err != nil {
			return err
		}
		summary, err := os.ReadFile(filepath.Join(commands, "summary"))
		if err != nil {
			return err
		}
		return errors.Join(w.holdsBackup(), h.checkOutputs(ctx, w, string(output)), checkSummary(string(summary)))
	})
}

// checkOutputs gives the outputs in the file to check.sh, the script that the
// workflows use, as a later step in the same workspace.
func (h *harness) checkOutputs(ctx context.Context, w workspace, file string) error {
	outputs, err := scripttest.ReadOutputs(file)
	if err != nil {
		return err
	}
	options := []string{"--volume", w.dir + ":/workspace", "--workdir", "/workspace"}
	for _, output := range outputs {
		name, value, _ := strings.Cut(output, "=")
		env := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		options = append(options, "--env", env+"="+strings.ReplaceAll(value, "\n  ", "\n"))
	}
	_, err = h.inJob(ctx, options, "/scripts/check.sh")
	return err
}

// checkSummary is an error when the step summary doesn't tell what was saved.
func checkSummary(markdown string) error {
	for _, want := range []string{"Article", "Author", "7", "3", "|"} {
		if !strings.Contains(markdown, want) {
			return fmt.Errorf("step summary: no %q in:\n%s", want, markdown)
		}
	}
	return nil
}
