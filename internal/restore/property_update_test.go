package restore_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/diff"
	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// Where diff finds nothing but what can be changed in place or added, restore
// with update leaves no difference; where it finds more, restore refuses, and
// changes nothing. In both directions diff finds the same places.
func TestRealPropertyUpdate(t *testing.T) {
	t.Parallel()
	server := weaviatetest.Run(t, weaviatetest.Options{Env: map[string]string{
		"ASYNC_INDEXING": "true", "OBJECTS_TTL_DELETE_SCHEDULE": "@every 12h",
	}})
	updated, refused, same := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		deleteAll(t, server.URL) // of what a case that failed has left
		first := drawCollection(rt, drawn{tenants: map[string][]object{}}, "Ape")
		second := mutate(rt, first)
		server.MustRequest(t, http.MethodPost, "/v1/schema", second)
		backup := take(t, server.URL)
		deleteAll(t, server.URL)
		server.MustRequest(t, http.MethodPost, "/v1/schema", first)

		live, saved := sideOf(t, take(t, server.URL)), sideOf(t, backup)
		there, back := compare(t, live, saved), compare(t, saved, live)
		require.Len(rt, back.Changes, len(there.Changes))
		mirrored := make(map[string]schema.Difference)
		for _, c := range back.Changes {
			mirrored[c.Path.String()] = c.Difference
		}
		possible := true
		for _, c := range there.Changes {
			assert.Equal(rt, string(c.Before), string(mirrored[c.Path.String()].After), c.Path)
			assert.Equal(rt, string(c.After), string(mirrored[c.Path.String()].Before), c.Path)
			possible = possible && (c.Class == schema.InPlace || c.Class == schema.Additive)
		}
		assert.Empty(rt, compare(t, live, live).Changes)

		before := digests(t, server.URL)
		_, err := run(t, server.URL, backup, func(o *restore.Options) { o.OnExisting = restore.OnExistingUpdate })
		switch {
		case possible:
			require.NoError(rt, err, "%v", there.Changes)
			assert.Empty(rt, compare(t, sideOf(t, take(t, server.URL)), saved).Changes)
			updated++
			if len(there.Changes) == 0 {
				same++
			}
		default:
			require.ErrorIs(rt, err, restore.ErrPlan)
			assert.Equal(rt, before, digests(t, server.URL), "nothing was changed")
			refused++
		}
	})
	t.Logf("%d updated (%d of them the same before), %d refused", updated, same, refused)
}

// sideOf is a backup of a whole server as a side of a diff.
func sideOf(tb testing.TB, backup restore.Backup) diff.Side {
	tb.Helper()
	side := diff.Side{Version: backup.Version, Covers: func(string) bool { return true }}
	for _, s := range backup.Snapshots {
		c, err := schema.Parse(s.Schema)
		require.NoError(tb, err)
		side.Collections = append(side.Collections, diff.Collection{Collection: c})
	}
	return side
}

func compare(tb testing.TB, base, against diff.Side) diff.Result {
	tb.Helper()
	result, err := diff.Compare(base, against, diff.Options{})
	require.NoError(tb, err)
	return result
}

// mutate draws a definition that differs from c in some places.
func mutate(t *rapid.T, c object) object {
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var m object
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	inverted := m["invertedIndexConfig"].(object) //nolint:errcheck // always drawn
	maybe := func(label string, change func()) {
		if rapid.IntRange(0, 2).Draw(t, label) == 0 {
			change()
		}
	}
	maybe("change description", func() { m["description"] = oneOf(t, "other", "other", "x\"y") })
	maybe("change bm25", func() { inverted["bm25"] = object{"b": 0.5, "k1": 1.5} })
	maybe("change stopwords", func() { inverted["stopwords"] = object{"preset": "none", "additions": []string{"bar"}} })
	maybe("add properties", func() {
		properties, _ := m["properties"].([]any)
		m["properties"] = append(properties, object{"name": "extra", "dataType": []string{oneOf(t, "extra", "text", "int", "uuid[]")}},
			object{"name": "another", "dataType": []string{"object"}, "nestedProperties": []object{{"name": "n", "dataType": []string{"text"}}}})
	})
	if vectors, ok := m["vectorConfig"].(object); ok {
		maybe("add a vector", func() {
			vector := drawVector(t)
			vector["vectorizer"] = object{"none": object{}}
			vectors["added"] = vector
		})
	}
	if m["vectorIndexType"] == "hnsw" {
		config := m["vectorIndexConfig"].(object) //nolint:errcheck // always drawn
		maybe("change ef", func() { config["ef"] = 77 })
	}
	if tenancy, ok := m["multiTenancyConfig"].(object); ok {
		maybe("change creation", func() { tenancy["autoTenantCreation"] = tenancy["autoTenantCreation"] != true })
	}
	if ttl, ok := m["objectTtlConfig"].(object); ok {
		maybe("change ttl", func() { ttl["defaultTtl"] = 7200 })
	}
	if rapid.IntRange(0, 3).Draw(t, "breaking") == 0 {
		inverted["indexNullState"] = inverted["indexNullState"] != true
	}
	return m
}
