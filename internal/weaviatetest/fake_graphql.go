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
	aggregateField = regexp.MustCompile(`^[\s,]*(?:(\w+)\s*:\s*)?(\w+)\s*(?:\(\s*(tenant)\s*:\s*("(?:[^"\\]|\\.)*")\s*\))?\s*\{\s*meta\s*\{\s*count\s*\}\s*\}`)
)

// aggregate is one count that is asked for.
type aggregate struct {
	key, collection string
	tenant          *string
	column          int // where the server says that the field is wrong
	argumentColumn  int // where it says that its argument is
}

// graphQL answers counts. Anything else is a complaint and a 500, so that no
// test passes on a query that nobody has held against a real server.
func (f *Fake) graphQL(w http.ResponseWriter, r *http.Request, c FakeConfig, body []byte) {
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		sendJSON(w, http.StatusUnsupportedMediaType, map[string]any{
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
		sendJSON(w, http.StatusInternalServerError, map[string]any{
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
		at := aggregateField.FindStringSubmatchIndex(rest)
		if at == nil {
			return nil, fmt.Errorf("not a count of the form c0:Name(tenant:\"t\"){meta{count}}: %.200s", rest)
		}
		m := aggregateField.FindStringSubmatch(rest)
		field := aggregate{key: m[1], collection: m[2], column: offset + at[2] + 1}
		if field.key == "" {
			field.key, field.column = field.collection, offset+at[4]+1
		}
		if m[4] != "" {
			field.tenant, field.argumentColumn = new(string), offset+at[6]+1
			if err := json.Unmarshal([]byte(m[4]), field.tenant); err != nil {
				return nil, fmt.Errorf("tenant %s: %w", m[4], err)
			}
		}
		fields = append(fields, field)
		rest, offset = rest[at[1]:], offset+at[1]
	}
	return fields, nil
}

// count is the answer's body. A field that the schema does not have spoils the
// whole request; a tenant that can't be counted spoils its own field only.
func (c FakeConfig) count(fields []aggregate) map[string]any {
	var invalid, failed []map[string]any
	data := map[string]any{}
	for _, field := range fields {
		class, _, found := c.class(field.collection)
		switch {
		case !found:
			invalid = append(invalid, graphQLError(field.column, nil,
				fmt.Sprintf("Cannot query field %q on type \"AggregateObjectsObj\".", field.collection)))
			continue
		case field.tenant != nil && !class.MultiTenancyConfig.Enabled:
			invalid = append(invalid, graphQLError(field.argumentColumn, nil,
				fmt.Sprintf("Unknown argument \"tenant\" on field %q of type \"AggregateObjectsObj\".", field.collection)))
			continue
		}
		if problem := c.tenantProblem(class, field.tenant); problem != "" {
			data[field.key] = nil
			failed = append(failed, graphQLError(field.column, []string{"Aggregate", field.key}, problem))
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

// graphQLError is one entry of "errors". A nil path is an error of the query, not
// of a field's value.
func graphQLError(column int, path []string, message string) map[string]any {
	return map[string]any{
		"locations": []map[string]int{{"column": column, "line": 1}}, "path": path, "message": message,
	}
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
