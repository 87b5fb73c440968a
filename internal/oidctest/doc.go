// Package oidctest holds the program against a real OpenID provider and a real
// server: the provider of github.com/zitadel/oidc signs the tokens, and
// weaviate-server checks each of them by the provider's keys.
//
// It has tests only. provider_test.go is the provider: what it hands out, and how
// it may fail. oidc_test.go says what must come of a run then. No case waits for a
// token to expire: a provider that says of a token that it has only seconds to live
// is asked for another with each request.
package oidctest
