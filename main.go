// Weaviate-backup saves the schema of Weaviate collections to files and brings it
// back: a GitHub Action, and the same binary for any other CI.
//
// How a run goes, and where to read on:
//
//	main                 signals, the limit of memory, one call, the exit code
//	├ internal/memory      how much the program should use
//	└ internal/action    one run: inputs in, exit code out; errors become messages
//	  ├ internal/config    inputs from flags, INPUT_* and the environment; action.yml is their one source
//	  ├ internal/ci        the runner: log, annotations, masks, outputs, step summary
//	  ├ internal/backup    the command that saves: rights, selection, read, write
//	  ├ internal/verify    the command that proves a backup's files; it reads folder and server by interfaces
//	  ├ internal/restore   the command that brings collections back: plan, order, write, compare, clean up
//	  └ internal/diff      the command that compares two schemas, and says what each change takes
//
// What the commands share:
//
//	internal/weaviate    the server over REST: retries, whole answers, counts, writes, hints
//	internal/snapshot    the file format: snapshot and manifest
//	internal/files       files that are complete or not there, inside the workspace
//	internal/report      a result as Markdown and as log lines
//	internal/schema      a collection's JSON: names, splitting, canonical form, differences, order, rules of change
//	internal/parallel    work on all cores
//	internal/words       lists, numbers and hidden characters, for people
//
// Words that the code uses:
//
//	definition   the JSON of one collection, as the server shows it
//	snapshot     the file with one definition, its tenants and its aliases
//	manifest     the file that lists the snapshots of one run; it is written last
//	digest       a SHA-256 over the canonical form of a definition, which is the same in any order
//	difference   a path of a definition on which two sides do not agree
//	leniency     why a difference does not count: a server shows it otherwise, and nothing is lost
//	class        what it takes to bring a change to a collection that exists, from "in place" to "re-create"
//	stub         an empty collection that a restore puts up for references to one that it creates later
//
// Arrows point downwards only. The comment of each package says what it promises
// and which of its files to read for what.
//
// Beside these, for tests:
//
//	internal/weaviatetest   real and fake servers
//	internal/programtest    builds the program as the Dockerfile does, and runs it
//	internal/scripttest     reads what a step leaves as GitHub's runner does
//	internal/faulttest      the commands against the faults of the wire
//	internal/oidctest       the commands against a real OpenID provider
//	internal/endtoend       the program against real servers: releases, upgrades, clusters, kills
//	internal/disktest       breaks the program's work on files
//	internal/readme         holds the README and other pages to the code
//	internal/examples       the examples for other CIs, as these carry them out
//	internal/demo           a backup from end to end, to look at
//	internal/containertest  the image and the workflows
//	testdata/script         what users see, one behaviour a file (main_test.go)
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/memory"
)

// The linker sets both in releases.
var (
	version = "v0.0.0-dev"
	commit  = "unknown"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	defer stop()
	// A reader of standard output that went away is no reason to die halfway.
	signal.Ignore(syscall.SIGPIPE)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memory.Limit(os.ReadFile))
	}
	directory, err := os.Getwd()
	if err != nil {
		directory = "."
	}
	return action.Run(ctx, action.Process{
		Args:      os.Args[1:],
		Getenv:    os.Getenv,
		Environ:   os.Environ,
		Directory: directory,
		Stdout:    os.Stdout,
		Stderr:    os.Stderr,
		Version:   version,
		Build:     build(),
		Now:       time.Now,
	})
}

// stopSignals are those that end the program in order. A terminal that goes away is
// one, but not where the program was told to live on without it, as nohup does.
func stopSignals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// build says which commit and compiler made the binary, as far as they are
// recorded in it.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "no build information"
	}
	revision := commit
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			revision = setting.Value
		}
	}
	return "commit " + revision + ", " + info.GoVersion
}
