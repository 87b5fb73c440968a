package weaviatetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// The only query that the fake knows: object counts, each collection under an
// alias or its own name, of one tenant or not.
var (
	aggregateQuery = regexp.MustCompile(`^\s*(?:query\s*\w*\s*)?\{\s*Aggregate\s*\{(.*)\}\s*\}\s*$`)
	aggregateField = regexp.MustCompile(`^[\s,]*(?:(\w+)\s*:\s*)?(\w+)\s*(?:\(\s*tenant\s*:\s*("(?:[^"\\]|\\.)*")\s*\))?\s*\{\s*meta\s*\{\s*count\s*\}\s*\}`)
)

// aggregate is one count that is asked for.
type aggregate struct {
	key, collection string
	tenant          *string
	column          int
}

// graphQL answers counts. Anything else is a complaint and a 500, so that no
// test passes on a query that nobody has held against a real server.
func (f *Fake) graphQL(w http.ResponseWriter, r *http.Request, c FakeConfig, body []byte) {
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		errorText(w, http.StatusUnsupportedMediaType, map[string]any{
			"code": 415, "message": fmt.Sprintf("unsupported media type %q, only [application/json application/yaml] are allowed", kind),
		})
		return
	}
	if len(c.Classes) == 0 {
		refuse(w, "no graphql provider present, this is most likely because no schema is present. Import a schema first!")
		return
	}
	var request struct {
		Query string `json:"query"`
	}
	fields, err := []aggregate(nil), json.Unmarshal(body, &request)
	if err == nil {
		fields, err = parseAggregates(request.Query)
	}
	if err != nil {
		f.complain("POST /v1/graphql: %v", err)
		errorText(w, http.StatusInternalServerError, map[string]any{
			"error": []map[string]string{{"message": "fake weaviate: " + err.Error()}},
		})
		return
	}
	writeJSON(w, c.count(fields))
}

func parseAggregates(query string) ([]aggregate, error) {
	outer := aggregateQuery.FindStringSubmatchIndex(query)
	if outer == nil {
		return nil, fmt.Errorf("not a query of the form {Aggregate{…}}: %.200s", query)
	}
	var fields []aggregate
	rest, offset := query[outer[2]:outer[3]], outer[2]
	for strings.TrimSpace(rest) != "" {
		m := aggregateField.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("not a count of the form c0:Name(tenant:\"t\"){meta{count}}: %.200s", rest)
		}
		blank := len(m[0]) - len(strings.TrimLeft(m[0], " \t\r\n,"))
		field := aggregate{key: m[1], collection: m[2], column: offset + blank + 1}
		if field.key == "" {
			field.key = field.collection
		}
		if m[3] != "" {
			field.tenant = new(string)
			if err := json.Unmarshal([]byte(m[3]), field.tenant); err != nil {
				return nil, fmt.Errorf("tenant %s: %w", m[3], err)
			}
		}
		fields = append(fields, field)
		rest, offset = rest[len(m[0]):], offset+len(m[0])
	}
	return fields, nil
}

// count is the answer's body. A field that the schema does not have spoils the
// whole request; a tenant that can't be counted spoils its own field only.
func (c FakeConfig) count(fields []aggregate) map[string]any {
	var invalid, failed []map[string]any
	data := map[string]any{}
	for _, field := range fields {
		location := []map[string]int{{"column": field.column, "line": 1}}
		class, _, found := c.class(field.collection)
		switch {
		case !found:
			invalid = append(invalid, map[string]any{
				"locations": location, "path": nil,
				"message": fmt.Sprintf("Cannot query field %q on type \"AggregateObjectsObj\".", field.collection),
			})
			continue
		case field.tenant != nil && !class.MultiTenancyConfig.Enabled:
			invalid = append(invalid, map[string]any{
				"locations": location, "path": nil,
				"message": fmt.Sprintf("Unknown argument \"tenant\" on field %q of type \"AggregateObjectsObj\".", field.collection),
			})
			continue
		}
		if problem := c.tenantProblem(class, field.tenant); problem != "" {
			data[field.key] = nil
			failed = append(failed, map[string]any{
				"locations": location, "path": []string{"Aggregate", field.key}, "message": problem,
			})
			continue
		}
		name := class.Class
		if field.tenant != nil {
			name += "/" + *field.tenant
		}
		data[field.key] = []map[string]any{{"meta": map[string]int64{"count": c.Counts[name]}}}
	}
	if len(invalid) > 0 {
		return map[string]any{"errors": invalid}
	}
	answer := map[string]any{"data": map[string]any{"Aggregate": data}}
	if len(failed) > 0 {
		answer["errors"] = failed
	}
	return answer
}

// tenantProblem is why a collection can't be counted as asked, "" if it can.
func (c FakeConfig) tenantProblem(class fakeClass, tenant *string) string {
	if !class.MultiTenancyConfig.Enabled {
		return ""
	}
	if tenant == nil {
		return fmt.Sprintf("class %s has multi-tenancy enabled, but request was without tenant", class.Class)
	}
	for _, known := range c.Tenants[class.Class] {
		if known.Name != *tenant {
			continue
		}
		if known.ActivityStatus == "HOT" || known.ActivityStatus == "ACTIVE" {
			return ""
		}
		return fmt.Sprintf("tenant not active: '%s'", *tenant)
	}
	return fmt.Sprintf("tenant not found: %q", *tenant)
}
