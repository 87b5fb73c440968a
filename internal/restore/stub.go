package restore

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// newStub is an empty collection of the name.
func newStub(name string) (schema.Collection, error) {
	quoted, err := jsontext.AppendQuote(nil, name)
	if err != nil {
		return schema.Collection{}, err
	}
	return schema.Parse([]byte(`{"class":` + string(quoted) + `,"description":"` + schema.StubDescription + `","vectorizer":"none"}`))
}

// isEmpty counts the objects of a collection, which must be a sure 0. A tenant
// that is not active can't be counted. It holds nothing if this run created it so:
// only an active one takes objects.
func (r *run) isEmpty(ctx context.Context, c schema.Collection) (bool, error) {
	targets := []weaviate.CountTarget{{Collection: c.Name}}
	if c.MultiTenant {
		targets = nil
		if !r.target.seesTenants(c.Name) {
			return false, errors.New("the key may not read all of its tenants")
		}
		tenants, err := r.server.Tenants(ctx, c.Name)
		if err != nil {
			return false, err
		}
		asleep, err := r.createdAsleep(c.Name)
		if err != nil {
			return false, err
		}
		for _, tenant := range tenants {
			switch {
			case tenant.Active():
				targets = append(targets, weaviate.CountTarget{Collection: c.Name, Tenant: tenant.Name})
			case !asleep[tenant.Name]:
				return false, fmt.Errorf("its tenant %s is not active, and counting would wake it", tenant.Name)
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

// createdAsleep gives the tenants that the run creates inactive.
func (r *run) createdAsleep(collection string) (map[string]bool, error) {
	asleep := make(map[string]bool)
	for _, i := range r.items {
		if i.name() != collection {
			continue
		}
		tenants, err := readTenants(i.tenants)
		if err != nil {
			return nil, err
		}
		for _, tenant := range tenants {
			asleep[tenant.Name] = schema.SameTenantState(tenant.Status, "COLD")
		}
	}
	return asleep, nil
}
