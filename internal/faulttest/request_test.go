package faulttest_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// hit is something that happens to one request of a restore.
type hit struct {
	name  string
	fault weaviatetest.Fault
	// lasting is a fault of all requests from this one on, in place of one.
	lasting bool
	// limit is the time limit of a request; empty is long.
	limit string
	// want must come of the run whichever request it is; says must be in the error.
	want outcome
	says string
}

// hits are tried on each request of a restore, reads and writes alike. After is a
// request that is done, and whose answer is spoiled. A refusal of what was done is
// not among them: a restore believes a server that says no.
var hits = []hit{
	{name: "reset", fault: weaviatetest.Fault{Do: weaviatetest.DoReset}, want: recovers},
	{name: "reset after", fault: weaviatetest.Fault{Do: weaviatetest.DoReset, After: true}, want: recovers},
	{name: "closed", fault: weaviatetest.Fault{Do: weaviatetest.DoEOF}, want: recovers},
	{name: "closed after", fault: weaviatetest.Fault{Do: weaviatetest.DoEOF, After: true}, want: recovers},
	{name: "hang", fault: weaviatetest.Fault{Do: weaviatetest.DoHang}, limit: short, want: recovers},
	{name: "hang after", fault: weaviatetest.Fault{Do: weaviatetest.DoHang, After: true}, limit: short, want: recovers},
	{name: "429 for 1e9 s", fault: weaviatetest.Fault{Status: 429, Header: map[string]string{"Retry-After": "1000000000"}}, want: recovers},
	{name: "503", fault: weaviatetest.Fault{Status: 503}, want: recovers},
	{name: "503 after", fault: weaviatetest.Fault{Status: 503, After: true}, want: recovers},
	{name: "504 page after", fault: weaviatetest.Fault{Status: 504, Body: fmt.Sprintf(page, "504 Time-out"), After: true}, want: recovers},
	{name: "422 no leader", fault: weaviatetest.Fault{Status: 422, Body: noLeader}, want: recovers},
	{name: "422 no leader after", fault: weaviatetest.Fault{Status: 422, Body: noLeader, After: true}, want: recovers},
	{name: "empty", fault: weaviatetest.Fault{Status: 200}, says: "the answer is empty|not those that were sent"},
	{name: "page", fault: weaviatetest.Fault{Body: fmt.Sprintf(page, "Sign in"), Header: map[string]string{"Content-Type": "text/html"}}},
	{name: "page after", fault: weaviatetest.Fault{Body: fmt.Sprintf(page, "Sign in"), After: true}},
	{name: "null", fault: weaviatetest.Fault{Body: "null"}},
	{name: "other object", fault: weaviatetest.Fault{Body: `{"status":"ok"}`}},
	{name: "404 page", fault: weaviatetest.Fault{Status: 404, Body: fmt.Sprintf(page, "404 Not Found")}},
	{name: "404", fault: weaviatetest.Fault{Status: 404}},
	{name: "refusal", fault: weaviatetest.Fault{Status: 422, Body: `{"error":[{"message":"no, thank you"}]}`}},
	{name: "redirect elsewhere", fault: weaviatetest.Fault{Do: weaviatetest.DoRedirect, Header: map[string]string{"Location": "https://elsewhere.example/"}}},

	{name: "gone from here", lasting: true, fault: weaviatetest.Fault{Do: weaviatetest.DoReset}, want: fails, says: lost},
	{name: "silent from here", lasting: true, fault: weaviatetest.Fault{Do: weaviatetest.DoHang, After: true}, limit: "500ms", want: fails, says: slow},
	{name: "deaf from here", lasting: true, fault: weaviatetest.Fault{Do: weaviatetest.DoEOF, After: true}, want: fails, says: lost},
	{name: "502 from here", lasting: true, fault: weaviatetest.Fault{Status: 502, Body: fmt.Sprintf(page, "502 Bad Gateway"), After: true}, want: fails, says: "502 Bad Gateway"},
	{name: "401 from here", lasting: true, fault: weaviatetest.Fault{Status: 401, Body: `{"code":401,"message":"token expired"}`}, want: fails, says: "401 Unauthorized: token expired"},
}

// at makes the fault one of the n-th of the requests.
func (h hit) at(requests []weaviatetest.Received, n int) weaviatetest.Fault {
	fault := h.fault
	if h.lasting {
		fault.Skip = n
		return fault
	}
	fault.Method, fault.Path, fault.Times = requests[n].Method, requests[n].Path, 1
	for _, earlier := range requests[:n] {
		if earlier.Method == fault.Method && earlier.Path == fault.Path {
			fault.Skip++
		}
	}
	return fault
}

// of gives the requests that another lane sends.
func (l *lane) of(other *lane, requests []weaviatetest.Received) []weaviatetest.Received {
	var own []weaviatetest.Received
	for _, r := range requests {
		r.Path = strings.ReplaceAll(r.Path, other.name(""), l.name(""))
		own = append(own, r)
	}
	return own
}

// requests: whatever happens to any request of a restore.
func requests(t *testing.T, free chan *lane) {
	t.Helper()
	first := <-free
	calm := weaviatetest.NewProxy(t, first.server.URL)
	run := first.restore(t, calm.URL, limits("1", long)...)
	require.Equal(t, recovers, first.judge(t, run, recovers, ""))
	all := calm.Received()
	free <- first

	var came tally
	t.Cleanup(func() { t.Logf("%d faults on %d requests: %s", len(hits), len(all), &came) })
	for n, request := range all {
		for _, h := range hits {
			t.Run(fmt.Sprint(n+1, " ", request.Method, " ", request.Path, " ", h.name), func(t *testing.T) {
				t.Parallel()
				l := <-free
				defer func() { free <- l }()
				proxy := weaviatetest.NewProxy(t, l.server.URL)
				require.NoError(t, proxy.SetFaults(h.at(l.of(first, all), n)))
				run := l.restore(t, proxy.URL, limits("3", cmp.Or(h.limit, long))...)
				came.add(l.judge(t, run, h.want, h.says))
			})
		}
	}
}
