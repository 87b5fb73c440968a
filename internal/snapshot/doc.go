// Package snapshot is the file format: the snapshot of one collection, and the
// manifest that lists what one run wrote.
//
// A [Snapshot] is written by [Snapshot.Encode] and read by [Decode]. Its schema
// is the server's JSON, re-indented and otherwise as it came: unknown keys, the
// order of keys and the spelling of numbers and strings survive. A [Manifest]
// carries a checksum over itself, and the size and checksum of every file of
// its run, so a run is proven whole without any server.
//
// Compatibility: files of version 1.0 are read for ever. The three keys
// metadata, schema and objects, with version, timestamp, collection and type in
// the metadata, are the format that elysiactl wrote; everything else is an
// addition that readers do without and must ignore where they do not know it.
// snapshot.schema.json and manifest.schema.json describe both files for other
// programs.
//
// A stable file, of a folder that is committed to git, has no timestamp, and
// nothing else that changes from run to run: see stable.go.
//
// The package is pure: it reads and writes bytes, and knows nothing of folders
// or servers. It does not say whether a file is the right one: that is what
// checksums in the manifest are for.
//
// Where to read on:
//
//	snapshot.go  the snapshot of a collection
//	manifest.go  the manifest of a run
//	file.go      a snapshot and its file
//	stable.go    both without what changes from run to run
//	name.go      names of the files
//	shape.go     both against their JSON Schemas, every problem at once
package snapshot
