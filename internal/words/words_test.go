package words_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

func TestAll(t *testing.T) {
	t.Parallel()
	for want, all := range map[string][]string{"": nil, "A": {"A"}, "A and B": {"A", "B"}, "A, B and C": {"A", "B", "C"}} {
		assert.Equal(t, want, words.All(all))
	}
}

func TestFew(t *testing.T) {
	t.Parallel()
	for want, all := range map[string][]string{"": nil, "A": {"A"}, "A, B": {"A", "B"}, "A, B and 1 more": {"A", "B", "C"}, "A, B and 3 more": {"A", "B", "C", "D", "E"}} {
		assert.Equal(t, want, words.Few(all, 2, ", "))
	}
	assert.Equal(t, "a, b; c", words.Few([]string{"a, b", "c"}, 2, "; "))
	assert.Equal(t, "a, b; and 1 more", words.Few([]string{"a, b", "c"}, 1, "; "))
}
