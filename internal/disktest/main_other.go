//go:build !(linux && amd64)

package disktest

import (
	"fmt"
	"os"
)

// Main only says that there is none here.
func Main([]string) int {
	fmt.Fprintln(os.Stderr, "disktest: it needs Linux on amd64")
	return 99
}
