// Package verify proves that a backup's files are whole.
//
// [Run] looks at a snapshot, a manifest, or a folder, which stands for the
// manifest.json in it or, where there is none, for the newest manifest by its own
// timestamp. It changes nothing:
//
//  1. The manifest must hold what its checksum proves. Where it does not, nothing
//     in it can be relied on, and no file is measured by it.
//  2. Each file that it lists must be there with its size and SHA-256, be a
//     snapshot that obeys the format, and say the same as the manifest: name of
//     the collection, digest, counts, time, aliases.
//  3. No other file in the folder may carry the run's time stamp, or a stable name
//     where the run's files have such, unless another manifest lists it. Files of
//     other runs are no concern of this one.
//  4. Where there is a server, each definition must be the live one.
//
// What is wrong is a [Finding], and all of them are told; an error means that
// there was no way to tell. What nothing could prove, [Result] lists: a snapshot
// alone has no size, checksum or run to be measured by.
//
// A name in a manifest is text from a file: one that is not plainly a name in the
// same folder is a finding, and never opened.
//
// Where to read on:
//
//	verify.go  Run: what a path names, and the order of the checks
//	result.go  what a run found
//	check.go   a manifest and its files
//	beside.go  what else is in the folder
//	age.go     whether it is older than it may be
//	live.go    a server's definitions beside them
package verify
