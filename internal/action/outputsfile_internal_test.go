package action

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
)

// maxReported is how many variables GitLab takes from one job unless its owner has
// set another limit.
const maxReported = 20

// The outputs file has each output of action.yml whose example is plain, and its
// variables are not those of inputs.
func TestVariablesOfOutputs(t *testing.T) {
	t.Parallel()
	inputs, err := config.InputTable()
	require.NoError(t, err)
	outputs, err := config.OutputTable()
	require.NoError(t, err)
	known, count := 0, 0
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| .* Example: `(.*)` \\|$").FindAllStringSubmatch(outputs, -1) {
		name, example := row[1], row[2]
		isList := slices.Contains(lists, name)
		if isList {
			known++
		}
		if name != "backup-paths" { // one path is plain, and more are not
			assert.Equal(t, !ci.IsPlain(example), isList, name)
		}
		assert.NotContains(t, inputs, "| `"+ci.Variable(name)+"` |")
		count++
	}
	assert.Len(t, lists, known)
	assert.LessOrEqual(t, count-known, maxReported)
	assert.Greater(t, count, maxReported, "the rows are read")
	assert.Regexp(t, "\\| `WEAVIATE_BACKUP_OUTPUT_DIRECTORY` \\|", inputs)
	assert.Len(t, regexp.MustCompile("\\| `WEAVIATE_BACKUP_OUTPUT_").FindAllString(inputs, -1), 1, "ci.CheckVariables knows this one only")
}
