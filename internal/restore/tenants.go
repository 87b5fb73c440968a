package restore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// savedTenant is a tenant of a snapshot.
type savedTenant struct {
	Name   string `json:"name"`
	Status string `json:"activityStatus"`
	raw    jsontext.Value
}

func readTenants(raw []jsontext.Value) ([]savedTenant, error) {
	tenants := make([]savedTenant, len(raw))
	for i, value := range raw {
		if err := json.Unmarshal(value, &tenants[i]); err != nil {
			return nil, err
		}
		if !schema.ValidTenantName(tenants[i].Name) {
			return nil, fmt.Errorf("%q is not a name that Weaviate gives to tenants", tenants[i].Name)
		}
		tenants[i].raw = value
	}
	return tenants, nil
}

// creatable says whether a tenant of the status can be created. One that was
// offloaded (FROZEN, OFFLOADED) has its objects elsewhere, and of a status that a
// later server may have nothing is known.
func (t savedTenant) creatable() bool {
	return slices.Contains([]string{"", "HOT", "COLD", "ACTIVE", "INACTIVE"}, t.Status)
}

// planTenants finds the tenants to create.
func (r *run) planTenants(i *item) error {
	if !i.wanted.MultiTenant || !r.options.Tenants {
		return nil
	}
	if i.saved.Tenants == nil {
		r.warn("%s: its tenants are not in the backup, so none of them was restored", i.name())
		return nil
	}
	tenants, err := readTenants(i.saved.Tenants)
	if err != nil {
		return err
	}
	live := r.liveTenants(i)
	others, example := 0, ""
	more := len(live)
	for _, tenant := range tenants {
		if _, found := live[tenant.Name]; found {
			more--
		}
	}
	if more > 0 {
		r.note("%s: the server keeps %s that the backup does not have", i.name(), words.Count(more, "tenant"))
	}
	for _, tenant := range tenants {
		switch status, found := live[tenant.Name]; {
		case found && !schema.SameTenantState(status, tenant.Status):
			r.note("%s: its tenant %s is %s on the server, %s in the backup, and stays so", i.name(), tenant.Name, status, tenant.Status)
		case found:
		case !tenant.creatable():
			if others++; others == 1 {
				example = fmt.Sprintf("%s, which was %s", tenant.Name, tenant.Status)
			}
		default:
			i.tenants = append(i.tenants, tenant.raw)
		}
	}
	if others > 0 {
		r.problem(adviceTenants, "%s: no tenant can be created in the state that %d of its tenants had when it was saved (such as %s)", i.name(), others, example)
	}
	return nil
}

// liveTenants gives the status of each tenant that the server has.
func (r *run) liveTenants(i *item) map[string]string {
	live := make(map[string]string)
	for _, tenant := range r.target.tenants[i.name()] {
		live[tenant.Name] = tenant.Status
	}
	return live
}

// compareTenants adds the differences between saved and live tenants.
func (r *run) compareTenants(i *item) error {
	if _, asked := r.target.tenants[i.name()]; !asked {
		why := "the key may not read all of them"
		if i.saved.Tenants == nil {
			why = "they are not in the backup"
		}
		if i.live.MultiTenant && r.options.Tenants {
			r.note("%s: its tenants were not compared: %s", i.name(), why)
		}
		return nil
	}
	tenants, err := readTenants(i.saved.Tenants)
	if err != nil {
		return err
	}
	i.differences = append(i.differences, tenantDifferences(tenants, r.target.tenants[i.name()])...)
	return nil
}

// tenantDifferences lists tenants that only one side has, or that differ in
// status.
func tenantDifferences(saved []savedTenant, live []weaviate.Tenant) []schema.Difference {
	before, after := make(map[string]string), make(map[string]string)
	for _, tenant := range saved {
		before[tenant.Name] = tenant.Status
	}
	for _, tenant := range live {
		after[tenant.Name] = tenant.Status
	}
	var found []schema.Difference
	differ := func(name string, a, b jsontext.Value) {
		found = append(found, schema.Difference{Path: schema.Path{"tenants", name}, Before: a, After: b})
	}
	for _, tenant := range saved {
		status, there := after[tenant.Name]
		switch {
		case !there:
			differ(tenant.Name, schema.Quote(tenant.Status), nil)
		case !schema.SameTenantState(tenant.Status, status):
			differ(tenant.Name, schema.Quote(tenant.Status), schema.Quote(status))
		}
	}
	for _, tenant := range live {
		if _, there := before[tenant.Name]; !there {
			differ(tenant.Name, nil, schema.Quote(tenant.Status))
		}
	}
	return found
}

// tenantChunk is how many tenants one request creates. 5000 in one took
// 0.15 s (1.39.0); less keeps the answer well inside of any time limit.
const tenantChunk = 1000

// createTenants creates the tenants of a collection.
func (r *run) createTenants(ctx context.Context, i *item) error {
	if len(i.tenants) == 0 {
		return nil
	}
	r.progress.Stage("creating the tenants of "+i.name(), len(i.tenants))
	sent, err := r.sendTenants(ctx, i)
	if sent > 0 {
		i.changed(describeTenants(sent, len(i.tenants)))
	}
	if errors.Is(err, weaviate.ErrUnsettled) {
		i.maybe = append(i.maybe, describeTenants(min(tenantChunk, len(i.tenants)-sent), len(i.tenants)))
	}
	return err
}

// describeTenants tells the creation of some of so many tenants in words.
func describeTenants(some, all int) string {
	switch {
	case all == 1:
		return "create 1 tenant"
	case some == all:
		return fmt.Sprintf("create %d tenants", all)
	default:
		return fmt.Sprintf("create %d of %d tenants", some, all)
	}
}

// sendTenants asks for the tenants, and reads them back. sent is the number of those
// that are there, or, where they can't be read back, that the server said it created.
func (r *run) sendTenants(ctx context.Context, i *item) (sent int, err error) {
	for chunk := range slices.Chunk(i.tenants, tenantChunk) {
		if err := r.server.CreateTenants(ctx, i.name(), chunk); err != nil {
			return sent, fmt.Errorf("create tenants of %s: %w", i.name(), err)
		}
		sent += len(chunk)
		r.progress.Step(len(chunk))
	}
	wanted, err := readTenants(i.tenants)
	if err != nil {
		return sent, err
	}
	live, err := r.server.Tenants(ctx, i.name())
	if err != nil {
		return sent, fmt.Errorf("read the tenants of %s back: %w", i.name(), err)
	}
	var wrong []schema.Difference
	for _, d := range tenantDifferences(wanted, live) {
		if !d.Added() { // the others were there before
			wrong = append(wrong, d)
		}
		if d.Removed() {
			sent--
		}
	}
	return sent, i.confirm("tenants", wrong)
}
