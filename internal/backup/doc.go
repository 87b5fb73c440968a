// Package backup saves the schema of a server's collections to snapshot files.
//
// The main call is [Run], in backup.go. It
//
//  1. asks what the key may read, because Weaviate leaves out of a schema what
//     a key may not read and says nothing (rights.go);
//  2. reads the schema in one call and selects collections (selection.go);
//  3. reads tenants, aliases and exact object counts (read.go);
//  4. compares with the newest whole run that is there (earlier.go);
//  5. writes one snapshot per collection, then the manifest (write.go), or, on a
//     dry run, nothing. Stable names replace those of the earlier run (stable.go,
//     and removed.go for what it had more).
//
// What it promises: an error means that nothing is left of the run, but for a
// *files.ReplaceError, which says what is. No error means that every selected
// collection is in a file that was read back and compared. What the files leave
// out is in the result, in the manifest, and in words. An object count is exact or
// unknown, with its reason; a tenant is never woken to be counted.
//
// What it does not: collections that are created or changed while it runs may be
// in the files as they were before or after, since Weaviate has no snapshot of
// its schema; each single definition is consistent.
package backup
