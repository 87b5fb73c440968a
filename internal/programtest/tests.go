package programtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// Tests are those of a package that call the program by its name, weaviate-backup.
type Tests struct{ M *testing.M }

// Run builds the program, puts it first on the PATH, runs the tests, and gives the
// exit code of the test binary. Nothing is left of the program.
func (t Tests) Run() int {
	folder, err := os.MkdirTemp("", "weaviate-backup-program-")
	if err == nil {
		err = install(folder)
	}
	code := 1
	if err == nil {
		code = t.M.Run()
	}
	if err := errors.Join(err, os.RemoveAll(folder)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// install builds the program into a folder that becomes the first of the PATH.
func install(folder string) error {
	module, err := weaviatetest.ModuleRoot()
	if err != nil {
		return err
	}
	if err := BuildFrom(context.Background(), module, filepath.Join(folder, "weaviate-backup")); err != nil {
		return err
	}
	return os.Setenv("PATH", folder+":"+os.Getenv("PATH")) //nolint:forbidigo // of this test binary
}
