package faulttest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// refusal is what a server says in place of a count, with status 200 unless
// another is given.
type refusal struct {
	name   string
	status int
	body   string
	// reason must be in the snapshot of each collection that is not counted.
	reason string
	// counted says which are: Article's 250, Author's 7, neither of Shop.
	counted []string
}

// The words of servers 1.27.0 to 1.39.0 where they are in quotes; the numbers
// and forms are of a server or a gateway that is wrong. A backup asks for c0, which
// is Article, c1, Author, and c2 and c3, two tenants of Shop.
var refusals = []refusal{
	{"a tenant is needed", 0, failed("class Article has multi-tenancy enabled, but request was without tenant"), "but request was without tenant", nil},
	{"tenant not active", 0, failed("tenant not active: 'cold1'"), "tenant not active", nil},
	{"tenant not found", 0, failed(`tenant not found: \"nope\"`), "tenant not found", nil},
	{"shard loading", 0, failed("tried to browse non-existing index for Article"), "non-existing index", nil},
	{"no right to data", 0, failed("rbac: authorization, forbidden action: user 'rouser' has insufficient permissions to read_data"), "read_data", nil},
	{"no such field", 0, invalid(`Cannot query field \"Article\" on type \"AggregateObjectsObj\".`), "Cannot query field", nil},
	{"no such argument", 0, invalid(`Unknown argument \"tenant\" on field \"Shop\" of type \"AggregateObjectsObj\".`), "Unknown argument", nil},
	{"no right to introspection", 403, `{"error":[{"message":"due to GraphQL introspection, this role must have the permission to read_collections on *"}]}`, "403 Forbidden: due to GraphQL introspection", nil},
	{"no provider", 422, `{"error":[{"message":"no graphql provider present, this is most likely because no schema is present. Import a schema first!"}]}`, "no graphql provider present", nil},
	{"switched off", 422, `{"error":[{"message":"graphql api is disabled"}]}`, "graphql api is disabled", nil},
	{"switched off by 404", 404, `{"code":404,"message":"path /v1/graphql was not found"}`, "404 Not Found", nil},
	{"media type", 415, `{"code":415,"message":"unsupported media type \"\", only [application/json application/yaml] are allowed"}`, "415 Unsupported Media Type", nil},

	{"some are counted", 0, `{"data":{"Aggregate":{"c0":[{"meta":{"count":250}}],"c1":null,"c2":null,"c3":null}},` + errors("shard is read only", "c1", "c2", "c3") + `}`, "shard is read only", []string{"Article"}},
	{"some are missing", 0, counts(`"c0":[{"meta":{"count":250}}]`), "neither a count nor a reason", []string{"Article"}},
	{"none is there", 0, counts(``), "neither a count nor a reason", nil},
	{"others are there", 0, counts(`"d0":[{"meta":{"count":1}}]`), "neither a count nor a reason", nil},
	{"no data", 0, `{"data":null}`, `neither "data" nor "errors"`, nil},
	{"no aggregate", 0, `{"data":{"Aggregate":null}}`, `neither "data" nor "errors"`, nil},
	{"no errors", 0, `{"data":null,"errors":[]}`, `neither "data" nor "errors"`, nil},
	{"a silent error", 0, `{"errors":[{}]}`, `the server gave neither a count nor a reason`, nil},
	{"error without a path", 0, `{"data":{"Aggregate":{"c0":null}},"errors":[{"message":"out of memory"}]}`, "out of memory", nil},
	{"error of a number", 0, `{"data":{"Aggregate":{"c0":null}},"errors":[{"message":"out of memory","path":[1,2]}]}`, "out of memory", nil},
	{"errors no list", 0, `{"errors":{"message":"no"}}`, "errors: a JSON object is not what is expected there", nil},
	{"errors of text", 0, `{"errors":["no"]}`, "errors: a JSON string is not what is expected there", nil},

	{"counts, and an error of each", 0, all(errors("shard is gone", "c0", "c1", "c2", "c3")), "shard is gone", nil},
	{"counts, and an error of some", 0, all(errors("shard is gone", "c1", "c2", "c3")), "shard is gone", []string{"Article"}},
	{"counts, and an error without a path", 0, all(`"errors":[{"message":"out of memory"}]`), "out of memory", nil},
	{"counts, and an error of no count", 0, all(`"errors":[{"message":"out of memory","path":["Aggregate"]}]`), "out of memory", nil},
	{"counts, and a silent error", 0, all(`"errors":[{}]`), "neither a count nor a reason", nil},

	{"count null", 0, each(`[{"meta":{"count":null}}]`), "neither a count nor a reason", nil},
	{"count text", 0, each(`[{"meta":{"count":"250"}}]`), "neither a count nor a reason", nil},
	{"count negative", 0, each(`[{"meta":{"count":-1}}]`), "neither a count nor a reason", nil},
	{"count a fraction", 0, each(`[{"meta":{"count":1.5}}]`), "neither a count nor a reason", nil},
	{"count too large", 0, each(`[{"meta":{"count":1e30}}]`), "neither a count nor a reason", nil},
	{"count false", 0, each(`[{"meta":{"count":false}}]`), "neither a count nor a reason", nil},
	{"no count", 0, each(`[{"meta":{}}]`), "neither a count nor a reason", nil},
	{"no meta", 0, each(`[{}]`), "neither a count nor a reason", nil},
	{"no group", 0, each(`[]`), "neither a count nor a reason", nil},
	{"two groups", 0, each(`[{"meta":{"count":1}},{"meta":{"count":2}}]`), "neither a count nor a reason", nil},
	{"no list", 0, each(`{"meta":{"count":250}}`), "neither a count nor a reason", nil},
	{"a number", 0, each(`250`), "neither a count nor a reason", nil},
	{"a text", 0, each(`"250"`), "neither a count nor a reason", nil},
	{"count twice", 0, each(`[{"meta":{"count":250,"count":7}}]`), "duplicate", nil},
	{"alias twice", 0, counts(`"c0":[{"meta":{"count":1}}],"c0":[{"meta":{"count":2}}]`), "duplicate", nil},
}

// failed says it of each count, invalid of the query.
func failed(message string) string {
	return `{"data":{"Aggregate":{"c0":null,"c1":null,"c2":null,"c3":null}},` + errors(message, "c0", "c1", "c2", "c3") + `}`
}

func invalid(message string) string {
	return `{"errors":[{"locations":[{"column":13,"line":1}],"message":"` + message + `","path":null}]}`
}

func errors(message string, aliases ...string) string {
	text := `"errors":[`
	for i, alias := range aliases {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(`{"locations":[{"column":13,"line":1}],"message":"%s","path":["Aggregate",%q]}`, message, alias)
	}
	return text + "]"
}

func counts(of string) string { return `{"data":{"Aggregate":{` + of + `}}}` }

// all gives each of them, and what else comes with them.
func all(beside string) string {
	const number = `[{"meta":{"count":%d}}]`
	return fmt.Sprintf(`{"data":{"Aggregate":{"c0":`+number+`,"c1":`+number+`,"c2":`+number+`,"c3":`+number+`}},%s}`, 250, 7, 1, 2, beside)
}

// each gives all counts this value.
func each(value string) string {
	return counts(`"c0":` + value + `,"c1":` + value + `,"c2":` + value + `,"c3":` + value)
}

// A count that a server does not give is no number, and the snapshot says why;
// the rest of the backup is as it should be.
func TestCountFaults(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, startFake(t, graphQL).URL)
	var came tally
	t.Cleanup(func() { t.Log(&came) })
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			server := startFake(t, graphQL, weaviatetest.Fault{Path: graphQL, Status: r.status, Body: r.body})
			run := backup(t, server.URL, limits("3", long)...)
			came.add(want.judge(t, run, uncounted, ""))
			for name, number := range map[string]int64{"Article": 250, "Author": 7, "Shop": 0} {
				s, err := snapshot.Decode([]byte(files(t, run.folder)["backups/"+name+"_schema_20240201_103000.json"]))
				require.NoError(t, err)
				if len(r.counted) > 0 && r.counted[0] == name {
					require.NotNil(t, s.Metadata.Objects)
					assert.Equal(t, number, *s.Metadata.Objects)
					continue
				}
				assert.Nil(t, s.Metadata.Objects, name)
				assert.Nil(t, s.Metadata.AtLeast, name)
				assert.Regexp(t, r.reason, s.Metadata.Reason, name)
			}
		})
	}
}
