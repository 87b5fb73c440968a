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
	"regexp"
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
		log, err := h.act(ctx, h.root, "push", "--workflows", h.workflowPath(file))
		if err != nil {
			return err
		}
		if log.code != 0 {
			return log.unlike("want success")
		}
		return checkSummary(log.summaries)
	}
}

func (h *harness) workflowPath(file string) string {
	return filepath.Join(h.root, "testdata", "workflows", file)
}

// act runs act in dir, which is the repository of the workflow, with more of
// its options. The error is for an act that could not be run at all.
func (h *harness) act(ctx context.Context, dir string, options ...string) (actLog, error) {
	act, err := h.ensureAct(ctx)
	if err != nil {
		return actLog{}, err
	}
	cmd := exec.CommandContext(ctx, act, append(options, "--platform", "ubuntu-latest="+jobImage, "--pull=false", "--rm", "--json",
		"--no-cache-server", "--container-daemon-socket", "-")...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "ACT_DISABLE_VERSION_CHECK=1")
	// A cancelled act removes its containers, for which it needs time.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 30 * time.Second
	r, err := execute(ctx, cmd)
	if err != nil {
		return actLog{}, err
	}
	log, err := readActLog(r.stdout)
	log.code = r.code
	log.messages += r.stderr
	return log, err
}

// actLog is what act tells of a workflow that ran to its end.
type actLog struct {
	code      int
	messages  string   // all lines of the log
	summaries string   // the step summaries, as Markdown
	jobs      []string // how each job ended: success or failure
}

// unlike is an error that says what was wanted, and what came.
func (l actLog) unlike(want string) error {
	return fmt.Errorf("%s: act: exit status %d, jobs: %v\n--- messages\n%s\n--- summaries\n%s", want, l.code, l.jobs, l.messages, l.summaries)
}

// noRepository are the messages of act, many a step, about a workspace that is
// no git repository, as is that of a job without a checkout.
var noRepository = regexp.MustCompile("not located inside a git repository$|^unable to get git re")

// readActLog reads act's log, which has one JSON object a line.
func readActLog(text string) (actLog, error) {
	var log actLog
	for line := range strings.Lines(text) {
		var entry struct {
			Message string `json:"msg"`
			Command string `json:"command"`
			Content string `json:"content"`
			Job     string `json:"jobResult"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			return actLog{}, fmt.Errorf("act's log: %w: %s", err, line)
		}
		if entry.Command == "summary" {
			log.summaries += entry.Content
			continue
		}
		if noRepository.MatchString(entry.Message) {
			continue
		}
		log.messages += strings.TrimSuffix(entry.Message, "\n") + "\n"
		if entry.Job != "" {
			log.jobs = append(log.jobs, entry.Job)
		}
	}
	return log, nil
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
