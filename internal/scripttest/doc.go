// Package scripttest reads what a step leaves behind as the GitHub runner does,
// for tests that look at the program from outside.
//
// [ReadLog] tells the workflow commands in a log from its plain lines, so that a
// test sees what a runner would obey, also where a hostile server put it.
// [ReadOutputs] reads the file of GITHUB_OUTPUT. [Stable] takes out of a text
// what differs from run to run, so that it can be compared with a golden file.
// [CheckResult] holds what --json prints to its JSON Schema.
//
// [ReadLog] obeys more than a runner: it takes any name for a command, where a
// runner knows some fifteen. What is no command here is none there.
//
// The rules are those of github.com/actions/runner at 258d6c8:
// src/Runner.Common/ActionCommand.cs and src/Runner.Worker/FileCommandManager.cs.
//
// Where to read on:
//
//	log.go      the log
//	outputs.go  the outputs, and what differs from run to run
//	result.go   the result of --json
package scripttest
