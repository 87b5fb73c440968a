package weaviate_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// A write waits as long as the server asks for with Retry-After: here not at all,
// where the waits of its own would outlast the test.
func TestWriteObeysRetryAfter(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		if asked == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = w.Write([]byte(`{"class":"Doc"}`))
	}))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	client, err := weaviate.New(weaviate.Options{
		URL: address, RetryMinWait: time.Hour, RetryMaxWait: time.Hour, Jitter: func() float64 { return 1 },
	})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	collection, err := schema.Parse([]byte(`{"class":"Doc"}`))
	require.NoError(t, err)
	_, err = client.CreateCollection(t.Context(), collection)
	require.NoError(t, err)
	assert.Equal(t, 2, asked)
}
