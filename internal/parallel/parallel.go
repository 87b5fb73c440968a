// Package parallel spreads work over all cores; parallel.go is all of it.
package parallel

import (
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
