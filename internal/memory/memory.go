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

// usual is what the garbage collector keeps below where it can: enough for a schema
// of 20 MB, of which several forms are compared. A larger one takes more memory, and
// the collector more time, which Go bounds.
const usual = 192 << 20

// Limit is the number of bytes that the garbage collector should keep below: 192
// MiB or, where the container may use little, a tenth less than that, for what the
// collector does not see.
func Limit(readFile func(path string) ([]byte, error)) int64 {
	if limit := container(readFile); limit > 0 {
		return min(usual, limit-limit/10)
	}
	return usual
}

// container is the number of bytes that the container may use; 0 is no limit, or
// none that can be read.
func container(readFile func(path string) ([]byte, error)) int64 {
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := readFile(path)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && limit > 0 && limit < unlimited {
			return limit
		}
	}
	return 0
}
