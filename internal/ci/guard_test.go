package ci

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOutputEntryTriesAnotherDelimiter(t *testing.T) {
	t.Parallel()
	drawn := 0
	random := func() string {
		drawn++
		return []string{"A", "B"}[drawn-1]
	}
	entry, err := outputEntry("name", "x\noutput_A\ny", random)
	require.NoError(t, err)
	assert.Equal(t, "name<<output_B\nx\noutput_A\ny\noutput_B\n", entry)
}

func TestOutputEntryRefusesWhenNoDelimiterFits(t *testing.T) {
	t.Parallel()
	_, err := outputEntry("name", "output_A", func() string { return "A" })
	require.EqualError(t, err, `output "name": the value holds every delimiter that was tried`)
}
