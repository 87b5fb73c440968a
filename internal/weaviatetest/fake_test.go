package weaviatetest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// ask sends one request to a fake through a client of its own.
func ask(t *testing.T, client *http.Client, method, url, body string) (int, string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// newClient gives a client without a pool, so that no request meets the
// connection that an earlier fault has broken.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

func TestFakeCounts(t *testing.T) {
	t.Parallel()
	fake := weaviatetest.NewFake(t)
	status, body, err := ask(t, newClient(), http.MethodPost, fake.URL+"/v1/graphql",
		`{"query":"{Aggregate{c0:Article{meta{count}} c1:Shop(tenant:\"t1\"){meta{count}} c2:Shop(tenant:\"t3\"){meta{count}}}}"}`)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{
		"data": {"Aggregate": {"c0": [{"meta": {"count": 250}}], "c1": [{"meta": {"count": 3}}], "c2": null}},
		"errors": [{"locations": [{"column": 70, "line": 1}], "message": "tenant not active: 't3'", "path": ["Aggregate", "c2"]}]
	}`, body)
	assert.Equal(t, []string{"POST /v1/graphql"}, fake.Requests())
}
