package faulttest_test

import (
	"flag"
	"fmt"
	"sync"
	"testing"

	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

// step is the distance between two cuts of a stream, in bytes.
var step = flag.Int64("step", 1024, "distance between two places to cut a stream at, in bytes")

// TestMain lets more cases run side by side than there are processors: they wait
// most of the time. The caller's own -test.parallel wins.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	zerolog.SetGlobalLevel(zerolog.Disabled) // some toxics have a log of their own
	toxics.Register("meter", new(meter))
	// Toxiproxy leaves behind what handled a connection that it has closed.
	const link = "github.com/Shopify/toxiproxy/v2.(*ToxicLink)"
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"),
		goleak.IgnoreAnyFunction(link+".read"), goleak.IgnoreAnyFunction(link+".write"))
}

// outcome is what came of a case.
type outcome string

const (
	// recovers: the run did all it was asked to, as if nothing had happened. Of verify
	// and diff: the answer is the truth.
	recovers outcome = "recovered"
	// uncounted: a backup that is whole, and says of the objects that it could not
	// count them.
	uncounted outcome = "recovered without counts"
	// fails: the run failed, said why, and left nothing.
	fails outcome = "failed and left nothing"
	// tells: a restore failed, and named each thing that it could not clean up.
	tells outcome = "failed and named what stands"
	// either is the wish of a case that may go either way, and must not go wrong.
	either outcome = ""
)

// tally counts what came of the cases of a campaign.
type tally struct {
	mu    sync.Mutex
	cases map[outcome]int
}

func (c *tally) add(o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cases == nil {
		c.cases = make(map[outcome]int)
	}
	c.cases[o]++
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum, text := 0, ""
	for _, o := range []outcome{recovers, uncounted, fails, tells} {
		if n := c.cases[o]; n > 0 {
			sum += n
			text += fmt.Sprintf(", %d %s", n, o)
		}
	}
	return fmt.Sprintf("%d cases%s", sum, text)
}
