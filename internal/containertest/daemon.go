package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// daemonStart is how long a Docker daemon may take until it answers.
const daemonStart = time.Minute

// ensureDaemon starts a Docker daemon when none answers, and registers its end.
func (h *harness) ensureDaemon(ctx context.Context) error {
	if _, err := h.docker.output(ctx, "version"); err == nil {
		return nil
	}
	logPath := filepath.Join(h.cache, "dockerd.log")
	logFile, err := os.Create(logPath)
	if err != nil {
		return fmt.Errorf("start dockerd: %w", err)
	}
	// Neither the end of ctx nor a Ctrl-C at the terminal may reach it: it has to
	// outlive the containers that are removed at the end.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "dockerd")
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("no Docker daemon answers; start dockerd: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how it ended is in its log
	}()
	h.onExit(func(context.Context) error {
		_ = cmd.Process.Signal(syscall.SIGTERM) // has no effect on one that ended by itself
		<-ended
		return logFile.Close()
	})

	ctx, cancel := context.WithTimeout(ctx, daemonStart)
	defer cancel()
	for tick := time.Tick(200 * time.Millisecond); ; {
		if _, err := h.docker.output(ctx, "version"); err == nil {
			h.logf("started dockerd (process %d, log %s)", cmd.Process.Pid, logPath)
			return nil
		}
		select {
		case <-tick:
		case <-ended:
			return fmt.Errorf("no Docker daemon answers, and dockerd ended: see %s", logPath)
		case <-ctx.Done():
			return fmt.Errorf("dockerd does not answer: %w: see %s", ctx.Err(), logPath)
		}
	}
}
