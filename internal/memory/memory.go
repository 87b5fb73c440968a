// Package memory finds out how much memory the program's container may use, so
// that the garbage collector keeps below it: a process that grows beyond is
// killed, without a word of why.
//
// The files are those of Linux's control groups as a container sees its own:
// docs.kernel.org, admin-guide/cgroup-v2, "memory.max", and cgroup-v1/memory,
// "memory.limit_in_bytes".
package memory

import (
	"strconv"
	"strings"
)

// unlimited is what version 1 shows where there is no limit, or more: the largest
// number of bytes in whole pages.
const unlimited = 1 << 62

// Limit is the number of bytes that the garbage collector should keep below: a
// tenth less than the container may use, for what the collector does not see. 0 is
// no limit, or none that can be read.
func Limit(readFile func(path string) ([]byte, error)) int64 {
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := readFile(path)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && limit > 0 && limit < unlimited {
			return limit - limit/10
		}
	}
	return 0
}
