// Package disktest breaks a program's work on files, for tests of what a failed
// run leaves: it kills the program at its Nth file operation, or lets that
// operation fail, do half of its work, or only say that it did it, or changes the
// folder under it just before.
//
// [Main] is a command: it runs a program under ptrace, as strace does, and carries
// out a [Plan]. strace itself counts the calls of each thread apart, so that none
// of its numbers would name one operation of a program with many threads. Here
// the operations of all threads have one order: the next one waits until the one
// before is done. The program and the file system are the real ones.
//
// The registers are those of Linux on amd64, so only there are there a Main and the
// tests, which break a backup at each of its operations:
//
//	go test -v ./internal/disktest
//
// Where to read on:
//
//	plan.go                                        the Plan
//	main_linux_amd64.go, main_other.go             Main
//	calls_linux_amd64.go, paths_linux_amd64.go     system calls, and the files they name
//	lab_linux_amd64_test.go                        a run that is broken, and what it left
//	checks_linux_amd64_test.go                     what must be true of that
//	faults_linux_amd64_test.go                     the program is killed, an operation fails, does half, or lies
//	folder_linux_amd64_test.go                     the folder is moved, replaced or removed
//	full_linux_amd64_test.go                       the disk is full
//	outputs_linux_amd64_test.go                    a run with an outputs-file
package disktest
