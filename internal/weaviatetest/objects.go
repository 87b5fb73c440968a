package weaviatetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const (
	batchSize  = 500
	dimensions = 8
)

// Tenant is one tenant of a multi-tenant collection, as Weaviate's REST API
// spells it. ActivityStatus is HOT or COLD; the zero value makes a hot one.
type Tenant struct {
	Name           string `json:"name"`
	ActivityStatus string `json:"activityStatus,omitempty"`
}

// AddTenants creates tenants of a collection.
func (s *Server) AddTenants(tb testing.TB, collection string, tenants ...Tenant) {
	tb.Helper()
	s.MustRequest(tb, http.MethodPost, "/v1/schema/"+collection+"/tenants", tenants)
}

// SetTenants changes the activity status of tenants that are there, such as a
// hot one that has got its objects and goes cold.
func (s *Server) SetTenants(tb testing.TB, collection string, tenants ...Tenant) {
	tb.Helper()
	s.MustRequest(tb, http.MethodPut, "/v1/schema/"+collection+"/tenants", tenants)
}

// InsertObjects adds n new objects to a collection, or to one tenant of it
// (tenant is "" for a collection without tenants), through the batch endpoint.
// Each has values for the properties of plain types and a small vector for every
// vector of the collection, so no vectorizer is asked. It returns when the
// server has taken every one; any refusal ends the test.
func (s *Server) InsertObjects(tb testing.TB, collection, tenant string, n int) {
	tb.Helper()
	if err := s.Insert(tb.Context(), collection, tenant, n); err != nil {
		tb.Fatal(err)
	}
}

// Insert is InsertObjects for callers without a test.
func (s *Server) Insert(ctx context.Context, collection, tenant string, n int) error {
	answer, err := s.Do(ctx, http.MethodGet, "/v1/schema/"+collection, nil)
	if err != nil {
		return fmt.Errorf("insert into %s: %w", collection, err)
	}
	var class insertClass
	if err := json.Unmarshal(answer, &class); err != nil {
		return fmt.Errorf("insert into %s: read its schema: %w", collection, err)
	}
	for first := 0; first < n; first += batchSize {
		var objects []map[string]any
		for i := first; i < min(first+batchSize, n); i++ {
			objects = append(objects, class.object(i, tenant))
		}
		if err := s.batch(ctx, objects); err != nil {
			return fmt.Errorf("insert into %s: %w", collection, err)
		}
	}
	return nil
}

// batch sends objects and looks at each one's own verdict: the endpoint answers
// 200 even if it refused all of them.
func (s *Server) batch(ctx context.Context, objects []map[string]any) error {
	answer, err := s.Do(ctx, http.MethodPost, "/v1/batch/objects", map[string]any{"objects": objects})
	if err != nil {
		return err
	}
	var verdicts []struct {
		Result struct {
			Status string `json:"status"`
			Errors *struct {
				Error []struct {
					Message string `json:"message"`
				} `json:"error"`
			} `json:"errors"`
		} `json:"result"`
	}
	if err := json.Unmarshal(answer, &verdicts); err != nil {
		return fmt.Errorf("read the batch answer: %w", err)
	}
	if len(verdicts) != len(objects) {
		return fmt.Errorf("the batch answer speaks of %d objects, not %d", len(verdicts), len(objects))
	}
	for _, verdict := range verdicts {
		if e := verdict.Result.Errors; e != nil && len(e.Error) > 0 {
			return errors.New("the batch answer refuses an object: " + e.Error[0].Message)
		}
		if verdict.Result.Status != "SUCCESS" {
			return fmt.Errorf("the batch answer has an object of status %q", verdict.Result.Status)
		}
	}
	return nil
}

// insertClass is what Insert must know of a collection.
type insertClass struct {
	Class           string `json:"class"`
	VectorIndexType string `json:"vectorIndexType"` // empty where vectors are named
	Properties      []struct {
		Name     string   `json:"name"`
		DataType []string `json:"dataType"`
	} `json:"properties"`
	VectorConfig map[string]struct {
		VectorIndexConfig struct {
			Multivector struct {
				Enabled bool `json:"enabled"`
			} `json:"multivector"`
		} `json:"vectorIndexConfig"`
	} `json:"vectorConfig"`
}

// object makes the i-th object.
func (c insertClass) object(i int, tenant string) map[string]any {
	values := map[string]any{}
	for _, property := range c.Properties {
		if value := sampleValue(strings.Join(property.DataType, "|"), i); value != nil {
			values[property.Name] = value
		}
	}
	object := map[string]any{"class": c.Class, "properties": values}
	if tenant != "" {
		object["tenant"] = tenant
	}
	if c.VectorIndexType != "" {
		object["vector"] = sampleVector(i)
	}
	vectors := map[string]any{}
	for name, config := range c.VectorConfig {
		if config.VectorIndexConfig.Multivector.Enabled {
			vectors[name] = [][]float32{sampleVector(i), sampleVector(i + 1)}
		} else {
			vectors[name] = sampleVector(i)
		}
	}
	if len(vectors) > 0 {
		object["vectors"] = vectors
	}
	return object
}

// sampleValue gives a value of a plain data type, nil for the others.
func sampleValue(dataType string, i int) any {
	switch dataType {
	case "text":
		return fmt.Sprintf("text number %d", i)
	case "text[]":
		return []string{"first", fmt.Sprintf("second %d", i)}
	case "int":
		return i
	case "number":
		return float64(i) / 2
	case "boolean":
		return i%2 == 0
	case "date":
		return fmt.Sprintf("2024-02-%02dT10:30:00Z", i%28+1)
	default:
		return nil
	}
}

// sampleVector gives vectors that differ and are never zero, which the cosine
// distance refuses.
func sampleVector(i int) []float32 {
	vector := make([]float32, dimensions)
	for d := range vector {
		vector[d] = float32((i*(d+3))%17+1) / 17
	}
	return vector
}
