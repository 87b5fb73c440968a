package restore

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// stubDescription marks a collection as a stub. Never change it: it is how a
// later run knows what an earlier one left.
const stubDescription = "weaviate-backup-action: stands in for a collection that is about to be restored"

// newStub is an empty collection of the name.
func newStub(name string) (schema.Collection, error) {
	quoted, err := jsontext.AppendQuote(nil, name)
	if err != nil {
		return schema.Collection{}, err
	}
	return schema.Parse([]byte(`{"class":` + string(quoted) + `,"description":"` + stubDescription + `","vectorizer":"none"}`))
}

func isStub(c schema.Collection) bool { return c.Description == stubDescription && c.Properties == 0 }

// isEmpty counts the objects of a collection, which must be a sure 0. A tenant
// that is not active holds nothing if the collection is one that this run
// created: an object would have made it active.
func (r *run) isEmpty(ctx context.Context, c schema.Collection) (bool, error) {
	targets := []weaviate.CountTarget{{Collection: c.Name}}
	if c.MultiTenant {
		targets = nil
		tenants, err := r.server.Tenants(ctx, c.Name)
		if err != nil {
			return false, err
		}
		for _, tenant := range tenants {
			if tenant.Active() {
				targets = append(targets, weaviate.CountTarget{Collection: c.Name, Tenant: tenant.Name})
			}
		}
	}
	counts, err := r.server.Counts(ctx, targets, nil)
	if err != nil {
		return false, err
	}
	for i, count := range counts {
		if count.Err != nil {
			return false, fmt.Errorf("count the objects of %s: %w", targets[i].Collection, count.Err)
		}
		if count.Objects > 0 {
			return false, nil
		}
	}
	return true, nil
}
