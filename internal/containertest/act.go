package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// actVersion of github.com/nektos/act, which runs workflows in Docker.
const actVersion = "v0.2.89"

// workflow returns the check that runs a workflow of testdata/workflows with
// act. The workflow's own last step checks outputs, files and owner. The step
// summary can't be read by a later step; act reports it in its log.
func (h *harness) workflow(file string) func(context.Context) error {
	return func(ctx context.Context) error {
		act, err := h.ensureAct(ctx)
		if err != nil {
			return err
		}
		cmd := exec.CommandContext(ctx, act, "push", "--workflows", filepath.Join("testdata", "workflows", file),
			"--platform", "ubuntu-latest="+jobImage, "--pull=false", "--rm", "--json",
			"--no-cache-server", "--container-daemon-socket", "-")
		cmd.Dir = h.root
		cmd.Env = append(cmd.Environ(), "ACT_DISABLE_VERSION_CHECK=1")
		// A cancelled act removes its containers, for which it needs time.
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
		cmd.WaitDelay = 30 * time.Second
		r, err := execute(ctx, cmd)
		if err != nil {
			return err
		}
		messages, summary, err := readActLog(r.stdout)
		if err != nil {
			return err
		}
		if r.code != 0 {
			return fmt.Errorf("act: exit status %d\n%s%s", r.code, messages, r.stderr)
		}
		return checkSummary(summary)
	}
}

// readActLog returns the messages of act's log, and the step summaries in it.
func readActLog(log string) (messages, summaries string, err error) {
	var text, markdown strings.Builder
	for line := range strings.Lines(log) {
		var entry struct {
			Message string `json:"msg"`
			Command string `json:"command"`
			Content string `json:"content"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			return "", "", fmt.Errorf("act's log: %w: %s", err, line)
		}
		text.WriteString(strings.TrimSuffix(entry.Message, "\n") + "\n")
		if entry.Command == "summary" {
			markdown.WriteString(entry.Content)
		}
	}
	return text.String(), markdown.String(), nil
}

// ensureAct installs act in the cache folder, once, and returns its path.
func (h *harness) ensureAct(ctx context.Context) (string, error) {
	dir := filepath.Join(h.cache, "tools", "act@"+actVersion)
	path := filepath.Join(dir, "act")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	cmd := exec.CommandContext(ctx, "go", "install", "github.com/nektos/act@"+actVersion)
	cmd.Env = append(cmd.Environ(), "GOBIN="+dir)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return "", errors.Join(fmt.Errorf("install act: %w", err), errors.New(output.String()))
	}
	return path, nil
}
