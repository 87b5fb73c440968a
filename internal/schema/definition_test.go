package schema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

func TestFor(t *testing.T) {
	t.Parallel()
	names := map[string]string{"A": "A2", "Book": "Novel", "text": "Prose", "object": "Thing"}
	for name, test := range map[string]struct {
		destination schema.Destination
		raw, want   string
	}{
		"nothing": {
			schema.Destination{}, `{"z":1,"class":"A","y":[1e+22,64.0,-0,"\u00e9é"]}`, `{"z":1,"class":"A","y":[1e+22,64.0,-0,"\u00e9é"]}`,
		},
		"the class": {
			schema.Destination{Names: names}, `{"vectorizer":"none","class":"A","description":"A"}`, `{"vectorizer":"none","class":"A2","description":"A"}`,
		},
		"a class that stays": {schema.Destination{Names: names}, `{"class":"B"}`, `{"class":"B"}`},
		"two that change places": {
			schema.Destination{Names: map[string]string{"A": "B", "B": "A"}},
			`{"class":"A","properties":[{"name":"A","dataType":["B","A"]}]}`, `{"class":"B","properties":[{"name":"A","dataType":["A","B"]}]}`,
		},
		"references": {
			schema.Destination{Names: names},
			`{"class":"A","properties":[{"name":"Book","dataType":["Author","Book","A"],"description":"Book"},{"dataType":["Author"],"name":"by"}]}`,
			`{"class":"A2","properties":[{"name":"Book","dataType":["Author","Novel","A2"],"description":"Book"},{"dataType":["Author"],"name":"by"}]}`,
		},
		"primitive data types": {
			schema.Destination{Names: names},
			`{"class":"B","properties":[{"name":"text","dataType":["text"]},{"name":"o","dataType":["object"],"nestedProperties":[{"name":"x","dataType":["text"]}]}]}`,
			`{"class":"B","properties":[{"name":"text","dataType":["text"]},{"name":"o","dataType":["object"],"nestedProperties":[{"name":"x","dataType":["text"]}]}]}`,
		},
		"what the server owns": {
			schema.Destination{},
			`{"class":"A","shardingConfig":{"key":"_id","actualCount":1,"desiredCount":2,"actualVirtualCount":3,"desiredVirtualCount":4,"virtualPerPhysical":5},` +
				`"properties":[{"bucketGeneration":1,"name":"a"},{"name":"o","searchableBlockmax":true,"nestedProperties":[{"name":"x","bucketGeneration":3}]}]}`,
			`{"class":"A","shardingConfig":{"key":"_id","desiredCount":2,"virtualPerPhysical":5},` +
				`"properties":[{"name":"a"},{"name":"o","nestedProperties":[{"name":"x"}]}]}`,
		},
		"a multi-tenant collection": {
			schema.Destination{},
			`{"shardingConfig":{"desiredCount":0},"class":"A","multiTenancyConfig":{"enabled":true}}`,
			`{"class":"A","multiTenancyConfig":{"enabled":true}}`,
		},
		"multi-tenancy off": {
			schema.Destination{},
			`{"shardingConfig":{"desiredCount":1},"class":"A","multiTenancyConfig":{"enabled":false}}`,
			`{"shardingConfig":{"desiredCount":1},"class":"A","multiTenancyConfig":{"enabled":false}}`,
		},
		"nulls": {
			schema.Destination{Names: names},
			`{"class":"A","properties":null,"shardingConfig":null,"vectorConfig":null}`,
			`{"class":"A2","properties":null,"shardingConfig":null,"vectorConfig":null}`,
		},
		"a factor": {
			schema.Destination{ReplicationFactor: 3},
			`{"class":"A","replicationConfig":{"factor":1,"asyncEnabled":false}}`, `{"class":"A","replicationConfig":{"factor":3,"asyncEnabled":false}}`,
		},
		"a factor where there was none": {
			schema.Destination{ReplicationFactor: 3},
			`{"class":"A","replicationConfig":{"asyncEnabled":false}}`, `{"class":"A","replicationConfig":{"asyncEnabled":false,"factor":3}}`,
		},
		"a factor without replicationConfig": {
			schema.Destination{ReplicationFactor: 3}, `{"class":"A"}`, `{"class":"A","replicationConfig":{"factor":3}}`,
		},
		"a factor and an empty replicationConfig": {
			schema.Destination{ReplicationFactor: 3}, `{"class":"A","replicationConfig":{}}`, `{"class":"A","replicationConfig":{"factor":3}}`,
		},
		"a factor and no replicationConfig by null": {
			schema.Destination{ReplicationFactor: 3}, `{"class":"A","replicationConfig":null}`, `{"class":"A","replicationConfig":{"factor":3}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := schema.Parse([]byte(test.raw))
			require.NoError(t, err)
			got, err := c.For(test.destination)
			require.NoError(t, err)
			assert.Equal(t, test.want, string(got.Raw))
			assert.Equal(t, test.raw, string(c.Raw), "the original stays")
			again, err := schema.Parse(got.Raw)
			require.NoError(t, err)
			assert.Equal(t, again, got, "what is understood of it is that of the new bytes")
		})
	}
}

func TestForRefuses(t *testing.T) {
	t.Parallel()
	_, err := schema.Collection{Raw: []byte(`{"class":1}`)}.For(schema.Destination{})
	require.ErrorContains(t, err, "a number where a string is expected")
	_, err = define(`"replicationConfig":{}`).For(schema.Destination{Names: map[string]string{"A": ""}})
	require.ErrorContains(t, err, `no "class"`)
	_, err = schema.Collection{Raw: []byte(`{"class":"A","replicationConfig":[]}`)}.For(schema.Destination{ReplicationFactor: 1})
	require.Error(t, err)
}

// Nothing that a server showed is lost on the way to another server.
func TestForKeepsTheCorpus(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.27.0", "1.35.2", "1.39.0"} {
		collections, err := schema.Split(answer(t, version))
		require.NoError(t, err)
		for _, c := range collections {
			want, err := c.Digest()
			require.NoError(t, err)
			made, err := c.For(schema.Destination{})
			require.NoError(t, err)
			got, err := made.Digest()
			require.NoError(t, err)
			assert.Equal(t, want, got, "%s %s", version, c.Name)
			assert.Equal(t, c.MultiTenant, !strings.Contains(string(made.Raw), `"shardingConfig"`), "%s %s", version, c.Name)
		}
	}
}

// A way there and back gives the same definition, and only names and factor
// differ on the way.
func TestForThereAndBack(t *testing.T) {
	t.Parallel()
	there := map[string]string{"Author": "Writer", "Doc": "Author", "Book": "Doc"}
	back := map[string]string{"Writer": "Author", "Author": "Doc", "Doc": "Book"}
	rapid.Check(t, func(t *rapid.T) {
		c := drawCollection(t, rapid.SampledFrom(collectionNames).Draw(t, "name"))
		factor := rapid.IntRange(0, 5).Draw(t, "factor")
		moved, err := c.For(schema.Destination{Names: there, ReplicationFactor: factor})
		require.NoError(t, err)
		if factor > 0 {
			require.Equal(t, factor, moved.ReplicationFactor)
		}
		require.Len(t, moved.References, len(c.References))
		for i, reference := range moved.References {
			want := c.References[i]
			if renamed, ok := there[want.Target]; ok {
				want.Target = renamed
			}
			require.Equal(t, want, reference)
		}
		differences, err := schema.Compare(c, moved)
		require.NoError(t, err)
		for _, d := range differences {
			require.True(t, d.Path.Fits("class") || d.Path.Fits("properties.*.dataType") || d.Path.Fits("replicationConfig.factor"), d.Path)
		}

		home, err := moved.For(schema.Destination{Names: back, ReplicationFactor: c.ReplicationFactor})
		require.NoError(t, err)
		first, err := c.For(schema.Destination{})
		require.NoError(t, err)
		require.Equal(t, string(first.Raw), string(home.Raw))
		require.True(t, json.Valid(moved.Raw))
	})
}
