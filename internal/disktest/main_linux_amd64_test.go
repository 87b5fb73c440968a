//go:build !race

package disktest_test

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/weaviate-backup/weaviate-backup-action/internal/disktest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
)

// TestMain makes a command of [disktest.Main], beside the program.
func TestMain(m *testing.M) {
	testscript.Main(programtest.Tests{M: m}, map[string]func(){
		"break-disk": func() { os.Exit(disktest.Main(os.Args[1:])) },
	})
}
