package snapshot_test

import (
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// Every string, number and word of both golden files is changed in turn: the
// check says what a complete JSON Schema library says.
func TestShapeAgreesWithALibrary(t *testing.T) {
	t.Parallel()
	for file, check := range map[string]func([]byte) ([]string, error){"snapshot": snapshot.CheckShape, "manifest": snapshot.CheckManifestShape} {
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		compiled, err := compiler.Compile(file + ".schema.json")
		require.NoError(t, err)
		data, err := os.ReadFile("../../testdata/golden/" + file + ".json")
		require.NoError(t, err)
		problems, err := check(data)
		require.NoError(t, err)
		assert.Empty(t, problems)
		lines := strings.SplitAfter(string(data), "\n")
		refused := 0
		for i, line := range lines {
			for _, instead := range []string{`""`, "-1", "1.5", "7", "null", "true", "[]", "[1]", "{}", `{"a":1}`, `"sha256:0"`} {
				key, value, ok := strings.Cut(line, ": ")
				if !ok || strings.Count(key, `"`) != 2 || strings.HasSuffix(value, "{\n") || strings.HasSuffix(value, "[\n") {
					continue
				}
				changed := key + ": " + instead
				if strings.HasSuffix(value, ",\n") {
					changed += ","
				}
				for _, new := range []string{changed, strings.Replace(line, key, key[:len(key)-1]+`X"`, 1)} {
					text := strings.Join(lines[:i], "") + new + "\n" + strings.Join(lines[i+1:], "")
					instance, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
					require.NoError(t, err, text)
					problems, err := check([]byte(text))
					require.NoError(t, err)
					if want := compiled.Validate(instance); want != nil {
						refused++
						assert.NotEmpty(t, problems, "%s: %v", new, want)
					} else {
						assert.Empty(t, problems, new)
					}
				}
			}
		}
		t.Logf("%s: %d changes refused", file, refused)
		assert.Greater(t, refused, 50)
	}
}

func TestLaid(t *testing.T) {
	t.Parallel()
	data, err := run(t).Encode()
	require.NoError(t, err)
	assert.True(t, snapshot.Laid(data))
	assert.False(t, snapshot.Laid(data[:len(data)-1]), "without its last line feed")
	assert.False(t, snapshot.Laid(append(data, '\n')))
	assert.False(t, snapshot.Laid([]byte(strings.Replace(string(data), "  ", "\t", 1))))
}
