// Package action is one run of the program: inputs in, exit code out.
//
// [Run] reads the inputs, carries out the command, and reports what came of it
// where it is called: outputs, step summary and annotations on GitHub, plain
// lines or JSON elsewhere. It is the only place that turns an error into an exit
// code, and everything that a command says passes through internal/ci, which
// escapes it and takes secrets out.
package action
