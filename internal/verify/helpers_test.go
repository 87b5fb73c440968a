package verify_test

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	manifestFile = "manifest_20240201_103000.json"
	articleFile  = "Article_schema_20240201_103000.json"
	authorFile   = "Author_schema_20240201_103000.json"
	shopFile     = "Shop_schema_20240201_103000.json"
)

// folder is a Reader of one folder, "backups", in memory.
type folder map[string]string

func (f folder) Relative(path string) (string, error) { return path, nil }

func (f folder) IsFolder(path string) (bool, error) { return path == "backups", nil }

func (f folder) List(string) ([]string, error) { return slices.Sorted(maps.Keys(f)), nil }

func (f folder) IsTemporary(name string) bool { return files.IsTemporary(name) }

func (f folder) Read(path string) ([]byte, error) {
	name, inside := strings.CutPrefix(path, "backups/")
	if !inside || strings.Contains(name, "/") {
		return nil, fmt.Errorf("read of %s, which is outside of the folder", path)
	}
	text, ok := f[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(text), nil
}

// golden is the run in testdata/golden/run: Article, Author and Shop.
func golden(tb testing.TB) folder {
	tb.Helper()
	found, err := filepath.Glob("../../testdata/golden/run/*.json")
	require.NoError(tb, err)
	require.Len(tb, found, 4)
	f := folder{}
	for _, path := range found {
		data, err := os.ReadFile(path)
		require.NoError(tb, err)
		f[filepath.Base(path)] = string(data)
	}
	return f
}

// with is a copy in which a file has another content.
func (f folder) with(name, text string) folder {
	changed := maps.Clone(f)
	changed[name] = text
	return changed
}

// without is a copy that lacks a file.
func (f folder) without(name string) folder {
	changed := maps.Clone(f)
	delete(changed, name)
	return changed
}

// replace is a copy in which a text of a file is another.
func (f folder) replace(tb testing.TB, name, old, text string) folder {
	tb.Helper()
	require.Contains(tb, f[name], old)
	return f.with(name, strings.Replace(f[name], old, text, 1))
}

// signed is a copy whose manifest was changed and got a good checksum, as by
// someone who knows how it is made.
func (f folder) signed(tb testing.TB, change func(*snapshot.Manifest)) folder {
	tb.Helper()
	m, err := snapshot.DecodeManifest([]byte(f[manifestFile]))
	require.NoError(tb, err)
	change(&m)
	data, err := m.Encode()
	require.NoError(tb, err)
	return f.with(manifestFile, string(data))
}

// resigned is a copy whose manifest was made to fit the size and checksum of a
// changed file.
func (f folder) resigned(tb testing.TB, name string) folder {
	tb.Helper()
	return f.signed(tb, func(m *snapshot.Manifest) {
		for i := range m.Snapshots {
			if m.Snapshots[i].File == name {
				m.Snapshots[i].Bytes = int64(len(f[name]))
				m.Snapshots[i].SHA256 = schema.SHA256([]byte(f[name]))
			}
		}
	})
}

func run(tb testing.TB, f folder, path string) verify.Result {
	tb.Helper()
	result, err := verify.Run(tb.Context(), f, verify.Options{Path: path})
	require.NoError(tb, err)
	return result
}

// filesOf gives the files that findings are about, none twice.
func filesOf(result verify.Result) []string {
	var names []string
	for _, finding := range result.Findings {
		names = append(names, finding.File)
	}
	return slices.Compact(names)
}

// live is a Server.
type live struct {
	collections []schema.Collection
	hides       bool
	version     string
	versionErr  error
	err         error
}

func (l live) connect(context.Context) (verify.Server, error) { return l, nil }

func (l live) Schema(context.Context) ([]schema.Collection, error) { return l.collections, l.err }

func (l live) CanReadAll(context.Context) (bool, error) { return !l.hides, nil }

func (l live) Version(context.Context) (string, error) {
	return cmp.Or(l.version, "1.39.3"), l.versionErr
}
