package weaviate_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

func TestSteady(t *testing.T) {
	t.Parallel()
	const ready, read, aliases = "/v1/.well-known/ready", "GET /v1/schema", "/v1/aliases"
	for name, test := range map[string]struct {
		faults []weaviatetest.Fault
		reads  int
		err    error
	}{
		"quiet":                     {nil, 1, nil},
		"not ready at the end":      {[]weaviatetest.Fault{{Path: ready, Status: http.StatusServiceUnavailable, Times: 2}}, 2, nil},
		"gone at the end":           {[]weaviatetest.Fault{{Path: ready, Do: weaviatetest.DoReset, Times: 2}}, 2, nil},
		"never ready again":         {[]weaviatetest.Fault{{Path: ready, Status: http.StatusServiceUnavailable}}, 1, weaviate.ErrUnsteady},
		"a lost answer":             {[]weaviatetest.Fault{{Path: "/v1/schema", Do: weaviatetest.DoCut, Times: 1}}, 3, nil},
		"a connection that broke":   {[]weaviatetest.Fault{{Path: "/v1/schema", Do: weaviatetest.DoReset, Times: 1}}, 3, nil},
		"an error of a gateway":     {[]weaviatetest.Fault{{Path: aliases, Status: http.StatusBadGateway, Times: 1}}, 2, nil},
		"too many requests":         {[]weaviatetest.Fault{{Path: aliases, Status: http.StatusTooManyRequests, Times: 1}}, 1, nil},
		"nobody may ask":            {[]weaviatetest.Fault{{Path: ready, Status: http.StatusForbidden}}, 1, nil},
		"no such path":              {[]weaviatetest.Fault{{Path: ready, Status: http.StatusNotFound}}, 1, nil},
		"what a lone node is asked": {[]weaviatetest.Fault{{Path: statistics, Status: http.StatusServiceUnavailable}}, 1, nil},
		"errors of two readings":    {[]weaviatetest.Fault{{Path: "/v1/meta", Status: http.StatusBadGateway, Times: 5}}, 3, nil},
		"errors again and again":    {[]weaviatetest.Fault{{Path: "/v1/meta", Status: http.StatusBadGateway}}, 3, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.Faults = test.faults })
			client, _ := connect(t, server.URL, func(o *weaviate.Options) { o.WaitForReady = time.Second })
			err := client.Steady(t.Context(), func() error {
				_, _ = client.LocalSchema(t.Context())
				_, _ = client.Meta(t.Context())
				if _, err := client.Schema(t.Context()); err != nil {
					return err
				}
				_, err := client.Aliases(t.Context())
				return err
			})
			require.ErrorIs(t, err, test.err)
			reads := 0
			for _, request := range server.Requests() {
				if request == read {
					reads++
				}
			}
			assert.Equal(t, test.reads, reads)
		})
	}
}

// A caller who does not wait for a server gets no answers of one that is not ready, and
// those of one that is ready soon.
func TestSteadyWithoutWaiting(t *testing.T) {
	t.Parallel()
	server, client, _ := fake(t, weaviatetest.Fault{Path: "/v1/.well-known/ready", Status: http.StatusServiceUnavailable})
	_, err := client.SteadySchema(t.Context())
	require.ErrorIs(t, err, weaviate.ErrUnsteady)
	require.ErrorContains(t, err, "503 Service Unavailable")
	assert.Len(t, server.Requests(), 5, "the schema, and whether it is ready: once, and three times more")
}

func TestSteadyEndsWithItsContext(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := client.Steady(ctx, func() error { cancel(); return nil })
	require.ErrorIs(t, err, context.Canceled)
}

// What counts is lost since the server was last known to be ready, whatever was asked.
func TestSteadyAfterLosses(t *testing.T) {
	t.Parallel()
	lose := func(t *testing.T, client *weaviate.Client) {
		t.Helper()
		_, err := client.Meta(t.Context())
		require.NoError(t, err)
	}
	ready := func(t *testing.T, client *weaviate.Client) {
		t.Helper()
		require.NoError(t, client.WaitReady(t.Context(), time.Minute))
	}
	steady := func(t *testing.T, client *weaviate.Client) {
		t.Helper()
		_, err := client.SteadySchema(t.Context())
		require.NoError(t, err)
	}
	refuse := func(t *testing.T, client *weaviate.Client) {
		t.Helper()
		require.Error(t, client.CreateAlias(t.Context(), "A", "B"))
	}
	for name, test := range map[string]struct {
		do    []func(*testing.T, *weaviate.Client)
		fault weaviatetest.Fault
		reads int
	}{
		"before the reads":           {[]func(*testing.T, *weaviate.Client){ready, lose, steady}, weaviatetest.Fault{Path: "/v1/meta", Do: weaviatetest.DoCut, Times: 1}, 2},
		"before it was ready":        {[]func(*testing.T, *weaviate.Client){lose, ready, steady}, weaviatetest.Fault{Path: "/v1/meta", Do: weaviatetest.DoCut, Times: 1}, 1},
		"before the reads of before": {[]func(*testing.T, *weaviate.Client){lose, steady, steady}, weaviatetest.Fault{Path: "/v1/meta", Do: weaviatetest.DoCut, Times: 1}, 3},
		"a write":                    {[]func(*testing.T, *weaviate.Client){ready, refuse, steady}, weaviatetest.Fault{Method: "POST", Path: "/v1/aliases", Status: 502}, 2},
		"a refused write":            {[]func(*testing.T, *weaviate.Client){ready, refuse, steady}, weaviatetest.Fault{Method: "POST", Path: "/v1/aliases", Status: 422}, 1},
		"a count":                    {[]func(*testing.T, *weaviate.Client){ready, count, steady}, weaviatetest.Fault{Path: "/v1/graphql", Status: 502}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, client, _ := fake(t, test.fault)
			for _, do := range test.do {
				do(t, client)
			}
			reads := 0
			for _, request := range server.Requests() {
				if request == "GET /v1/schema" {
					reads++
				}
			}
			assert.Equal(t, test.reads, reads)
		})
	}
}

func count(t *testing.T, client *weaviate.Client) {
	t.Helper()
	counts, err := client.Counts(t.Context(), []weaviate.CountTarget{{Collection: "Article"}}, nil)
	require.NoError(t, err)
	require.Error(t, counts[0].Err)
}
