// Package ci talks to whatever runs the program: a GitHub runner, another CI
// system or a person's terminal. It writes the log, annotations, masks, groups,
// outputs and the step summary, and makes all of them safe to print.
//
// The usual call:
//
//	c := ci.New(ci.Options{Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv})
//	c.Mask(secrets...)
//	end := c.Group("Read the schema")
//	c.Logger().Info("read schema", "collections", 12)
//	end()
//	err := c.SetOutputs([]ci.Output{{Name: "collection-count", Value: "12"}})
//
// It decides nothing about the run: no exit code, no retry, no JSON result.
//
// Invariants:
//   - Text that came from outside can't start a workflow command, move the
//     cursor, or hide characters: everything printed goes through [Escape].
//   - No masked value leaves by any door: log, annotation, group title, output or
//     summary ([CI.Scrub]).
//   - A log that can't be written (a closed pipe) never stops the run; an output
//     or a summary that can't be written is an error.
//   - Outputs are appended by one write, so never only some of them.
//   - All methods may be called from several goroutines.
//
// It is the only importer of go-githubactions. That library panics when a file
// command or a log line can't be written, uses a constant delimiter for outputs,
// and escapes only %, CR and LF, so each call to it is guarded here.
//
// Facts about the runner are from its source, github.com/actions/runner:
// src/Runner.Common/ActionCommand.cs (how a command is recognised),
// src/Runner.Worker/FileCommandManager.cs (how the output file is read) and
// src/Runner.Worker/ExecutionContext.cs (10 annotations of a kind per step, 4096
// characters each).
//
// Where to read on:
//
//	ci.go          where a CI writes; groups
//	log.go         the logger: levels become workflow commands or plain lines
//	annotation.go  errors and warnings, with a place in a file
//	escape.go      text that is safe to print
//	mask.go        secrets: masks, scrubbing, files that hold one
//	output.go      outputs, for GitHub or on standard output
//	variables.go   outputs as variables, for a shell or a report of GitLab
//	summary.go     the step summary
package ci
