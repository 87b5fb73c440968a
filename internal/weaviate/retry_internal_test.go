package weaviate

import (
	"math"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWaitStaysBelowItsBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minWait := time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "min"))
		maxWait := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "max"))
		retry := rapid.IntRange(0, 5000).Draw(t, "retry")
		got := wait(minWait, maxWait, retry, rapid.Float64Range(0, math.Nextafter(1, 0)).Draw(t, "jitter"))
		if got < 0 || got > maxWait {
			t.Fatalf("wait %v of at most %v", got, maxWait)
		}
	})
	assert.Equal(t, 250*time.Millisecond, wait(500*time.Millisecond, time.Minute, 0, 0.5))
	assert.Equal(t, time.Second, wait(500*time.Millisecond, time.Minute, 2, 0.5))
	assert.Equal(t, 30*time.Second, wait(500*time.Millisecond, time.Minute, 9, 0.5))
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, 2, 1, 10, 30, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"0":                             0,
		"120":                           2 * time.Minute,
		"9223372036":                    9223372036 * time.Second,
		"9223372037":                    9223372036 * time.Second,
		"99999999999999999999999":       math.MaxInt64,
		"Thu, 01 Feb 2024 10:30:07 GMT": 7 * time.Second,
		"Thu, 01 Feb 2024 10:00:00 GMT": 0,
	} {
		got, ok := retryAfter(&http.Response{Header: http.Header{"Retry-After": {value}}}, now)
		assert.True(t, ok, value)
		assert.Equal(t, want, got, value)
	}
	for _, value := range []string{"", "soon", "-1", "1.5"} {
		_, ok := retryAfter(&http.Response{Header: http.Header{"Retry-After": {value}}}, now)
		assert.False(t, ok, value)
	}
	_, ok := retryAfter(nil, now)
	assert.False(t, ok)
}

// Retry-After is obeyed, but no longer than the limit.
func TestBackoffCapsRetryAfter(t *testing.T) {
	t.Parallel()
	client, err := New(Options{URL: &url.URL{Scheme: "http", Host: "localhost"}, Jitter: func() float64 { return 0.5 }})
	require.NoError(t, err)
	try := &attempts{client: client, target: client.options.URL, last: errTooLarge}
	hour := &http.Response{Header: http.Header{"Retry-After": {"3600"}}}
	assert.Equal(t, 30*time.Second, try.backoff(time.Second, 30*time.Second, 0, hour))
	second := &http.Response{Header: http.Header{"Retry-After": {"1"}}}
	assert.Equal(t, time.Second, try.backoff(time.Minute, time.Hour, 3, second))
	assert.Equal(t, 4*time.Second, try.backoff(time.Second, 30*time.Second, 3, nil))
}
