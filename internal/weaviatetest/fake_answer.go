package weaviatetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// answer is what an honest server of version 1.39 says. Status codes and bodies
// are those of a real one; the conformance test compares them.
func (f *Fake) answer(w http.ResponseWriter, r *http.Request, c FakeConfig, body []byte) {
	path, ok := strings.CutPrefix(r.URL.Path, c.BasePath)
	if !ok {
		notFound(w, r.URL.Path)
		return
	}
	if issuer, ok := strings.CutPrefix(path, "/issuer"); ok && c.OIDC != nil {
		f.issue(w, r, c, issuer, body)
		return
	}
	switch path {
	case "/v1/.well-known/ready", "/v1/.well-known/live":
		w.WriteHeader(http.StatusOK)
		return
	}
	if !c.letsIn(w, r, path) {
		return
	}
	switch {
	case path == "/v1/graphql" && r.Method == http.MethodPost:
		f.graphQL(w, r, c, body)
	case path == "/v1/graphql":
		notAllowed(w, r.Method, http.MethodPost)
	case r.Method != http.MethodGet:
		f.complain("%s %s: only GET is known, and POST /v1/graphql", r.Method, path)
		notAllowed(w, r.Method, http.MethodGet)
	default:
		f.read(w, r, c, path)
	}
}

// LoneNode is the answer to GET /v1/cluster/statistics of a node that is a cluster
// by itself, as long as it was not started again (1.39.0).
const LoneNode = `{"statistics":[{"bootstrapped":true,"candidates":{},"dbLoaded":true,"isVoter":true,` +
	`"leaderAddress":"127.0.0.1:8300","leaderId":"node1","name":"node1","open":true,` +
	`"raft":{"appliedIndex":"14","commitIndex":"14","fsmPending":"0","lastContact":"0","lastLogIndex":"14","lastLogTerm":"2",` +
	`"lastSnapshotIndex":"0","lastSnapshotTerm":"0","latestConfiguration":[{"address":"127.0.0.1:8300","id":"node1","suffrage":0}],` +
	`"latestConfigurationIndex":"0","numPeers":"0","protocolVersion":"3","protocolVersionMax":"3","protocolVersionMin":"0",` +
	`"snapshotVersionMax":"1","snapshotVersionMin":"0","state":"Leader","term":"2"},"ready":true,"status":"HEALTHY"}],"synchronized":true}` + "\n"

// read answers the GET routes behind the door.
func (f *Fake) read(w http.ResponseWriter, r *http.Request, c FakeConfig, path string) {
	switch path {
	case "/v1/meta":
		writeJSON(w, map[string]any{
			"grpcMaxMessageSize": 104858000, "hostname": "http://" + r.Host, "version": c.Version,
			"modules": map[string]any{"text2vec-openai": map[string]string{
				"name": "OpenAI Module", "documentationHref": "https://platform.openai.com/docs/guides/embeddings/what-are-embeddings",
			}},
		})
	case "/v1/schema":
		classes := c.Classes
		if classes == nil {
			classes = []json.RawMessage{}
		}
		writeJSON(w, map[string]any{"classes": classes})
	case "/v1/aliases":
		c.aliases(w, r)
	case "/v1/cluster/statistics":
		if !c.Alone {
			notFound(w, path)
			return
		}
		writeJSON(w, json.RawMessage(LoneNode))
	case "/v1/users/own-info":
		if len(c.OwnInfo) == 0 {
			notFound(w, path)
			return
		}
		writeJSON(w, c.OwnInfo)
	case "/v1/.well-known/openid-configuration":
		if c.OIDC == nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		writeJSON(w, map[string]any{
			"href":     c.issuerURL(r) + "/.well-known/openid-configuration",
			"clientId": c.OIDC.ClientID, "scopes": c.OIDC.Scopes,
		})
	default:
		c.collection(w, path)
	}
}

// collection answers /v1/schema/{class} and /v1/schema/{class}/tenants.
func (c FakeConfig) collection(w http.ResponseWriter, path string) {
	rest, ok := strings.CutPrefix(path, "/v1/schema/")
	name, tail, deeper := strings.Cut(rest, "/")
	if !ok || name == "" || (deeper && tail != "tenants") {
		notFound(w, path)
		return
	}
	class, raw, found := c.class(name)
	switch {
	case !deeper && !found:
		w.WriteHeader(http.StatusNotFound) // with no body, unlike an unknown path
	case !deeper:
		writeJSON(w, raw)
	case !found:
		refuse(w, "failed to execute query: could not get tenants: could not get tenants: class not found")
	case !class.MultiTenancyConfig.Enabled:
		refuse(w, fmt.Sprintf("failed to execute query: could not get tenants: could not get tenants: "+
			"multi-tenancy is not enabled for class %q", class.Class))
	default:
		tenants := c.Tenants[class.Class]
		if tenants == nil {
			tenants = []Tenant{}
		}
		writeJSON(w, tenants)
	}
}

func (c FakeConfig) aliases(w http.ResponseWriter, r *http.Request) {
	if c.Aliases == nil {
		notFound(w, r.URL.Path)
		return
	}
	list := []map[string]string{}
	for _, alias := range slices.Sorted(maps.Keys(c.Aliases)) {
		class := c.Aliases[alias]
		if asked := r.URL.Query().Get("class"); asked == "" || asked == class {
			list = append(list, map[string]string{"alias": alias, "class": class})
		}
	}
	writeJSON(w, map[string]any{"aliases": list})
}

// letsIn checks the key, and answers 401 where it does not fit.
func (c FakeConfig) letsIn(w http.ResponseWriter, r *http.Request, path string) bool {
	token, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	// Asked without a key, the way to get one is shown to anybody.
	if path == "/v1/.well-known/openid-configuration" && !given {
		return true
	}
	switch {
	case c.APIKey == "" && c.OIDC == nil:
		return true
	case given && c.APIKey != "" && token == c.APIKey:
		return true
	case given && c.OIDC != nil && token == c.OIDC.Token:
		return true
	case given:
		sendJSON(w, http.StatusUnauthorized, map[string]any{"code": 401, "message": "unauthorized: invalid api key"})
	default:
		sendJSON(w, http.StatusUnauthorized, map[string]any{
			"code":    401,
			"message": "anonymous access not enabled. Please authenticate through one of the available methods: [API-keys]",
		})
	}
	return false
}

// issuerURL is where the fake's own token issuer lives.
func (c FakeConfig) issuerURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + c.BasePath + "/issuer"
}

// issue is a token issuer for client credentials (RFC 6749, section 4.4), with
// the discovery document that points to it.
func (f *Fake) issue(w http.ResponseWriter, r *http.Request, c FakeConfig, path string, body []byte) {
	switch path {
	case "/.well-known/openid-configuration":
		issuer := c.issuerURL(r)
		writeJSON(w, map[string]any{
			"issuer": issuer, "token_endpoint": issuer + "/token",
			"grant_types_supported": []string{"client_credentials"},
		})
	case "/token":
		f.token(w, r, c, body)
	default:
		f.complain("%s %s: the issuer has no such page", r.Method, path)
		w.WriteHeader(http.StatusNotFound)
	}
}

func (f *Fake) token(w http.ResponseWriter, r *http.Request, c FakeConfig, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("grant_type") != "client_credentials" {
		f.complain("%s /issuer/token: no client_credentials request: %s", r.Method, body)
		sendJSON(w, http.StatusBadRequest, map[string]any{"error": "unsupported_grant_type"})
		return
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if id != c.OIDC.ClientID || secret != c.OIDC.ClientSecret {
		sendJSON(w, http.StatusUnauthorized, map[string]any{
			"error": "invalid_client", "error_description": "Invalid client or Invalid client credentials",
		})
		return
	}
	answer := map[string]any{"access_token": c.OIDC.Token, "token_type": "Bearer", "scope": form.Get("scope")}
	if c.OIDC.ExpiresIn > 0 {
		answer["expires_in"] = c.OIDC.ExpiresIn
	}
	writeJSON(w, answer)
}

func notFound(w http.ResponseWriter, path string) {
	sendJSON(w, http.StatusNotFound, map[string]any{"code": 404, "message": fmt.Sprintf("path %s was not found", path)})
}

func notAllowed(w http.ResponseWriter, method, allowed string) {
	w.Header().Set("Allow", allowed)
	sendJSON(w, http.StatusMethodNotAllowed, map[string]any{
		"code": 405, "message": fmt.Sprintf("method %s is not allowed, but [%s] are", method, allowed),
	})
}

func refuse(w http.ResponseWriter, message string) {
	sendJSON(w, http.StatusUnprocessableEntity, map[string]any{"error": []map[string]string{{"message": message}}})
}

func writeJSON(w http.ResponseWriter, value any) { sendJSON(w, http.StatusOK, value) }

// sendJSON sends JSON with a status, ended by a newline as Weaviate does.
func sendJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return // the client has gone
	}
}
