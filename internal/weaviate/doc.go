// Package weaviate speaks to a Weaviate server over REST, so that an answer is
// either whole or an error.
//
// [New] makes a [Client]; its methods are the reads that a backup needs:
// [Client.WaitReady], [Client.Meta], [Client.Schema], [Client.Tenants],
// [Client.Aliases], [Client.Rights] and [Client.Counts]; and the writes of a
// restore, from [Client.CreateCollection] to [Client.DeleteAlias]. A write whose
// answer was lost is settled by reading, not by repeating it blindly.
//
// What every call promises:
//
//   - It tries again where another try can help, by the table in retry.go, and
//     never otherwise. Waits grow exponentially with full jitter, and obey
//     Retry-After up to a limit.
//   - A body that is empty, cut short, too large or not JSON is an error, also
//     behind a status of 200: Weaviate 1.39.0 answers a panic with 200 and an
//     empty body.
//   - An error is an [*APIError]: what was asked, how often, the status, the
//     server's own words. It never holds a secret, because only the URL without
//     credentials goes into it. [Hint] has advice on some.
//
// The package knows nothing of files. It is safe for concurrent use. Facts
// about servers name the version they were seen on; source paths are relative
// to the module github.com/weaviate/weaviate.
//
// Where to read on:
//
//	client.go               New, and the limits of an answer
//	request.go, retry.go    one call: attempts, the table of what is tried again
//	transport.go, oidc.go   TLS and proxies; tokens of an OpenID Connect provider
//	ready.go, steady.go     waiting for a server that starts; answers that are not of the past
//	schema.go, count.go     the reads; exact object counts
//	local.go                the schema as a node that is alone has it
//	rights.go               what the key may read
//	write.go                the writes, and what became of one whose answer was lost
//	errors.go, hint.go      APIError and its kinds; the table of advice
package weaviate
