// Package endtoend runs the real program, as the Dockerfile builds it, against real
// servers, and looks at what is on the servers and on the disk afterwards.
//
// It has tests only:
//
//	versions_test.go      every command on servers of other releases: the matrix
//	upgrade_test.go       a server that is upgraded where it is
//	cluster_test.go       three nodes of which some are killed
//	steady_test.go        a server that is started again at the first read
//	kill_test.go          a restore that is killed at each of its writes
//	reproducible_test.go  two builds of one source
//	main_test.go, program_test.go
//	                      the program, what it has saved, and what a server holds
//
// What users see of the program is in testdata/script, and faults of the disk are
// in internal/disktest.
package endtoend
