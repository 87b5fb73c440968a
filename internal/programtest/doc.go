// Package programtest builds the program of this module and runs it, for tests
// that look at it from outside.
//
// [Build] compiles it as the Dockerfile does, so that what is tried is what users
// have. [Command] is a command with a surrounding of its own, [Finish] runs one to
// its end, and [Measure] tells the memory that it took, too:
//
//	program := programtest.Build(t)
//	done := programtest.Finish(t, programtest.Command(t.Context(), t.TempDir(), program, "--version"))
//	require.Zero(t, done.Code, done.Log())
//
// Most tests call internal/action in their own process, which is faster and leaves
// inputs and clock to them. These are for what only a process has: memory, signals,
// a disk that fails, and a shell that calls it.
//
// Where to read on:
//
//	build.go  building it
//	run.go    running it
//	peak.go   and measuring it
//	tests.go  a package of tests that have it on their PATH
package programtest
