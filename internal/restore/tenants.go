package restore

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
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

// creatable says whether a tenant of the status can be created: one that was
// offloaded has its objects elsewhere.
func (t savedTenant) creatable() bool {
	return slices.Contains([]string{"", "HOT", "COLD", "ACTIVE", "INACTIVE"}, t.Status)
}

// planTenants finds the tenants to create.
func (r *run) planTenants(i *item) error {
	if !i.wanted.MultiTenant || !r.options.Tenants {
		return nil
	}
	if i.saved.Tenants == nil {
		r.note("%s: its tenants are not in the backup", i.name())
		return nil
	}
	tenants, err := readTenants(i.saved.Tenants)
	if err != nil {
		return err
	}
	live := r.liveTenants(i)
	offloaded, example := 0, ""
	more := len(live)
	for _, tenant := range tenants {
		if _, found := live[tenant.Name]; found {
			more--
		}
	}
	if more > 0 {
		r.note("%s: the server has %d tenant(s) that are not in the backup, and they stay", i.name(), more)
	}
	for _, tenant := range tenants {
		switch status, found := live[tenant.Name]; {
		case found && !schema.SameTenantState(status, tenant.Status):
			r.note("%s: its tenant %s is %s on the server, %s in the backup, and stays so", i.name(), tenant.Name, status, tenant.Status)
		case found:
		case !tenant.creatable():
			offloaded++
			example = tenant.Name
		default:
			i.tenants = append(i.tenants, tenant.raw)
		}
	}
	if offloaded > 0 {
		r.problem(adviceTenants, "%s: %d of its tenants were offloaded when it was saved (%s is one), and none can be created so; restore-tenants: false leaves tenants out",
			i.name(), offloaded, example)
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
