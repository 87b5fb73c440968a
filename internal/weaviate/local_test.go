package weaviate_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

const statistics = "/v1/cluster/statistics"

func TestLocalSchema(t *testing.T) {
	t.Parallel()
	server := weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) { c.Alone = true })
	client, _ := connect(t, server.URL)
	local, err := client.LocalSchema(t.Context())
	require.NoError(t, err)
	led, err := client.Schema(t.Context())
	require.NoError(t, err)
	assert.Equal(t, led, local)
	assert.Equal(t, []string{"GET " + statistics, "GET /v1/schema", "GET /v1/schema"}, server.Requests())
	assert.Equal(t, "false", server.Received()[1].Header.Get("Consistency"))
	assert.Equal(t, "true", server.Received()[2].Header.Get("Consistency"))
}

// Whatever does not say that the node is a whole cluster, and knows all that was
// decided, leaves its copy unread.
func TestLocalSchemaOfANodeThatMayNotBeAlone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"no node":                  {weaviatetest.LoneNode, `{"statistics":[]}`},
		"no list":                  {weaviatetest.LoneNode, `{}`},
		"a second node":            {`"statistics":[`, `"statistics":[{"name":"node2"},`},
		"a node that was not seen": {`"suffrage":0}`, `"suffrage":0},{"id":"node2"}`},
		"no configuration":         {`"latestConfiguration":[`, `"other":[`},
		"another leads":            {`"leaderId":"node1"`, `"leaderId":"node2"`},
		"nobody leads":             {`"leaderId":"node1","name":"node1"`, `"leaderId":"","name":""`},
		"a follower":               {`"Leader"`, `"Follower"`},
		"not ready":                {`"ready":true`, `"ready":false`},
		"not loaded":               {`"dbLoaded":true`, `"dbLoaded":false`},
		"behind what is decided":   {`"appliedIndex":"14"`, `"appliedIndex":"13"`},
		"not all is decided":       {`"lastLogIndex":"14"`, `"lastLogIndex":"15"`},
		"no word of what is":       {`"14"`, `""`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.ReplaceAll(weaviatetest.LoneNode, change[0], change[1])
			require.NotEqual(t, weaviatetest.LoneNode, body)
			server, client, _ := fake(t, weaviatetest.Fault{Path: statistics, Body: body})
			_, err := client.LocalSchema(t.Context())
			require.ErrorIs(t, err, weaviate.ErrNotAlone)
			assert.Equal(t, []string{"GET " + statistics}, server.Requests())
		})
	}
}

// Where the question fails, it fails soon.
func TestLocalSchemaIsAskedOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]weaviatetest.Fault{
		"forbidden":          {Path: statistics, Status: http.StatusForbidden, Body: `{"error":[{"message":"authorization, forbidden action"}]}`},
		"no such path":       {Path: statistics, Status: http.StatusNotFound},
		"overloaded":         {Path: statistics, Status: http.StatusServiceUnavailable},
		"a page":             {Path: statistics, Body: "<html>sign in</html>", Header: map[string]string{"Content-Type": "text/html"}},
		"no JSON":            {Path: statistics, Body: weaviatetest.LoneNode[:100]},
		"no answer":          {Path: statistics, Do: weaviatetest.DoHang},
		"connection refused": {Path: statistics, Do: weaviatetest.DoReset},
		"cut":                {Path: statistics, Do: weaviatetest.DoCut},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, client, log := fake(t, fault)
			_, err := client.LocalSchema(t.Context())
			require.Error(t, err)
			assert.Equal(t, []string{"GET " + statistics}, server.Requests())
			assert.Empty(t, log.lines("level=WARN"), "nobody need know")
		})
	}
	for name, fault := range map[string]weaviatetest.Fault{
		"an error": {Path: "/v1/schema", Status: http.StatusInternalServerError},
		"cut":      {Path: "/v1/schema", Do: weaviatetest.DoCut},
		"half":     {Path: "/v1/schema", Body: `{"classes":[{"class":"Article"}`},
	} {
		t.Run("the schema: "+name, func(t *testing.T) {
			t.Parallel()
			server, client, _ := fake(t, weaviatetest.Fault{Path: statistics, Body: weaviatetest.LoneNode}, fault)
			_, err := client.LocalSchema(t.Context())
			require.Error(t, err)
			assert.Equal(t, []string{"GET " + statistics, "GET /v1/schema"}, server.Requests())
		})
	}
}
