package config

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

const urlExample = "for example http://weaviate:8080"

// url reads the server's address. It gives nil when there is none, which verify
// can do without, and when diff has no use for it.
func (r *reader) url(command string) *url.URL {
	text := r.text(idURL)
	if text == "" && command == CommandVerify {
		r.checkNoServer()
		return nil
	}
	switch {
	case command == CommandDiff && !r.comparesServer():
		return nil
	case text == "":
		r.problem(idURL, "is required: give the input weaviate-url, the flag --weaviate-url or the environment variable "+
			"WEAVIATE_URL (a secret is empty in a pull request from a fork)")
		return nil
	}
	return r.address(idURL, "api-key, headers or the OIDC inputs")
}

// checkNoServer tells of what lets someone in, and has no server: a variable of the job
// that is not set would leave the files alone to be checked. What all steps of a job get
// from the environment may be there for others.
func (r *reader) checkNoServer() {
	for _, id := range []string{idAPIKey, idHeaders, idOIDCClientID, idClientCertificate} {
		if given := r.values[id]; r.text(id) != "" && (given.from == "" || given.from == "--"+id) {
			r.problem(idURL, "is empty, and "+id+" is given: verify would not ask a server; give both, or neither")
			return
		}
	}
}

// address reads the address of a server. What it shows of a bad one has no query,
// and is nothing at all when there may be credentials in it, which belong into
// the inputs named.
func (r *reader) address(id, credentials string) *url.URL {
	text := r.text(id)
	if strings.Contains(text, "@") {
		r.problemWith(id, "", "has an @, so it may hold credentials (not shown); give them by "+credentials+" "+
			"(an @ of the path is written %40)")
		return nil
	}
	u, complaint := parseURL(text)
	if complaint != "" {
		shown := text
		if i := strings.IndexAny(text, "?#"); i >= 0 {
			shown = text[:i+1] + "…"
		}
		r.problemWith(id, shown, complaint)
		return nil
	}
	return u
}

// parseURL gives the address without a slash at its end, or says what is wrong
// with it.
func parseURL(text string) (u *url.URL, complaint string) {
	if !strings.Contains(text, "://") {
		hint := urlExample
		guess, err := url.Parse("http://" + text)
		if err == nil && plainHost(guess.Hostname()) && !strings.ContainsAny(text, "?#") {
			hint = "did you mean http://" + text + "?"
		}
		return nil, "has no scheme; allowed: a URL that starts with http:// or https://, " + hint
	}
	u, err := url.Parse(text)
	var bad *url.Error
	switch {
	case errors.As(err, &bad) && strings.ContainsAny(text, "?#"):
		return nil, "is not a URL, " + urlExample // the cause may show the query
	case errors.As(err, &bad):
		return nil, "is not a URL (" + bad.Err.Error() + "), " + urlExample
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, "has the wrong scheme; allowed: http and https, " + urlExample
	case strings.ContainsAny(text, "?#"):
		return nil, "has a query or a fragment; allowed: scheme, host, port and base path, " + urlExample
	case u.Hostname() == "":
		return nil, "has no host, " + urlExample
	case !plainHost(u.Hostname()):
		return nil, "has a host that is neither a name nor an IP address, " + urlExample
	case strings.HasSuffix(u.Host, ":") || u.Port() != "" && !validPort(u.Port()):
		return nil, "has a bad port; allowed: 1 to 65535, " + urlExample
	}
	path := strings.TrimRight(u.Path, "/")
	if path == "/v1" {
		return nil, "ends in /v1, which is added to it; give the address without, " + urlExample
	}
	clean := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}
	if raw := strings.TrimRight(u.EscapedPath(), "/"); raw != clean.EscapedPath() {
		clean.RawPath = raw
	}
	return clean, ""
}

// plainHost says whether the host is an IP address or can be a name: letters
// of any script, digits, hyphens, dots, and the underscores of container names.
func plainHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host != "" && !strings.ContainsFunc(host, func(c rune) bool {
		return c != '-' && c != '.' && c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}
