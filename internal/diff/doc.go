// Package diff compares two schemas and says of each difference what it takes to
// bring it about: nothing, a change in place, an addition, or a new collection.
//
// A [Side] is one of the two: what a live server has ([ReadLive]), or the files of
// a [Backup]. [Compare] is pure; it judges by the tables of internal/schema,
// which hold Weaviate's own rules for each version.
//
// What does not count as a difference: the order of keys and properties, what a
// server computes itself, and what a newer server shows by default.
//
// Where to read on:
//
//	diff.go     Compare
//	saved.go    the files of a backup as a Side
//	live.go     a server as a Side, and whether its key could see everything
//	tenants.go  tenants and aliases, which a side may not know
//	renames.go  which new property may be an old one under another name
package diff
