package parallel_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/parallel"
)

func TestForCallsEachOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 1000} {
		calls := make([]atomic.Int32, n)
		parallel.For(n, func(i int) { calls[i].Add(1) })
		for i := range calls {
			assert.Equal(t, int32(1), calls[i].Load(), "%d of %d", i, n)
		}
	}
}

func TestTryGivesTheFirstError(t *testing.T) {
	t.Parallel()
	require.NoError(t, parallel.Try(100, func(int) error { return nil }))
	failing := func(i int) error {
		if i%10 == 7 {
			return fmt.Errorf("%d failed", i)
		}
		return nil
	}
	require.EqualError(t, parallel.Try(100, failing), "7 failed")
	require.NoError(t, parallel.Try(7, failing))
}
