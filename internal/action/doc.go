// Package action is one run of the program: inputs in, exit code out.
//
// [Run] reads the inputs, carries out the command, and reports what came of it
// where it is called: outputs, step summary and annotations on GitHub, plain
// lines or JSON elsewhere. It is the only place that turns an error into an exit
// code, and everything that a command says passes through internal/ci, which
// escapes it and takes secrets out.
//
// Where to read on:
//
//	action.go       Run: from the inputs to the exit code
//	command.go      what is different from command to command
//	place.go        the workspace, or why there is none
//	connect.go      the connection to a server, and what it lets in
//	outputs.go      what outputs have in common: lists, and how large they may be
//	result.go       the end of a run: outputs and summary, --json, which error has which
//	                exit code, hints; result.schema.json describes --json
//	backup.go       the command backup
//	verify.go       the command verify
//	restore.go      the command restore
//	diff.go         the command diff, its annotations and its report
//	sides.go        the paths and servers that diff compares
//	read.go         the files of a backup that another command starts from
//	outputsfile.go  the file of outputs-file: when it is there, and what it leaves out
//	progress.go     signs of life in the log of a long run
package action
