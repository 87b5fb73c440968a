package faulttest_test

import (
	"strings"
	"sync/atomic"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// meter is a toxic that does nothing but count what goes by, in bytes.
type meter struct{ bytes atomic.Int64 }

func (m *meter) Pipe(stub *toxics.ToxicStub) {
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			m.bytes.Add(int64(len(chunk.Data)))
			stub.Output <- chunk
		}
	}
}

// measure tells how many bytes run sends to the server and gets from it.
func measure(t *testing.T, server string, run func(url string)) (upstream, downstream int64) {
	t.Helper()
	meters := make(map[string]*meter)
	run(pass(t, server, 0, func(links *toxiproxy.ToxicCollection) error {
		for _, stream := range []string{"upstream", "downstream"} {
			added, err := links.AddToxicJson(strings.NewReader(`{"type":"meter","stream":"` + stream + `"}`))
			if err != nil {
				return err
			}
			meters[stream], _ = added.Toxic.(*meter)
		}
		return nil
	}))
	return meters["upstream"].bytes.Load(), meters["downstream"].bytes.Load()
}
