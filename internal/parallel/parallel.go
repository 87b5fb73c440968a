// Package parallel spreads work over all cores; parallel.go is all of it.
package parallel

import (
	"cmp"
	"runtime"
	"sync"
	"sync/atomic"
)

// For calls do for each number below n, on as many goroutines as there are cores,
// and returns when all calls have.
func For(n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	workers.Wait()
}

// Try is [For] for calls that can fail. It gives the error of the lowest number, however
// fast others have failed.
func Try(n int, do func(i int) error) error {
	problems := make([]error, n)
	For(n, func(i int) { problems[i] = do(i) })
	return cmp.Or(problems...)
}
