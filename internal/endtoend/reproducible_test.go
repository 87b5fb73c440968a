package endtoend_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
)

// Whoever builds a release again, in whatever folder, gets its bytes; a builder
// that sets no TARGETARCH builds for the machine that it runs on.
func TestReproducible(t *testing.T) {
	t.Parallel()
	release := []string{"VERSION=v1.2.3", "REVISION=0123456789abcdef0123456789abcdef01234567"}
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	require.NoError(t, programtest.BuildFrom(t.Context(), source(t, "a"), first, append(release, "TARGETARCH="+runtime.GOARCH)...))
	require.NoError(t, programtest.BuildFrom(t.Context(), source(t, "another/and/deeper/folder"), second, append(release, "TARGETARCH=")...))

	want, err := os.ReadFile(first)
	require.NoError(t, err)
	got, err := os.ReadFile(second)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, got), "two builds of one source differ: %d and %d bytes", len(want), len(got))

	done := programtest.Finish(t, programtest.Command(t.Context(), t.TempDir(), second, "--version"))
	require.Zero(t, done.Code, done.Log())
	assert.Equal(t, "weaviate-backup-action v1.2.3 (commit 0123456789abcdef0123456789abcdef01234567, "+runtime.Version()+")\n", done.Stdout)
}

// source copies what the image is built from to a new folder of that name.
func source(t *testing.T, name string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), name)
	module := os.DirFS("../..")
	internal, err := fs.Sub(module, "internal")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(filepath.Join(folder, "internal"), internal))
	for _, file := range []string{"Dockerfile", "go.mod", "go.sum", "main.go"} {
		data, err := fs.ReadFile(module, file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), data, 0o600))
	}
	return folder
}
