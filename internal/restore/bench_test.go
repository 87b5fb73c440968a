package restore_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// BenchmarkRestore restores 50 collections of ten properties, in turn with a bare
// loop that posts the same definitions and looks at nothing. Both begin with an
// empty server, and what empties it is not counted. It reports the time of each
// per collection, their quotient, and the requests per collection.
func BenchmarkRestore(b *testing.B) {
	const n = 50
	var definitions []string
	for i := range n {
		properties := ""
		for p := range 10 {
			properties += fmt.Sprintf(`,{"name":"p%d","dataType":["text"],"tokenization":"word","description":"property %d"}`, p, p)
		}
		definitions = append(definitions, fmt.Sprintf(
			`{"class":"B%02d","vectorizer":"none","vectorIndexType":"hnsw","vectorIndexConfig":{"ef":64},"properties":[%s]}`, i, properties[1:]))
	}
	backup := backupOf(b, definitions...)
	server := weaviatetest.Run(b, weaviatetest.Options{})
	proxy := weaviatetest.NewProxy(b, server.URL)
	_, err := run(b, proxy.URL, backup, nil)
	require.NoError(b, err)
	requests := len(proxy.Requests())
	deleteAll(b, server.URL)

	var restored, posted time.Duration
	for b.Loop() {
		began := time.Now()
		_, err := run(b, server.URL, backup, nil)
		restored += time.Since(began)
		require.NoError(b, err)
		deleteAll(b, server.URL)

		began = time.Now()
		for _, definition := range definitions {
			server.MustRequest(b, http.MethodPost, "/v1/schema", []byte(definition))
		}
		posted += time.Since(began)
		deleteAll(b, server.URL)
	}
	rounds := float64(b.N * n)
	b.ReportMetric(float64(restored.Microseconds())/rounds/1000, "ms/restored")
	b.ReportMetric(float64(posted.Microseconds())/rounds/1000, "ms/posted")
	b.ReportMetric(float64(restored)/float64(posted), "x")
	b.ReportMetric(float64(requests)/n, "requests/collection")
	b.ReportMetric(0, "ns/op")
}
