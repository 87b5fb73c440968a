package weaviate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// Place is where the program runs, as far as it changes the advice.
type Place struct {
	// GitHub is a step of a GitHub workflow.
	GitHub bool
	// Fork is a run for a pull request from a fork, which gets no secrets.
	Fork bool
	// NoCredentials says that neither a key nor another credential was given.
	NoCredentials bool
	// OIDC says that the credentials are those of an OpenID Connect client.
	OIDC bool
	// Role are the permissions that the command needs, as text.
	Role string
	// Server is the URL that was given. Second says that it is that of against-url,
	// which has a key of its own and no other credentials.
	Server *url.URL
	Second bool
}

// Hint is what someone can do about the error, in one or two sentences; empty
// where nothing better is known than the error itself.
func Hint(err error, place Place) string {
	for _, advice := range hints {
		if advice.when(err, place) {
			address := "weaviate-url"
			if place.Second {
				address = "against-url"
			}
			return strings.NewReplacer("{role}", place.Role, "{url}", address).Replace(advice.text)
		}
	}
	return ""
}

// hints is read from the top; the first that fits is given. {role} stands for
// Place.Role, {url} for the input with the server's address.
var hints = []struct {
	when func(err error, place Place) bool
	text string
}{
	{
		func(err error, _ Place) bool { return isProxy(err) },
		"The proxy that HTTP_PROXY or HTTPS_PROXY names can't be reached. NO_PROXY lists the hosts that need none.",
	},
	{
		func(err error, _ Place) bool { return isTokenRefused(err) },
		"It is the OpenID Connect provider that says so, and not the server. Check oidc-client-id and oidc-client-secret, and that " +
			"the provider lets this client use the client credentials grant.",
	},
	{
		func(err error, _ Place) bool {
			return isErrorOf[*providerError](err) && !isErrorOf[*tls.CertificateVerificationError](err)
		},
		"The server names this OpenID Connect provider, by its AUTHENTICATION_OIDC_ISSUER. It must be reachable from here too.",
	},
	{
		func(err error, p Place) bool {
			return errors.Is(err, syscall.ECONNREFUSED) && p.GitHub && isLoopback(p.Server)
		},
		"localhost inside a container action is the action's own container. A service container is reached by its name, " +
			"such as http://weaviate:8080; a server on the runner's host by http://172.17.0.1:8080.",
	},
	{
		func(err error, _ Place) bool { return errors.Is(err, syscall.ECONNREFUSED) },
		"Nothing listens there. Check the port, and that the server is running; wait-for-ready gives it longer to start.",
	},
	{
		func(err error, _ Place) bool { return isUnknownHost(err) },
		"Check the host name in {url}. A service container is known by its name only to jobs that list it under services, " +
			"and a private host only to runners in its network.",
	},
	{
		func(err error, _ Place) bool {
			return isErrorOf[x509.HostnameError](err) && !isErrorOf[*providerError](err)
		},
		"No CA certificate helps here: use the name that the certificate is for in {url}.",
	},
	{
		func(err error, _ Place) bool { return isErrorOf[x509.CertificateInvalidError](err) },
		"A certificate is not valid now, or not for this use: that of the server, or of the CA that was given as ca-certificate.",
	},
	{
		func(err error, _ Place) bool { return isErrorOf[*tls.CertificateVerificationError](err) },
		"If the server's certificate is signed by a CA of your own, give that CA's certificate as ca-certificate. " +
			"The check can't be turned off.",
	},
	{
		func(err error, _ Place) bool { return isTLSAlert(err) },
		"The server refused the TLS connection. If it asks for a client certificate, give a valid one as client-certificate and client-key.",
	},
	{
		func(err error, _ Place) bool { return errors.Is(err, http.ErrSchemeMismatch) },
		"The server speaks plain HTTP on this port: use http:// in {url}, or the port that speaks TLS.",
	},
	{
		func(err error, _ Place) bool { return isTLSAnswer(err) || isPlainToTLS(err) },
		"The server speaks TLS on this port: use https:// in {url}.",
	},
	{
		func(err error, _ Place) bool { return isHTTP2Answer(err) },
		"The server speaks gRPC on this port, by default 50051. Use that of its REST API in {url}, by default 8080.",
	},
	{
		func(err error, p Place) bool { return errors.Is(err, ErrUnauthorized) && p.Second },
		"against-api-key must be a key of the server of against-url; api-key and other credentials are not sent there.",
	},
	{
		func(err error, p Place) bool { return errors.Is(err, ErrUnauthorized) && p.NoCredentials && p.Fork },
		"Runs for pull requests from forks get no secrets, so api-key is empty. Run this step on push or on a schedule, " +
			"or guard it with if: github.event.pull_request.head.repo.full_name == github.repository.",
	},
	{
		func(err error, p Place) bool { return errors.Is(err, ErrUnauthorized) && p.NoCredentials },
		"No credentials were given, and the server wants some: set api-key (or WEAVIATE_API_KEY), oidc-client-id and " +
			"oidc-client-secret, or headers. An empty value often means that the secret of that name does not exist in this repository.",
	},
	{
		// What 1.39.0 says to any key, where it has no scheme to check it by.
		func(err error, _ Place) bool { return isMessage("no authentication scheme is configured")(err) },
		"The server takes no keys: leave api-key, the OIDC inputs and a header named Authorization out.",
	},
	{
		func(err error, p Place) bool { return errors.Is(err, ErrUnauthorized) && p.OIDC },
		"The server does not take this token. Its AUTHENTICATION_OIDC_ISSUER must be the provider that signed it, and its " +
			"AUTHENTICATION_OIDC_CLIENT_ID one that the token is for (aud).",
	},
	{
		func(err error, _ Place) bool { return errors.Is(err, ErrUnauthorized) },
		"The server does not know this key. Check that the secret holds the key of this server, without quotes or line breaks.",
	},
	{
		func(err error, _ Place) bool { return errors.Is(err, ErrForbidden) },
		"The key lacks a permission that the message above names. The least role for this command: {role}.",
	},
	{
		// As 1.39.0 says it; the code is a part of the message.
		func(err error, _ Place) bool { return isMessage("USAGE_LIMIT_EXCEEDED")(err) },
		"The server has a limit, and it is reached: raise it there, delete what nobody needs, or choose fewer collections.",
	},
	{
		func(err error, _ Place) bool { return isMessage("already exists")(err) },
		"Somebody else has created it meanwhile, perhaps another restore. Run this again when nobody else writes there.",
	},
	{
		func(err error, _ Place) bool { return errors.Is(err, errNoOIDC) },
		"Take the OIDC inputs out, or use api-key; or the path in {url} is not that of a Weaviate server.",
	},
	{
		func(err error, _ Place) bool { return errors.Is(err, ErrNoSuchPath) || errors.Is(err, ErrNotFound) },
		"Check the port and the path in {url}: the path must end where /v1 begins, and a Weaviate server must answer there.",
	},
	{
		func(err error, _ Place) bool { return errors.Is(err, errRedirect) },
		"Use the address that the redirect names, if it is yours, as {url}. Secrets are not sent to other hosts.",
	},
	{
		func(err error, _ Place) bool { return isErrorOf[*bodyError](err) && !judge(err).again },
		"It may be no Weaviate that answers there: check the host, the port and the path in {url}.",
	},
	{
		func(err error, _ Place) bool { return errors.Is(err, ErrNoLeader) },
		"The cluster has no leader: look at its nodes (GET /v1/nodes), and run again when most of them are up.",
	},
}

// LeastRole are the permissions that a backup with tenants, aliases and counts
// needs (tried on 1.39.0).
const LeastRole = "read_collections on *, read_tenants on * and tenant *, read_aliases on *, and for counts read_data on *"

// LeastVerifyRole are the permissions that verify needs for all collections, and
// LeastDiffRole those that diff does (tried on 1.39.0).
const (
	LeastVerifyRole = "read_collections on *"
	LeastDiffRole   = "read_collections on *; and to compare these too, read_tenants on * and tenant *, read_aliases on *"
)

// LeastRestoreRole are the permissions that a restore with tenants and aliases
// needs, and for its clean-up (usecases/schema, v1.39.0).
const LeastRestoreRole = "read_collections, create_collections, update_collections and delete_collections on *, read_tenants and create_tenants on * " +
	"and tenant *, read_aliases, create_aliases and delete_aliases on *, and read_data on * to make sure that what is removed again is empty"

// isTokenRefused recognises a provider that knows what it is asked, and says no.
func isTokenRefused(err error) bool {
	provider, ok := errors.AsType[*providerError](err)
	return ok && provider.token && provider.answered() && !isStatusFrom(http.StatusInternalServerError)(provider.err)
}

// isProxy recognises a connection to a proxy, which net/http gives an operation
// of its own (net/http/transport.go, Go 1.26).
func isProxy(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && operation.Op == "proxyconnect"
}

func isLoopback(server *url.URL) bool {
	if server == nil {
		return false
	}
	host := server.Hostname()
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

// isPlainToTLS recognises how Go's and nginx's servers answer plain HTTP on a
// TLS port: 400 with these words.
func isPlainToTLS(err error) bool {
	return isMessage("HTTP request to an HTTPS server")(err) || isMessage("plain HTTP request was sent to HTTPS port")(err)
}
