package weaviatetest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// RootUser is the name of the user whose key RBACEnv makes the root key.
const RootUser = "root-user"

// Permission is one permission of a role as Weaviate's REST API spells it, such
// as {"action": "read_collections", "collections": {"collection": "*"}}.
type Permission map[string]any

// ReadCollections lets a role read the schema of the collections that match
// pattern, which is an exact name or "*".
func ReadCollections(pattern string) Permission {
	return Permission{"action": "read_collections", "collections": map[string]string{"collection": pattern}}
}

// ReadData lets a role count and read the objects of the collections that match
// pattern, in all their tenants.
func ReadData(pattern string) Permission {
	return Permission{"action": "read_data", "data": map[string]string{"collection": pattern, "tenant": "*", "object": "*"}}
}

// ReadTenants lets a role list the tenants of the collections that match pattern.
func ReadTenants(pattern string) Permission {
	return Permission{"action": "read_tenants", "tenants": map[string]string{"collection": pattern, "tenant": "*"}}
}

// ReadTenant lets a role list one tenant.
func ReadTenant(collection, tenant string) Permission {
	return Permission{"action": "read_tenants", "tenants": map[string]string{"collection": collection, "tenant": tenant}}
}

// ReadAliases lets a role list the aliases of the collections that match pattern.
func ReadAliases(pattern string) Permission {
	return Permission{"action": "read_aliases", "aliases": map[string]string{"collection": pattern, "alias": "*"}}
}

// RBACEnv is the environment of a server that lets nobody in without a key:
// rootKey may do everything, and keys maps user names to their keys, which may
// do nothing until GrantRole. Give rootKey as Options.APIKey too.
func RBACEnv(rootKey string, keys map[string]string) map[string]string {
	users, secrets := []string{RootUser}, []string{rootKey}
	for _, user := range slices.Sorted(maps.Keys(keys)) {
		users, secrets = append(users, user), append(secrets, keys[user])
	}
	return map[string]string{
		"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
		"AUTHENTICATION_APIKEY_ENABLED":           "true",
		"AUTHENTICATION_APIKEY_ALLOWED_KEYS":      strings.Join(secrets, ","),
		"AUTHENTICATION_APIKEY_USERS":             strings.Join(users, ","),
		"AUTHORIZATION_RBAC_ENABLED":              "true",
		"AUTHORIZATION_RBAC_ROOT_USERS":           RootUser,
	}
}

// GrantRole creates a role with the permissions and gives it to a user of
// RBACEnv. The server must have been started with the root key as APIKey.
func (s *Server) GrantRole(tb testing.TB, user, role string, permissions ...Permission) {
	tb.Helper()
	s.MustRequest(tb, http.MethodPost, "/v1/authz/roles",
		map[string]any{"name": role, "permissions": permissions})
	s.MustRequest(tb, http.MethodPost, "/v1/authz/users/"+user+"/assign",
		map[string]any{"roles": []string{role}, "userType": "db"})
}
