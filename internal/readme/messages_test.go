package readme_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the troubleshooting table calls a message comes from the code, or a script
// of the tests has seen it come out: each in one piece, but for what differs, which
// is a … in the table and a verb in the code.
func TestMessages(t *testing.T) {
	t.Parallel()
	known := append(literals(t), expected(t)...)
	_, table, ok := strings.Cut(read(t, "README.md"), "## Troubleshooting")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "\n## ")
	messages := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(table, -1)
	require.GreaterOrEqual(t, len(messages), 10)
	for _, message := range messages {
		if message[1] == "Container action is only supported on Linux" {
			continue // of GitHub's runner, before this program starts
		}
		assert.True(t, comes(known, message[1]), "neither the code nor an output of a script has: %s", message[1])
	}
}

func TestMessagesThatDoNotCome(t *testing.T) {
	t.Parallel()
	known := []string{"read %s: %d bytes, not %v", "error: Backup failed: leader not found"}
	for message, want := range map[string]bool{
		"read …: … bytes": true, "leader not found": true, "bytes, not …": true,
		"read the bytes": false, "leader is not found": false, "read …: leader": false, "bytes … read": false,
	} {
		assert.Equal(t, want, comes(known, message), message)
	}
}

// comes says whether one of the texts has the message in it. A … of the message
// stands for any text.
func comes(texts []string, message string) bool {
	var parts []string
	for part := range strings.SplitSeq(message, "…") {
		parts = append(parts, regexp.QuoteMeta(part))
	}
	pattern := regexp.MustCompile(strings.Join(parts, ".*"))
	for _, text := range texts {
		if pattern.MatchString(text) {
			return true
		}
	}
	return false
}

// literals are the texts of the program's code, each as one string where the code
// joins constant pieces.
func literals(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, name := range programFiles(t) {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			expression, ok := node.(ast.Expr)
			if !ok {
				return true
			}
			text, whole := joined(expression)
			if text != "" {
				all = append(all, text)
			}
			return !whole
		})
	}
	require.Greater(t, len(all), 1000)
	return all
}

// joined is the text of a string literal, or of several with + between them; what
// is no literal there is a verb. It is whole where nothing in it is left to look at.
func joined(expression ast.Expr) (text string, whole bool) {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			left, leftWhole := joined(e.X)
			right, rightWhole := joined(e.Y)
			if left != "" && !rightWhole {
				right = "%s"
			}
			if right != "" && !leftWhole && left == "" {
				left = "%s"
			}
			return left + right, leftWhole && rightWhole
		}
	}
	return "", false
}

// programFiles are the sources of the program itself: not of tests, and not of
// what is there for tests.
func programFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(filepath.Join(root, "internal"), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasSuffix(path, "test") || entry.Name() == "demo" || entry.Name() == "readme"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			names = append(names, path)
		}
		return nil
	}))
	require.Greater(t, len(names), 80)
	return names
}

// expected are the outputs that scripts ask for: the patterns of stdout, stderr and
// grep, and the lines of the files that cmp compares with.
func expected(t *testing.T) []string {
	t.Helper()
	var all []string
	files, err := filepath.Glob(filepath.Join(root, "testdata/script/*.txtar"))
	require.NoError(t, err)
	pattern := regexp.MustCompile(`(?m)^(?:stdout|stderr|grep) '(.*?)'(?: |$)`)
	compared := regexp.MustCompile(`(?m)^cmp \S+ \$WORK/(\S+)$`)
	plain := strings.NewReplacer("''", "'", `\.`, ".", `\(`, "(", `\)`, ")", `\[`, "[", `\]`, "]", `\?`, "?")
	for _, name := range files {
		text := read(t, strings.TrimPrefix(name, root+"/"))
		script, _, _ := strings.Cut(text, "\n-- ")
		for _, match := range pattern.FindAllStringSubmatch(script, -1) {
			all = append(all, plain.Replace(match[1]))
		}
		for _, match := range compared.FindAllStringSubmatch(script, -1) {
			_, golden, ok := strings.Cut(text, "\n-- "+match[1]+" --\n")
			if !ok {
				continue // made by the script
			}
			golden, _, _ = strings.Cut(golden, "\n-- ")
			all = append(all, strings.Split(golden, "\n")...)
		}
	}
	require.Greater(t, len(all), 500)
	return all
}
