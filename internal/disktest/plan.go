package disktest

// What a Plan may do to an operation.
const (
	DoNothing = ""      // only list the operations
	DoKill    = "kill"  // kill the program in its place
	DoTerm    = "term"  // send the program SIGTERM, and let the operation go on
	DoFail    = "fail"  // let it fail with Errno in its place
	DoShort   = "short" // let a read or a write handle half of the bytes
	DoLie     = "lie"   // let a write, in its place, say that it was done
	DoRun     = "run"   // run the command Run first
)

// Plan is how a program is run and broken. An operation is a system call on a
// file or a folder below Root.
type Plan struct {
	// Root is an absolute path without symbolic links.
	Root string `json:"root"`
	// Calls are the names of the system calls that count; none means all that
	// Main knows.
	Calls []string `json:"calls"`
	// Changes makes only operations count that may change what is on the disk.
	Changes bool `json:"changes"`
	// At is the number of the operation to break among those that count, from 1.
	At int `json:"at"`
	// Do is one of the Do constants. Errno is for DoFail, Run for DoRun.
	Do    string   `json:"do"`
	Errno int      `json:"errno"`
	Run   []string `json:"run"`
	// Onward breaks every later operation too, also those that do not count.
	Onward bool `json:"onward"`
	// Refuse are names of system calls that always fail, with EPERM, as hard links
	// do where a file system has none. They still count.
	Refuse []string `json:"refuse"`
	// Report is the file that the Report is written to.
	Report string `json:"report"`
}

// Report is what came of a Plan.
type Report struct {
	// Operations are those that counted, in their order, the broken one too.
	Operations []Operation `json:"operations"`
	// Broken says whether there was an operation to break.
	Broken bool `json:"broken"`
	// Exit is the program's exit code; Signal is what ended it, or 0.
	Exit   int `json:"exit"`
	Signal int `json:"signal"`
}

// Operation is one system call.
type Operation struct {
	Call string `json:"call"`
	// Path is that of the file, or of the first one of two, relative to Root; To is
	// the second one.
	Path string `json:"path"`
	To   string `json:"to"`
	// Count is how many bytes are to be read or written.
	Count int `json:"count"`
}
