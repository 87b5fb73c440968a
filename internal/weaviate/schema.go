package weaviate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sort"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// Schema reads all collections that the key may read, in one call that asks the
// cluster's leader, and sorts them by name. A key without the permission to
// read a collection does not get an error but a schema without it (1.28 and
// later): ask [Client.Rights] what a schema is worth.
func (c *Client) Schema(ctx context.Context) ([]schema.Collection, error) {
	return c.schema(ctx, call{header: http.Header{"Consistency": {"true"}}})
}

// schema is Schema by the given call.
func (c *Client) schema(ctx context.Context, call call) ([]schema.Collection, error) {
	var collections []schema.Collection
	call.method, call.path = http.MethodGet, "/v1/schema"
	call.check = func(body []byte) error {
		var err error
		collections, err = schema.Split(body)
		return err
	}
	_, err := c.do(ctx, call)
	return collections, err
}

// CanReadAll says whether a schema would be whole. Where the rights are not known it
// asks: whether the key may read a collection that nobody named in a permission.
// Weaviate answers a read of an absent collection with 404 to those who might read
// it, and with 403 to others (1.28 to 1.39.0). A pattern may fit that name and not
// others, so what the server tells of the rights comes first.
func (c *Client) CanReadAll(ctx context.Context, rights Rights) (bool, error) {
	if rights.Known {
		return rights.ReadsAll("read_collections"), nil
	}
	const nobodys = "/v1/schema/WeaviateBackupActionReadsAll"
	_, err := c.do(ctx, call{
		method: http.MethodGet,
		path:   nobodys,
		check: func(body []byte) error { // of one that somebody has created all the same
			_, err := schema.Parse(body)
			return err
		},
	})
	switch {
	case err == nil || errors.Is(err, ErrNotFound):
		return true, nil
	case errors.Is(err, ErrForbidden):
		return false, nil
	default:
		return false, err
	}
}

// Tenant is one tenant of a collection.
type Tenant struct {
	Name string
	// Status is the server's word: HOT, COLD or FROZEN, also where a client
	// said ACTIVE, INACTIVE or OFFLOADED (1.27.0 to 1.39.0).
	Status string
	// Raw is the tenant as the server sent it.
	Raw jsontext.Value
}

// Active says whether the tenant's objects can be counted without waking it.
func (t Tenant) Active() bool { return t.Status == "HOT" || t.Status == "ACTIVE" }

// Tenants reads the tenants of a multi-tenant collection, sorted by name. Those
// that the key may not read are left out by the server, without an error.
func (c *Client) Tenants(ctx context.Context, collection string) ([]Tenant, error) {
	var tenants []Tenant
	_, err := c.do(ctx, call{
		method: http.MethodGet,
		path:   "/v1/schema/" + url.PathEscape(collection) + "/tenants",
		header: http.Header{"Consistency": {"true"}},
		check: func(body []byte) error {
			var raw []jsontext.Value
			if err := decode(body, &raw); err != nil {
				return err
			}
			if raw == nil {
				return errors.New("a null where an array is expected")
			}
			tenants = make([]Tenant, 0, len(raw))
			seen := make(map[string]bool, len(raw))
			for _, value := range raw {
				var tenant struct {
					Name   string `json:"name"`
					Status string `json:"activityStatus"`
				}
				if err := decode(value, &tenant); err != nil {
					return err
				}
				if tenant.Name == "" {
					return errors.New("a tenant without a name")
				}
				if seen[tenant.Name] {
					return fmt.Errorf("the tenant %q stands twice in it", tenant.Name)
				}
				seen[tenant.Name] = true
				tenants = append(tenants, Tenant{Name: tenant.Name, Status: tenant.Status, Raw: value})
			}
			return nil
		},
	})
	sort.Slice(tenants, func(i, j int) bool { return tenants[i].Name < tenants[j].Name }) // without a copy of the algorithm for the type, 13 KB
	return tenants, err
}

// ErrNoAliases is a server that has no aliases at all: before 1.32.
var ErrNoAliases = errors.New("the server has no aliases")

// Aliases reads the collections by their aliases. Those that the key may not
// read are left out by the server, without an error.
func (c *Client) Aliases(ctx context.Context) (map[string]string, error) {
	var aliases map[string]string
	_, err := c.do(ctx, call{
		method: http.MethodGet,
		path:   "/v1/aliases",
		check: func(body []byte) error {
			var answer struct {
				Aliases []struct {
					Alias string `json:"alias"`
					Class string `json:"class"`
				} `json:"aliases"`
			}
			if err := decode(body, &answer); err != nil {
				return err
			}
			if answer.Aliases == nil {
				return errors.New(`no "aliases" in it`)
			}
			aliases = make(map[string]string, len(answer.Aliases))
			for _, a := range answer.Aliases {
				if a.Alias == "" || a.Class == "" {
					return errors.New("an alias without a name or a collection")
				}
				if _, twice := aliases[a.Alias]; twice {
					return fmt.Errorf("the alias %q stands twice in it", a.Alias)
				}
				aliases[a.Alias] = a.Class
			}
			return nil
		},
	})
	if isPathUnknown(err) {
		return nil, fmt.Errorf("%w: %w", ErrNoAliases, err)
	}
	return aliases, err
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// decode reads a JSON body into value. Unlike encoding/json alone it refuses keys
// that stand twice and bad UTF-8; a body that is empty or cut short is an
// io.ErrUnexpectedEOF, which the policy tries again.
func decode(body []byte, value any) error {
	if err := schema.Validate(body); err != nil {
		return err
	}
	err := json.Unmarshal(body, value)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s: a JSON %s is not what is expected there", cmp.Or(wrong.Field, "all of it"), wrong.Value)
	}
	return err
}
