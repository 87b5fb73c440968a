package faulttest_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// refused is what ends a restore when all is created: its last read, of the
// aliases that it has made.
func refused() weaviatetest.Fault {
	return weaviatetest.Fault{Method: "GET", Path: aliases, Skip: 1, Times: 1, Status: 403, Body: `{"error":[{"message":"not any more"}]}`}
}

// cleanUps: whatever happens to any request of a clean-up, what stands is named. Of the
// faults those are taken that do not pass by themselves, or by a time limit.
func cleanUps(t *testing.T, free chan *lane) {
	t.Helper()
	first := <-free
	calm := weaviatetest.NewProxy(t, first.server.URL)
	require.NoError(t, calm.SetFaults(refused()))
	run := first.restore(t, calm.URL, limits("1", long)...)
	require.Equal(t, fails, first.judge(t, run, fails, "not any more"))
	all := calm.Received()
	free <- first

	at := 1 + slices.IndexFunc(all, func(r weaviatetest.Received) bool { return r.Path == aliases && r.Method == http.MethodPost })
	require.Equal(t, aliases, all[at].Path, "the read that is refused")
	var came tally
	t.Cleanup(func() { t.Logf("%d requests of a clean-up: %s", len(all)-at-1, &came) })
	for n := at + 1; n < len(all); n++ {
		for _, h := range hits {
			if h.want == recovers || h.limit != "" {
				continue
			}
			t.Run(fmt.Sprint(n-at, " ", all[n].Method, " ", all[n].Path, " ", h.name), func(t *testing.T) {
				t.Parallel()
				l := <-free
				defer func() { free <- l }()
				fault := h.at(l.of(first, all), n)
				if h.lasting || (fault.Path == aliases && fault.Method == http.MethodGet) {
					fault.Skip-- // the one that is refused is not counted
				}
				proxy := weaviatetest.NewProxy(t, l.server.URL)
				require.NoError(t, proxy.SetFaults(refused(), fault))
				run := l.restore(t, proxy.URL, limits("3", cmp.Or(h.limit, long))...)
				came.add(l.judge(t, run, fails, "not any more"))
			})
		}
	}
}
