package disktest

import "syscall"

// call is how a system call names files, and what may be done to it.
type call struct {
	name string
	// path is the number of the argument with a path, relative to the folder whose
	// descriptor is the first argument; -1: that is the file's own. to is the number
	// of the descriptor before a second path; -1: there is none.
	path, to int
	// bytes says that the third argument is a count of bytes.
	bytes bool
	// changes says that the call may change what is on the disk.
	changes bool
}

// calls are the system calls by which Go's package os, on Linux, works on files.
var calls = map[uint64]call{
	syscall.SYS_READ:       {name: "read", path: -1, to: -1, bytes: true},
	syscall.SYS_PREAD64:    {name: "pread64", path: -1, to: -1, bytes: true},
	syscall.SYS_WRITE:      {name: "write", path: -1, to: -1, bytes: true, changes: true},
	syscall.SYS_PWRITE64:   {name: "pwrite64", path: -1, to: -1, bytes: true, changes: true},
	syscall.SYS_CLOSE:      {name: "close", path: -1, to: -1},
	syscall.SYS_FSTAT:      {name: "fstat", path: -1, to: -1},
	syscall.SYS_FSYNC:      {name: "fsync", path: -1, to: -1},
	syscall.SYS_FDATASYNC:  {name: "fdatasync", path: -1, to: -1},
	syscall.SYS_FTRUNCATE:  {name: "ftruncate", path: -1, to: -1, changes: true},
	syscall.SYS_FCHMOD:     {name: "fchmod", path: -1, to: -1, changes: true},
	syscall.SYS_FCHOWN:     {name: "fchown", path: -1, to: -1, changes: true},
	syscall.SYS_GETDENTS64: {name: "getdents64", path: -1, to: -1},
	syscall.SYS_OPENAT:     {name: "openat", path: 1, to: -1}, // changes: by its flags
	syscall.SYS_NEWFSTATAT: {name: "newfstatat", path: 1, to: -1},
	syscall.SYS_READLINKAT: {name: "readlinkat", path: 1, to: -1},
	syscall.SYS_FCHMODAT:   {name: "fchmodat", path: 1, to: -1, changes: true},
	syscall.SYS_FCHOWNAT:   {name: "fchownat", path: 1, to: -1, changes: true},
	syscall.SYS_MKDIRAT:    {name: "mkdirat", path: 1, to: -1, changes: true},
	syscall.SYS_UNLINKAT:   {name: "unlinkat", path: 1, to: -1, changes: true},
	syscall.SYS_LINKAT:     {name: "linkat", path: 1, to: 2, changes: true},
	syscall.SYS_RENAMEAT:   {name: "renameat", path: 1, to: 2, changes: true},
}

// changesDisk says whether the call with these arguments may change what is on
// the disk.
func (c call) changesDisk(args [6]uint64) bool {
	if c.name == "openat" {
		return args[2]&(syscall.O_CREAT|syscall.O_TRUNC) != 0
	}
	return c.changes
}
