package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// docker runs the docker command line.
type docker struct{}

// result is a command that ran to its end, whatever its exit status.
type result struct {
	code           int
	stdout, stderr string
}

// String is for error messages: all that is known of the command's end.
func (r result) String() string {
	return fmt.Sprintf("exit status %d\n--- stdout\n%s\n--- stderr\n%s", r.code,
		strings.TrimSpace(r.stdout), strings.TrimSpace(r.stderr))
}

// run runs docker with args and returns its end. The error is for a docker that
// could not be run at all.
func (docker) run(ctx context.Context, args ...string) (result, error) {
	return execute(ctx, exec.CommandContext(ctx, "docker", args...))
}

// output runs docker with args and returns its trimmed standard output. Any
// exit status but 0 is an error.
func (d docker) output(ctx context.Context, args ...string) (string, error) {
	return d.feed(ctx, nil, args...)
}

// feed is output with a standard input.
func (docker) feed(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Stdin = stdin
	r, err := execute(ctx, cmd)
	if err != nil {
		return "", err
	}
	if r.code != 0 {
		return "", fmt.Errorf("docker %s: %s", args[0], r)
	}
	return strings.TrimSpace(r.stdout), nil
}

// buildKit is `docker build` by BuildKit. A newer docker has it as a plugin, which
// may not be there while Debian's, which has it built in, is beside it.
func (docker) buildKit(ctx context.Context, args ...string) error {
	errs := []error{errors.New("no docker here has BuildKit")}
	for _, program := range []string{"docker", "/usr/bin/docker"} {
		cmd := exec.CommandContext(ctx, program, append([]string{"build"}, args...)...)
		cmd.Env = append(cmd.Environ(), "DOCKER_BUILDKIT=1")
		r, err := execute(ctx, cmd)
		if err == nil && r.code == 0 {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("%s build: %s", program, r)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// execute runs cmd to its end. An exit status is part of the result; a command
// that could not be started, or was ended by ctx, is an error.
func execute(ctx context.Context, cmd *exec.Cmd) (result, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	r := result{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return r, fmt.Errorf("%s: %w: %s", cmd, context.Cause(ctx), r)
	case errors.As(err, &exit) || err == nil:
		return r, nil
	default:
		return r, fmt.Errorf("%s: %w", cmd, err)
	}
}
