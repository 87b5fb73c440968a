package programtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// Build builds the program of this module, and gives its path.
func Build(tb testing.TB) string {
	tb.Helper()
	module, err := weaviatetest.ModuleRoot()
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "weaviate-backup")
	if err := BuildFrom(tb.Context(), module, path); err != nil {
		tb.Fatal(err)
	}
	return path
}

// BuildFrom builds the program of the module in a folder, as its Dockerfile does,
// and writes it to a path. The environment stands for the arguments of the
// Dockerfile, such as VERSION=v1.2.3.
func BuildFrom(ctx context.Context, module, path string, environment ...string) error {
	text, err := os.ReadFile(filepath.Join(module, "Dockerfile"))
	if err != nil {
		return err
	}
	_, script, _ := strings.Cut(string(text), "\nRUN ")
	script, _, ok := strings.Cut(script, " -o /weaviate-backup .\n")
	if !ok {
		return fmt.Errorf("the Dockerfile in %s builds no /weaviate-backup", module)
	}
	command := exec.CommandContext(ctx, "sh", "-c", script+` -o "$0" .`, path)
	command.Dir = module
	command.Env = append(append(os.Environ(), "VERSION=dev", "REVISION=unknown", "TARGETARCH="), environment...)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, output)
	}
	return nil
}
