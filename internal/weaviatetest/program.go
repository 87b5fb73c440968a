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
	"strings"
	"syscall"
	"testing"
)

// Program builds the program of this module as its Dockerfile does, and gives its
// path.
func Program(tb testing.TB) string {
	tb.Helper()
	module, err := exec.CommandContext(tb.Context(), "go", "env", "GOMOD").Output()
	if err != nil {
		tb.Fatal(err)
	}
	return ProgramOf(tb, filepath.Dir(string(module)))
}

// ProgramOf is [Program] for the module in a folder. The environment stands for
// the arguments of the Dockerfile, such as VERSION=v1.2.3.
func ProgramOf(tb testing.TB, folder string, environment ...string) string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "Dockerfile"))
	if err != nil {
		tb.Fatal(err)
	}
	_, script, _ := strings.Cut(string(text), "\nRUN ")
	script, _, ok := strings.Cut(script, " -o /weaviate-backup .\n")
	if !ok {
		tb.Fatalf("the Dockerfile in %s builds no /weaviate-backup", folder)
	}
	program := filepath.Join(tb.TempDir(), "weaviate-backup")
	command := exec.CommandContext(tb.Context(), "sh", "-c", script+` -o "$0" .`, program)
	command.Dir = folder
	command.Env = append(append(os.Environ(), "VERSION=dev", "REVISION=unknown", "TARGETARCH="), environment...)
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
