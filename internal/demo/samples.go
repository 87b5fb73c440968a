package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// sample is one collection of the demo.
type sample struct {
	name, about, class string
	objects            int
	tenants            []sampleTenant
}

// sampleTenant gets its objects while it is hot, and goes to its own status then.
type sampleTenant struct {
	weaviatetest.Tenant
	objects int
}

// samples are in an order in which cross-references find their targets; the one
// that closes the cycle is cycle.
var samples = []sample{
	{
		name: "Author", about: "refers to Article, which refers back", objects: 40,
		class: `{
			"class": "Author", "description": "People who write",
			"properties": [
				{"name": "name", "dataType": ["text"], "tokenization": "field"},
				{"name": "born", "dataType": ["int"], "indexRangeFilters": true}
			]}`,
	},
	{
		name: "Article", about: "two named vectors, alias Texts", objects: 250,
		class: `{
			"class": "Article",
			"properties": [
				{"name": "title", "dataType": ["text"], "description": "the headline"},
				{"name": "published", "dataType": ["date"]},
				{"name": "writtenBy", "dataType": ["Author"]}
			],
			"vectorConfig": {
				"title": {"vectorizer": {"none": {}}, "vectorIndexType": "hnsw"},
				"body": {"vectorizer": {"none": {}}, "vectorIndexType": "flat", "vectorIndexConfig": {"distance": "dot"}}
			}}`,
	},
	{
		name: "Product", about: "nested objects, quantized vectors", objects: 120,
		class: `{
			"class": "Product",
			"vectorIndexConfig": {"rq": {"enabled": true}},
			"properties": [
				{"name": "label", "dataType": ["text"]},
				{"name": "price", "dataType": ["number"]},
				{"name": "maker", "dataType": ["object"], "nestedProperties": [
					{"name": "name", "dataType": ["text"]}, {"name": "founded", "dataType": ["date"]}
				]}
			]}`,
	},
	{
		name: "Order", about: "multi-tenant: two tenants are hot, one is cold",
		class: `{
			"class": "Order", "multiTenancyConfig": {"enabled": true},
			"properties": [{"name": "number", "dataType": ["int"]}]}`,
		tenants: []sampleTenant{
			{weaviatetest.Tenant{Name: "berlin"}, 30},
			{weaviatetest.Tenant{Name: "oslo"}, 20},
			{weaviatetest.Tenant{Name: "archive", ActivityStatus: "COLD"}, 10},
		},
	},
}

// cycle is the reference that can only be made when both collections are there.
const cycle = `{"name": "favourite", "dataType": ["Article"], "description": "closes the cycle"}`

// load fills the server.
func (d demo) load(ctx context.Context, server *weaviatetest.Server) error {
	for _, s := range samples {
		if _, err := server.Do(ctx, http.MethodPost, "/v1/schema", s.class); err != nil {
			return fmt.Errorf("create %s: %w", s.name, err)
		}
		if err := s.fill(ctx, server); err != nil {
			return err
		}
		d.line("%-8s %4d objects   %s", s.name, s.total(), s.about)
	}
	if _, err := server.Do(ctx, http.MethodPost, "/v1/schema/Author/properties", cycle); err != nil {
		return fmt.Errorf("close the cycle: %w", err)
	}
	alias := map[string]string{"alias": "Texts", "class": "Article"}
	switch status, answer, err := server.Request(ctx, http.MethodPost, "/v1/aliases", alias); {
	case err != nil:
		return fmt.Errorf("make an alias: %w", err)
	case status == http.StatusNotFound: // Weaviate has them since 1.32
		d.line("This version has no aliases.")
	case status != http.StatusOK:
		return fmt.Errorf("make an alias: %d %s", status, answer)
	}
	return nil
}

// fill adds the objects, tenant by tenant where there are any.
func (s sample) fill(ctx context.Context, server *weaviatetest.Server) error {
	if len(s.tenants) == 0 {
		return server.Insert(ctx, s.name, "", s.objects)
	}
	path := "/v1/schema/" + s.name + "/tenants"
	for _, tenant := range s.tenants {
		hot := []weaviatetest.Tenant{{Name: tenant.Name}}
		if _, err := server.Do(ctx, http.MethodPost, path, hot); err != nil {
			return fmt.Errorf("add tenant %s of %s: %w", tenant.Name, s.name, err)
		}
		if err := server.Insert(ctx, s.name, tenant.Name, tenant.objects); err != nil {
			return err
		}
		if tenant.ActivityStatus == "" {
			continue
		}
		if _, err := server.Do(ctx, http.MethodPut, path, []weaviatetest.Tenant{tenant.Tenant}); err != nil {
			return fmt.Errorf("put tenant %s of %s to sleep: %w", tenant.Name, s.name, err)
		}
	}
	return nil
}

// total is how many objects are in the collection, sleeping ones too.
func (s sample) total() int {
	sum := s.objects
	for _, tenant := range s.tenants {
		sum += tenant.objects
	}
	return sum
}

// countable tells whether an exact count can be had without waking a tenant.
func (s sample) countable() bool {
	for _, tenant := range s.tenants {
		if tenant.ActivityStatus != "" {
			return false
		}
	}
	return true
}
