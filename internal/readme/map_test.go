package readme_test

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// From main.go to any behaviour in two steps: its comment names each package, and
// the comment of the package each of its files.
func TestTheMapIsWhole(t *testing.T) {
	t.Parallel()
	whole := packageComment(t, root)
	folders, err := filepath.Glob(filepath.Join(root, "internal", "*"))
	require.NoError(t, err)
	require.Greater(t, len(folders), 15)
	for _, folder := range folders {
		name := "internal/" + filepath.Base(folder)
		assert.Regexp(t, name+`\b`, whole, "main.go does not name it")
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		require.NoError(t, err)
		comment := packageComment(t, folder)
		var named []string // but for files of others, which have their folders before them
		for _, match := range regexp.MustCompile(`(?:^|[^/\w])([a-z_*0-9]+\.go)`).FindAllStringSubmatch(comment, -1) {
			named = append(named, match[1])
		}
		for _, file := range files {
			if file = filepath.Base(file); file == "doc.go" || file == "memory.go" || strings.HasSuffix(file, "_test.go") || name == "internal/demo" && file == "main.go" {
				continue
			}
			assert.True(t, fits(named, file), "the comment of %s does not name %s", name, file)
		}
		for _, pattern := range named {
			found, err := filepath.Glob(filepath.Join(folder, pattern))
			require.NoError(t, err)
			elsewhere, err := filepath.Glob(filepath.Join(root, pattern))
			require.NoError(t, err)
			assert.NotEmpty(t, append(found, elsewhere...), "%s has no %s", name, pattern)
		}
	}
}

func fits(patterns []string, file string) bool {
	for _, pattern := range patterns {
		if ok, err := path.Match(pattern, file); ok && err == nil {
			return true
		}
	}
	return false
}

// packageComment is what the files of a folder say of their package.
func packageComment(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var b strings.Builder
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, entry.Name()), nil, parser.PackageClauseOnly|parser.ParseComments)
		require.NoError(t, err)
		if file.Doc != nil {
			b.WriteString(file.Doc.Text())
		}
	}
	return b.String()
}
