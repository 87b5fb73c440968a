// Package restore creates collections again from the snapshots of a backup, and
// proves that they are what was saved.
//
// [Run] goes like this:
//
//	choose the collections of the backup, and their names on the server
//	read the server: version, modules, nodes, rights, schema, aliases, tenants
//	plan: for each collection create, skip or update; every problem at once
//	if there is a problem, or this is a dry run: stop, nothing was written
//	for each step of the order: create a collection, or a stub that stands in for
//	    one that others refer to; read it back, compare
//	for each update: change, add, read back, compare
//	create tenants and aliases; read back, compare
//	if any of this fails: remove what this run created, last first, where it is
//	    still as created and empty; say what stands
//
// It deletes nothing that it did not create itself. One thing comes close: a stub
// that an earlier run left, because that was killed. It is known by its
// description, and only goes when it has no property and no object.
//
// A collection is created in one request, whole or not at all. So a run that was
// killed can be run again with on-existing: update, and comes to the same end.
//
// Where to read on:
//
//	restore.go  Run, options, errors
//	choose.go   which collections, and their names there
//	target.go   what the server has before
//	plan.go     create, skip or update, and what stands in the way
//	advice.go   what can be done about it
//	apply.go    the steps of the plan, one after the other
//	stub.go     stand-ins for references in a ring
//	update.go   changes in place of a collection that is there
//	tenants.go  tenants, in the plan and on the server
//	undo.go     what a failed run removes again
//	leftover.go what it leaves
//	outcome.go  the result
package restore
