package weaviatetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// RunMany starts a server with so many collections of ten properties, every
// second one with 1 to 100 objects. To make them costs the server up to a second
// each, and less while GraphQL is off, so its folder is kept in the user's cache
// folder, and only one such server of a size can run at a time.
func RunMany(tb testing.TB, collections int) *Server {
	tb.Helper()
	cache, err := cacheFolder()
	if err != nil {
		tb.Fatal(err)
	}
	dir := filepath.Join(cache, fmt.Sprintf("bench-%s-%d", DefaultVersion, collections))
	whole := dir + ".whole"
	if _, err := os.Stat(whole); err != nil {
		if err := os.RemoveAll(dir); err != nil {
			tb.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			tb.Fatal(err)
		}
		fillMany(tb, dir, collections)
		if err := os.WriteFile(whole, nil, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return Run(tb, Options{Dir: dir})
}

func fillMany(tb testing.TB, dir string, collections int) {
	tb.Helper()
	Need(tb, DefaultVersion)
	server, err := Start(tb.Context(), Options{Dir: dir, Env: map[string]string{"DISABLE_GRAPHQL": "true"}})
	if err != nil {
		tb.Fatal(err)
	}
	defer func() {
		if err := server.Stop(context.WithoutCancel(tb.Context())); err != nil {
			tb.Error(err)
		}
	}()
	var properties []any
	for i := range 10 {
		properties = append(properties, map[string]any{"name": fmt.Sprintf("property%d", i), "dataType": []string{"text"}})
	}
	for i := range collections {
		name := fmt.Sprintf("Collection%04d%s", i, strings.Repeat("x", i%10))
		server.MustRequest(tb, "POST", "/v1/schema", map[string]any{"class": name, "description": "For measuring.", "properties": properties})
		if i%2 == 0 {
			server.InsertObjects(tb, name, "", i%100+1)
		}
	}
}
