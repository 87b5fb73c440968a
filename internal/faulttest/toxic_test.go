package faulttest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// attributes are a toxic's, by Toxiproxy's names: times in milliseconds, sizes in
// bytes, rates in KB per second.
type attributes map[string]int64

// toxic is something that happens to connections.
type toxic struct {
	kind   string // Toxiproxy's name of it
	with   attributes
	stream string // upstream is to the server, downstream from it; "" is a line for each
	// first says on how many connections it lasts; 0 is on all.
	first int
	limit string // the time limit of a request
	// want must come of the run; the error of one that failed fits says.
	want outcome
	says string
}

func (x toxic) String() string {
	lasting := "always"
	if x.first > 0 {
		lasting = fmt.Sprintf("first %d", x.first)
	}
	return strings.Trim(fmt.Sprintf("%s%v %s %s", x.kind, x.with, x.stream, lasting), " ")
}

const (
	long  = "30s"   // more than an honest answer ever needs
	short = "1s"    // for a request that hangs, and whose next attempt must not
	brief = "100ms" // for requests that all hang
)

// lost is what is said of a connection that ended too soon.
const lost = `EOF|connection reset by peer|broken pipe|ends too soon|the answer is empty|malformed`

// slow is what is said of one that says nothing.
const slow = `no whole answer within .*, the limit that request-timeout sets`

// connectionFaults are the faults of connections but for the cuts. A line without a stream
// stands for two.
var connectionFaults = []toxic{
	{kind: "latency", with: attributes{"latency": 5}, limit: long, want: recovers},
	{kind: "latency", with: attributes{"latency": 20}, limit: long, want: recovers},
	{kind: "latency", with: attributes{"latency": 20, "jitter": 20}, limit: long, want: recovers},
	{kind: "latency", with: attributes{"latency": 30000}, first: 1, limit: short, want: recovers},
	{kind: "latency", with: attributes{"latency": 30000}, limit: brief, want: fails, says: slow},

	{kind: "bandwidth", with: attributes{"rate": 10000}, limit: long, want: recovers},
	{kind: "bandwidth", with: attributes{"rate": 500}, limit: long, want: recovers},
	{kind: "bandwidth", with: attributes{"rate": 100}, limit: long, want: recovers},
	{kind: "bandwidth", with: attributes{"rate": 1}, stream: "downstream", first: 1, limit: short, want: recovers},
	{kind: "bandwidth", with: attributes{"rate": 1}, stream: "downstream", limit: brief, want: fails, says: slow},

	// 0 is half-open: what is sent gets lost, and nobody says so.
	{kind: "timeout", with: attributes{"timeout": 0}, first: 1, limit: short, want: recovers},
	{kind: "timeout", with: attributes{"timeout": 0}, first: 2, limit: short, want: recovers},
	{kind: "timeout", with: attributes{"timeout": 0}, limit: brief, want: fails, says: slow},
	{kind: "timeout", with: attributes{"timeout": 1}, first: 1, limit: long, want: recovers},
	{kind: "timeout", with: attributes{"timeout": 20}, first: 1, limit: long, want: recovers},
	{kind: "timeout", with: attributes{"timeout": 20}, first: 3, limit: long, want: recovers},
	{kind: "timeout", with: attributes{"timeout": 20}, limit: long, want: fails, says: lost},

	{kind: "reset_peer", with: attributes{"timeout": 0}, first: 1, limit: long, want: recovers},
	{kind: "reset_peer", with: attributes{"timeout": 0}, first: 2, limit: long, want: recovers},
	{kind: "reset_peer", with: attributes{"timeout": 0}, first: 4, limit: long, want: recovers},
	{kind: "reset_peer", with: attributes{"timeout": 0}, limit: long, want: fails, says: lost},
	{kind: "reset_peer", with: attributes{"timeout": 20}, first: 1, limit: long, want: recovers},
	{kind: "reset_peer", with: attributes{"timeout": 20}, limit: long, want: fails, says: lost},

	{kind: "slow_close", with: attributes{"delay": 50}, limit: long, want: recovers},
	{kind: "slow_close", with: attributes{"delay": 1000}, limit: long, want: recovers},

	{kind: "slicer", with: attributes{"average_size": 500, "size_variation": 300, "delay": 10}, limit: long, want: recovers},
	{kind: "slicer", with: attributes{"average_size": 64, "size_variation": 32, "delay": 0}, limit: long, want: recovers},
	{kind: "slicer", with: attributes{"average_size": 7, "size_variation": 3, "delay": 0}, first: 1, limit: long, want: recovers},
}

// allToxics are the table's lines for each stream, and the cuts: after each step
// bytes of a connection, until all of size has come through, on the first
// connections or on all.
func allToxics(upstream, downstream int64) []toxic {
	var all []toxic
	for _, x := range connectionFaults {
		if x.stream != "" {
			all = append(all, x)
			continue
		}
		for _, x.stream = range []string{"upstream", "downstream"} {
			all = append(all, x)
		}
	}
	for stream, size := range map[string]int64{"upstream": upstream, "downstream": downstream} {
		// A stream of less than 24 steps is cut in more places.
		for n := int64(0); n <= size; n += min(*step, max(1, size/24)) {
			cut := toxic{kind: "limit_data", with: attributes{"bytes": n}, stream: stream, limit: long, says: lost}
			all = append(all, cut)
			cut.first, cut.want = 1, recovers
			all = append(all, cut)
		}
	}
	return all
}

// poison starts what passes connections on to the server, the first ones through
// Toxiproxy's links with this toxic, and gives its URL. It goes when the test ends.
func (x toxic) poison(t *testing.T, server string) string {
	t.Helper()
	line, err := json.Marshal(map[string]any{"type": x.kind, "stream": x.stream, "attributes": x.with})
	require.NoError(t, err)
	return pass(t, server, x.first, func(links *toxiproxy.ToxicCollection) error {
		_, err := links.AddToxicJson(bytes.NewReader(line))
		return err
	})
}

// pass listens for connections and passes them on to the server: the first ones,
// or all where first is 0, through links with the toxics that add adds, and the
// others through links without. Toxiproxy itself has all links of a proxy alike,
// and a toxic that is taken away can hang in the links that are dead.
func pass(t *testing.T, server string, first int, add func(*toxiproxy.ToxicCollection) error) string {
	t.Helper()
	target := strings.TrimPrefix(server, "http://")
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	ill := toxiproxy.NewProxy(api, "ill", "", target).Toxics
	well := toxiproxy.NewProxy(api, "well", "", target).Toxics
	require.NoError(t, add(ill))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var open []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 1; ; n++ {
			client, err := listener.Accept()
			if err != nil {
				return // closed by the test
			}
			upstream, err := (&net.Dialer{}).Dial("tcp", target)
			if !assert.NoError(t, err) {
				_ = client.Close()
				continue
			}
			open = append(open, client, upstream)
			links := ill
			if first > 0 && n > first {
				links = well
			}
			name := client.RemoteAddr().String()
			links.StartLink(api, name+" up", client, upstream, stream.Upstream)
			links.StartLink(api, name+" down", upstream, client, stream.Downstream)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
		for _, conn := range open {
			_ = conn.Close()
		}
	})
	return "http://" + listener.Addr().String()
}
