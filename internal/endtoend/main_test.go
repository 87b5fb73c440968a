package endtoend_test

import (
	"os"
	"testing"

	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
)

func TestMain(m *testing.M) { os.Exit(programtest.Tests{M: m}.Run()) }
