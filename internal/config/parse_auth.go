package config

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// apiKey reads a key, which has to fit into a header as it is.
func (r *reader) apiKey(id string) Secret {
	key := r.text(id)
	scheme, _, _ := strings.Cut(key, " ")
	switch {
	case strings.EqualFold(scheme, "bearer"):
		r.problem(id, "must be the key alone, without the word Bearer")
	case strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }):
		r.problem(id, "holds a blank, a line break or a character outside ASCII; allowed: the key alone")
	}
	return Secret(key)
}

// ownHeaders are those that no one else may set, with the reason.
func ownHeaders() map[string]string {
	const (
		connection = "belongs to the connection (RFC 9110, section 7.6.1)"
		program    = "is set by this program"
	)
	return map[string]string{
		"Connection":          connection,
		"Host":                "comes from weaviate-url",
		"Keep-Alive":          connection,
		"Proxy-Authenticate":  connection,
		"Proxy-Authorization": connection,
		"Proxy-Connection":    connection,
		"Te":                  connection,
		"Trailer":             connection,
		"Transfer-Encoding":   connection,
		"Upgrade":             connection,
		"Accept-Encoding":     program,
		"Content-Encoding":    program,
		"Content-Length":      program,
		"Content-Type":        program,
	}
}

// headers reads lines of "Name: value". A line is shown by its number only:
// when it is not what it should be, any part of it may be the secret.
func (r *reader) headers() []Header {
	var headers []Header
	own := ownHeaders()
	seen := make(map[string]int)
	for i, line := range strings.Split(r.text(idHeaders), "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		n := i + 1
		name, value, found := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		key := http.CanonicalHeaderKey(name)
		switch {
		case !found:
			r.problem(idHeaders, fmt.Sprintf("line %d has no colon; allowed: Name: value", n))
		case !isToken(name):
			r.problem(idHeaders, fmt.Sprintf("line %d has a bad name; allowed: letters, digits and !#$%%&'*+-.^_`|~", n))
		case own[key] != "":
			r.problem(idHeaders, fmt.Sprintf("line %d: %s %s and can't be given", n, key, own[key]))
		case seen[key] != 0:
			r.problem(idHeaders, fmt.Sprintf("line %d has the name of line %d; allowed: each name once", n, seen[key]))
		case value == "":
			r.problem(idHeaders, fmt.Sprintf("line %d has no value (a secret is empty in a pull request from a fork)", n))
		case strings.ContainsFunc(value, isControl):
			r.problem(idHeaders, fmt.Sprintf("line %d has a control character in its value", n))
		default:
			headers = append(headers, Header{Name: name, Value: Secret(value)})
		}
		if found && seen[key] == 0 {
			seen[key] = n
		}
	}
	return headers
}

// oidc reads the client credentials. It gives nil when none are asked for.
func (r *reader) oidc() *OIDC {
	id, secret := r.text(idOIDCClientID), r.text(idOIDCClientSecret)
	scopes := splitList(r.text(idOIDCScopes), func(c rune) bool { return c == ',' || c == ' ' || c == '\t' })
	for _, scope := range scopes {
		if strings.ContainsFunc(scope, func(c rune) bool { return c <= ' ' || c > '~' || c == '"' || c == '\\' }) {
			r.problemWith(idOIDCScopes, scope, `is not a scope; allowed: ASCII without ", \ and control characters (RFC 6749, section 3.3)`)
		}
	}
	issuer := r.issuer()
	switch {
	case id != "" && secret != "":
		return &OIDC{ClientID: id, ClientSecret: Secret(secret), Issuer: issuer, Scopes: scopes}
	case id != "":
		r.problem(idOIDCClientSecret, "is missing beside oidc-client-id (a secret is empty in a pull request from a fork)")
	case secret != "":
		r.problem(idOIDCClientID, "is missing beside oidc-client-secret")
	case issuer != "":
		r.problem(idOIDCIssuer, "needs oidc-client-id and oidc-client-secret too")
	case len(scopes) > 0:
		r.problem(idOIDCScopes, "needs oidc-client-id and oidc-client-secret too")
	}
	return nil
}

// issuer reads the address of the one issuer that is allowed.
func (r *reader) issuer() string {
	text := r.text(idOIDCIssuer)
	address, err := url.Parse(text)
	if err != nil || text != "" && (address.Scheme != "http" && address.Scheme != "https" || address.Host == "" || address.User != nil || strings.ContainsAny(text, "?#")) {
		r.problemWith(idOIDCIssuer, "", "is not an issuer (not shown); allowed: an http or https URL without credentials, query and fragment, such as https://login.example.com")
	}
	return text
}

// oneIdentity refuses two ways to log in at once, of which one would be ignored.
func (r *reader) oneIdentity(s Server) {
	oidc := r.text(idOIDCClientID) != "" || r.text(idOIDCClientSecret) != ""
	if s.APIKey != "" && oidc {
		r.problem(idAPIKey, "is given beside the OIDC inputs; give only one of the two")
	}
	for _, h := range s.Headers {
		if http.CanonicalHeaderKey(h.Name) == "Authorization" && (s.APIKey != "" || oidc) {
			r.problem(idHeaders, "has an Authorization beside api-key or the OIDC inputs; give only one of them")
		}
	}
}

// isToken says whether name may be that of a header (RFC 9110, 5.6.2).
func isToken(name string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(marks, r)
	})
}

// isControl says whether r may not be in the value of a header (RFC 9110, 5.5).
func isControl(r rune) bool { return (r < ' ' && r != '\t') || r == 0x7f }
