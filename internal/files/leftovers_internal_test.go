package files

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Where a lock proves nothing, nothing is removed.
func TestLeftoversOfAnotherMachine(t *testing.T) {
	t.Parallel()
	proc, err := os.Open("/proc")
	require.NoError(t, err)
	assert.False(t, isOneMachine(proc), "a file system that is not in the list")
	require.NoError(t, proc.Close())
	assert.False(t, isOneMachine(proc), "one that can't be asked")
}
