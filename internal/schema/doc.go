// Package schema understands the JSON of a Weaviate collection as far as a
// backup needs, and keeps it as it came.
//
// The main call is [Split]: it cuts the answer of GET /v1/schema into one
// [Collection] each, whose Raw bytes are a slice of the answer, untouched.
// What is understood of a collection (its name, vectors, references, whether
// it is multi-tenant) is read beside the bytes, never instead of them, so keys
// that this package has never heard of survive.
//
// [Collection.Digest] names the definition: two reads of the same collection
// have the same digest whatever the order of keys and properties, and
// whichever node answered. [Collection.Canonical] says what that form is.
//
// Selection of collections by name lives here too: [ValidatePattern],
// [Match] and [Near].
//
// The package is pure: no files, no network, no clock. Facts about the server
// name the version they were seen on; source paths are relative to the module
// github.com/weaviate/weaviate.
//
// Where to read on:
//
//	split.go, collection.go  the server's answer, one Collection after the other
//	scan.go                  a walk over JSON that is known to be good
//	canonical.go             the form whose digest names a definition
//	compare.go, path.go      differences, and the paths that name their places
//	change.go, rules.go      what each difference takes, by the table of Rules
//	expected.go              the table of Leniencies: where a server may show another value
//	features.go, version.go  the table of Features, and which server has them
//	definition.go            a definition on its way to another server or name
//	order.go, stub.go        in which order collections can be created, and what stands in for one
//	modules.go, tenant.go    what a definition asks of a server; states of tenants
//	names.go, selection.go   valid names, globs, likely misspellings
//	locate.go                the line of a path in a file
package schema
