package weaviate

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// Rights is what the key may do, as far as the server tells.
type Rights struct {
	// Known is false where the server did not tell: no own-info (before 1.29),
	// an anonymous caller, or a server that does not use roles. Reason says
	// which.
	Known  bool
	Reason string
	// User is the name behind the key.
	User        string
	permissions []permission
}

// permission is one of a role's (openapi-specs/schema.json, v1.39.0). The
// resource is under the key of its domain: collections, tenants, data, aliases.
type permission struct {
	Action      string    `json:"action"`
	Collections *resource `json:"collections"`
	Tenants     *resource `json:"tenants"`
	Data        *resource `json:"data"`
	Aliases     *resource `json:"aliases"`
}

// resource names what a permission is for. A part that is absent is "*", and so is all
// of it.
type resource struct {
	Collection string `json:"collection"`
	Tenant     string `json:"tenant"`
	Object     string `json:"object"`
	Alias      string `json:"alias"`
}

func (r *resource) everything() bool {
	return r == nil || isAll(r.Collection) && isAll(r.Tenant) && isAll(r.Object) && isAll(r.Alias)
}

// everythingOf says whether that is so of one collection.
func (r *resource) everythingOf(collection string) bool {
	if r == nil {
		return true
	}
	of := *r
	if schema.ValidatePattern(of.Collection) == nil && schema.Match(of.Collection, collection) {
		of.Collection = "*"
	}
	return of.everything()
}

func isAll(part string) bool { return part == "" || part == "*" }

// ReadsAll says whether the key may do action on everything: read_collections,
// read_tenants, read_data, read_aliases or read_cluster. Permissions for a part (a name or a
// pattern) do not count. It means nothing unless r.Known.
func (r Rights) ReadsAll(action string) bool {
	for _, p := range r.permissions {
		if p.Action == action && p.everywhere() {
			return true
		}
	}
	return false
}

// everywhere says whether the permission is for all that its action can be done to;
// false for an action that [Rights.ReadsAll] does not speak of.
func (p permission) everywhere() bool {
	switch p.Action {
	case "read_collections":
		return p.Collections.everything()
	case "read_tenants":
		return p.Tenants.everything()
	case "read_data":
		return p.Data.everything()
	case "read_aliases":
		return p.Aliases.everything()
	case "read_cluster":
		return true // there is one
	default:
		return false
	}
}

// SeesTenants says whether the server shows the key every tenant of the collection: it
// leaves out others without a word (1.28 to 1.39.0). readsAll is what
// [Client.CanReadAll] says, version the server's: 1.28 has roles and does not tell them
// yet, so that a key which may read every collection may be without their tenants.
func (r Rights) SeesTenants(collection string, readsAll bool, version string) bool {
	if !r.Known {
		return readsAll && !strings.HasPrefix(version, "1.28.")
	}
	for _, p := range r.permissions {
		if p.Action == "read_tenants" && p.Tenants.everythingOf(collection) {
			return true
		}
	}
	return false
}

// SeesAliases says whether the server shows the key every alias, as SeesTenants does;
// aliases are younger than roles that a server tells.
func (r Rights) SeesAliases(readsAll bool) bool {
	if !r.Known {
		return readsAll
	}
	return r.ReadsAll("read_aliases")
}

// May says whether the key may do action on the collection, and on what belongs
// to it: create_collections, update_tenants, create_aliases and the like. It is
// false only where that is certain; it means nothing unless r.Known.
func (r Rights) May(action, collection string) bool {
	for _, p := range r.permissions {
		if p.Action != action {
			continue
		}
		for _, on := range []*resource{p.Collections, p.Tenants, p.Aliases, p.Data} {
			// A pattern that this program can't read may stand for anything.
			if on != nil && on.Collection != "" && (schema.ValidatePattern(on.Collection) != nil || schema.Match(on.Collection, collection)) {
				return true
			}
		}
	}
	return false
}

// Rights reads GET /v1/users/own-info (1.29 and later).
func (c *Client) Rights(ctx context.Context) (Rights, error) {
	var answer struct {
		Username string `json:"username"`
		Roles    []struct {
			Permissions []permission `json:"permissions"`
		} `json:"roles"`
	}
	_, err := c.do(ctx, call{
		method: http.MethodGet,
		path:   "/v1/users/own-info",
		small:  true,
		check: func(body []byte) error {
			if err := decode(body, &answer); err != nil {
				return err
			}
			if answer.Username == "" {
				return errors.New(`no "username" in it`)
			}
			return nil
		},
	})
	switch {
	case isPathUnknown(err):
		return Rights{Reason: "this server does not tell what a key may read (before 1.29)"}, nil
	case errors.Is(err, ErrUnauthorized) && !c.hasCredentials():
		// Also where anonymous access is on (1.39.0).
		return Rights{Reason: "the server does not tell an anonymous caller what it may read"}, nil
	case err != nil:
		return Rights{}, err
	case len(answer.Roles) == 0:
		// A server without roles and a user without roles look alike here
		// (adapters/handlers/rest/handlers_authn.go, v1.39.0).
		return Rights{User: answer.Username, Reason: "the server names no roles of this key"}, nil
	}
	rights := Rights{Known: true, User: answer.Username}
	for _, role := range answer.Roles {
		rights.permissions = append(rights.permissions, role.Permissions...)
	}
	return rights, nil
}

func (c *Client) hasCredentials() bool {
	return c.options.APIKey != "" || c.tokens != nil || c.options.Headers.Get("Authorization") != ""
}
