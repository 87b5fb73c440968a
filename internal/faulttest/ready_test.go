package faulttest_test

import (
	"fmt"
	"testing"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// A server that is not ready is waited for, as long as wait-for-ready says, and
// not where waiting is no use.
func TestReadyFaults(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, startFake(t, meta).URL)
	var came tally
	t.Cleanup(func() { t.Log(&came) })
	gateway := fmt.Sprintf(page, "502 Bad Gateway")
	for _, r := range []struct {
		name  string
		fault weaviatetest.Fault
		wait  string // wait-for-ready
		want  outcome
		says  string
	}{
		{"503 once", weaviatetest.Fault{Status: 503, Times: 1}, "1m", recovers, ""},
		{"503 always", weaviatetest.Fault{Status: 503}, "600ms", fails, "not ready within 600ms: .*503 Service Unavailable"},
		{"429 once", weaviatetest.Fault{Status: 429, Times: 1, Header: map[string]string{"Retry-After": "1000000000"}}, "1m", recovers, ""},
		{"502 page twice", weaviatetest.Fault{Status: 502, Times: 2, Body: gateway}, "1m", recovers, ""},
		{"502 page always", weaviatetest.Fault{Status: 502, Body: gateway}, "600ms", fails, "not ready within 600ms: .*502 Bad Gateway"},
		{"500 no leader", weaviatetest.Fault{Status: 500, Times: 1, Body: noLeader}, "1m", recovers, ""},
		{"reset once", weaviatetest.Fault{Do: weaviatetest.DoReset, Times: 1}, "1m", recovers, ""},
		{"reset always", weaviatetest.Fault{Do: weaviatetest.DoReset}, "600ms", fails, lost},
		{"closed once", weaviatetest.Fault{Do: weaviatetest.DoEOF, Times: 1}, "1m", recovers, ""},
		{"hang once", weaviatetest.Fault{Do: weaviatetest.DoHang, Times: 1}, "1m", recovers, ""},
		{"hang always", weaviatetest.Fault{Do: weaviatetest.DoHang}, "600ms", fails, "not ready within 600ms"},
		{"cut once", weaviatetest.Fault{Do: weaviatetest.DoRaw, Times: 1, Body: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}, "1m", recovers, ""},
		{"page", weaviatetest.Fault{Body: gateway}, "1m", recovers, ""}, // it is 200 that counts
		{"404 page", weaviatetest.Fault{Status: 404, Body: gateway}, "1h", fails, "404 Not Found"},
		{"401", weaviatetest.Fault{Status: 401}, "1h", fails, "401 Unauthorized"},
		{"redirect elsewhere", weaviatetest.Fault{Do: weaviatetest.DoRedirect, Header: map[string]string{"Location": "https://elsewhere.example/"}}, "1h", fails, "redirect refused"},
		{"redirect loop", weaviatetest.Fault{Do: weaviatetest.DoRedirect}, "1h", fails, "redirect refused"},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.fault.Path = "/v1/.well-known/ready"
			run := backup(t, startFake(t, meta, r.fault).URL, append(limits("3", short), "--wait-for-ready", r.wait)...)
			came.add(want.judge(t, run, r.want, r.says))
		})
	}
}
