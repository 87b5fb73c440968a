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
// whichever node answered. [Canonical] says what that form is.
//
// Selection of collections by name lives here too: [ValidatePattern],
// [Match] and [Near].
//
// The package is pure: no files, no network, no clock. Facts about the server
// name the version they were seen on; source paths are relative to the module
// github.com/weaviate/weaviate.
package schema
