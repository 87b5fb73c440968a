// Package faulttest holds the program against faults of the wire: whatever
// happens between it and a server, a backup or a restore does its work, whole, or
// it fails, says why, and leaves nothing behind; verify and diff find what is there,
// or fail, and never say something else.
//
// It has tests only. The faults are tables, to be read there:
//
//	toxic_test.go    what happens to connections, between the program and a real
//	                 server: Toxiproxy delays, slows down, cuts, resets and hangs
//	answer_test.go   what a server or a gateway may answer instead of the truth
//	graphql_test.go  what a server may say in place of a count
//	ready_test.go    what it may say of being ready
//	request_test.go  what happens to each request of a restore on a real server
//	cleanup_test.go  and to each request of the clean-up after one that failed
//
// Each case runs the program of a user, from its arguments to its exit code, and
// backup_test.go, restore_test.go and verdict_test.go say what must be true of it then. Short time
// limits are inputs of the program, and so is the end of a hang: no case waits for
// a clock of its own.
//
// The figures are printed by
//
//	go test -v -run 'Faults$' ./internal/faulttest
//
// and the flag -step sets the distance of two cuts in bytes: 64 takes the
// campaign through cuts at each 64th byte of all that goes over the wire.
package faulttest
