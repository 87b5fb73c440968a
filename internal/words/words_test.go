package words_test

import (
	"testing"
	"time"

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

func TestCount(t *testing.T) {
	t.Parallel()
	for want, given := range map[string]struct {
		n    int
		noun string
	}{
		"0 collections": {0, "collection"}, "1 collection": {1, "collection"}, "1,200 collections": {1200, "collection"},
		"1 alias": {1, "alias"}, "2 aliases": {2, "alias"}, "1 property": {1, "property"}, "2 properties": {2, "property"}, "2 keys": {2, "key"},
	} {
		assert.Equal(t, want, words.Count(given.n, given.noun))
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for want, n := range map[string]int64{
		"0": 0, "7": 7, "999": 999, "1,000": 1000, "12,345": 12345, "123,456": 123456, "1,234,567": 1234567,
		"-7": -7, "-999": -999, "-1,000": -1000, "-123,456": -123456,
	} {
		assert.Equal(t, want, words.Number(n))
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "2024-02-01 10:30:00 UTC", words.Time(time.Date(2024, 2, 1, 12, 30, 0, 0, time.FixedZone("", 2*60*60))))
}
