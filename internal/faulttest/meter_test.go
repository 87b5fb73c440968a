package faulttest_test

import (
	"strings"
	"sync/atomic"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
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
	proxies := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(proxies, t.Name(), "127.0.0.1:0", strings.TrimPrefix(server, "http://"))
	require.NoError(t, proxy.Start())
	defer proxy.Stop()
	meters := make(map[string]*meter)
	for _, stream := range []string{"upstream", "downstream"} {
		added, err := proxy.Toxics.AddToxicJson(strings.NewReader(`{"type":"meter","stream":"` + stream + `"}`))
		require.NoError(t, err)
		m, ok := added.Toxic.(*meter)
		require.True(t, ok)
		meters[stream] = m
	}
	run("http://" + proxy.Listen)
	return meters["upstream"].bytes.Load(), meters["downstream"].bytes.Load()
}
