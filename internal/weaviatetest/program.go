package weaviatetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
)

// Program builds the program of this module as its Dockerfile does, and gives its
// path.
func Program(tb testing.TB) string {
	tb.Helper()
	program := filepath.Join(tb.TempDir(), "weaviate-backup")
	command := exec.CommandContext(tb.Context(), "go", "build", "-tags", "nethttpomithttp2", "-trimpath",
		"-gcflags", "all=-l", "-gcflags", "github.com/go-json-experiment/...=",
		"-ldflags", "-s -w", "-o", program, "github.com/weaviate-backup/weaviate-backup-action")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, output)
	}
	return program
}

// tellPeak makes a test binary run the command in its arguments, and print the
// most memory that it had, in KiB, in place of its tests.
const tellPeak = "WEAVIATE_BACKUP_TEST_TELL_PEAK=1"

// Peak runs a command in a folder and gives the most memory that its process had,
// in MiB. The test binary's TestMain must call [TellPeak] first: a process starts
// with the peak of the one that forked it, so a test or benchmark is not the
// command's parent, but another, small run of the test binary is.
func Peak(tb testing.TB, folder string, command ...string) float64 {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	teller := exec.CommandContext(tb.Context(), self, command...)
	teller.Dir = folder
	teller.Env = append(os.Environ(), tellPeak)
	output, err := teller.Output()
	if err != nil {
		tb.Fatalf("%v\n%s", err, output)
	}
	kib, err := strconv.ParseFloat(string(output), 64)
	if err != nil {
		tb.Fatal(err)
	}
	return kib / 1024
}

// TellPeak says whether this process is one that [Peak] started. If so, it has
// done what it is for.
func TellPeak() bool {
	if !slices.Contains(os.Environ(), tellPeak) {
		return false
	}
	command := exec.CommandContext(context.Background(), os.Args[1], os.Args[2:]...) //nolint:gosec // the command of Peak
	command.Stderr = os.Stderr
	err := command.Run()
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if err == nil && !ok {
		err = errors.ErrUnsupported
	}
	if err == nil {
		_, err = fmt.Fprint(os.Stdout, usage.Maxrss)
	}
	if err != nil {
		panic(err) // Peak shows it
	}
	return true
}
