package diff_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/diff"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// twoAnswers is a server whose node and leader may say different things.
type twoAnswers struct {
	local, led []schema.Collection
	localErr   error
	rights     weaviate.Rights
	asked      *int // how often the leader was
}

func (twoAnswers) Meta(context.Context) (weaviate.Meta, error) {
	return weaviate.Meta{Version: "1.39.0"}, nil
}
func (s twoAnswers) Rights(context.Context) (weaviate.Rights, error) { return s.rights, nil }
func (s twoAnswers) LocalSchema(context.Context) ([]schema.Collection, error) {
	return s.local, s.localErr
}

func (s twoAnswers) Schema(context.Context) ([]schema.Collection, error) {
	*s.asked++
	return s.led, nil
}
func (twoAnswers) CanReadAll(context.Context, weaviate.Rights) (bool, error) { return true, nil }
func (twoAnswers) Collection(context.Context, string) (schema.Collection, bool, error) {
	return schema.Collection{}, false, nil
}
func (twoAnswers) Tenants(context.Context, string) ([]weaviate.Tenant, error) { return nil, nil }
func (twoAnswers) Aliases(context.Context) (map[string]string, error) {
	return nil, weaviate.ErrNoAliases
}

// A node's own copy is taken where nothing differs; whatever is told as drift comes
// from the leader.
func TestReadLiveTellsDriftByTheLeader(t *testing.T) {
	t.Parallel()
	collections := func(names ...string) []schema.Collection {
		var all []schema.Collection
		for _, name := range names {
			all = append(all, schema.Collection{Name: name, Raw: []byte(`{"class":"` + name + `"}`)})
		}
		return all
	}
	for name, test := range map[string]struct {
		local, led []schema.Collection
		localErr   error
		rights     weaviate.Rights
		asked      int
	}{
		"as expected":    {local: collections("A", "B"), led: collections("C"), asked: 0},
		"not alone":      {localErr: weaviate.ErrNotAlone, led: collections("A", "B"), asked: 1},
		"no answer":      {localErr: errors.New("reset"), led: collections("A", "B"), asked: 1},
		"one more":       {local: collections("A", "B", "C"), led: collections("A", "B"), asked: 1},
		"one fewer":      {local: collections("A"), led: collections("A", "B"), asked: 1},
		"another":        {local: collections("A", "C"), led: collections("A", "B"), asked: 1},
		"may not know":   {local: collections("A", "B"), led: collections("A", "B"), rights: weaviate.Rights{Known: true}, asked: 1},
		"nothing at all": {led: collections("A", "B"), asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			server := twoAnswers{local: test.local, led: test.led, localErr: test.localErr, rights: test.rights, asked: &asked}
			live, err := diff.ReadLive(t.Context(), server, "live", func() diff.Counterpart {
				return diff.Counterpart{Names: []string{"A", "B"}, Count: 2, Digest: func(c schema.Collection) string {
					return map[string]string{"A": "digest of A", "B": "digest of B"}[c.Name]
				}}
			})
			require.NoError(t, err)
			assert.Equal(t, test.asked, asked)
			require.Len(t, live.Collections, 2)
			for _, c := range live.Collections {
				assert.Equal(t, "digest of "+c.Name, c.KnownDigest)
			}
		})
	}
}
