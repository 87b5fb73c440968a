package diff_test

import (
	"io"
	"net/http"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/weaviate-backup/weaviate-backup-action/internal/programtest"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// benchCollections is the number of those that are compared; their files have
// 3.3 KB each.
const benchCollections = 1000

// BenchmarkDiff measures the program, from its start to its end, in turn with a
// floor: one GET of the schema, nothing parsed. What reads the files of a backup,
// in three ways: diff against a server that is the same, verify without a server,
// and a dry run of restore. The times are medians, the memory the most of as many
// runs. The server's folder is made once, see weaviatetest.RunMany.
func BenchmarkDiff(b *testing.B) {
	server := weaviatetest.RunMany(b, benchCollections)
	program, folder := programtest.Build(b), b.TempDir()
	command := func(args ...string) *exec.Cmd {
		return programtest.Command(b.Context(), folder, append([]string{program}, args...)...)
	}
	run := func(b *testing.B, args ...string) {
		b.Helper()
		done := programtest.Finish(b, command(args...))
		require.Zero(b, done.Code, done.Log())
	}
	run(b, "backup", "--weaviate-url", server.URL, "--count-objects=false")
	diff := []string{"diff", "--backup-path", "backups", "--weaviate-url", server.URL, "--output-directory", "reports"}
	ways := []struct {
		name string
		run  func(*testing.B)
	}{
		{"floor", func(b *testing.B) { b.Helper(); getSchema(b, server.URL) }},
		{"diff", func(b *testing.B) { b.Helper(); run(b, diff...) }},
		{"verify", func(b *testing.B) { b.Helper(); run(b, "verify", "--backup-path", "backups") }},
		{"restore-dry-run", func(b *testing.B) {
			b.Helper()
			run(b, "restore", "--backup-path", "backups", "--weaviate-url", server.URL, "--on-existing", "skip", "--dry-run")
		}},
	}
	took := make([][]time.Duration, len(ways))
	for b.Loop() {
		for i, way := range ways {
			began := time.Now()
			way.run(b)
			took[i] = append(took[i], time.Since(began))
		}
	}
	peak := 0.0
	for range took[0] {
		done := programtest.Measure(b, command(diff...))
		require.Zero(b, done.Code, done.Log())
		peak = max(peak, done.PeakMiB)
	}
	for i, way := range ways {
		b.ReportMetric(float64(median(took[i]).Microseconds())/1000, way.name+"-ms")
	}
	b.ReportMetric(float64(median(took[1]))/float64(median(took[0])), "diff/floor")
	b.ReportMetric(peak, "diff-peak-MiB")
	b.ReportMetric(0, "ns/op")
}

func getSchema(b *testing.B, address string) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address+"/v1/schema", nil)
	require.NoError(b, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(b, err)
	require.Equal(b, http.StatusOK, answer.StatusCode)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(b, err)
	require.NoError(b, answer.Body.Close())
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func TestMain(m *testing.M) {
	if programtest.TellPeak() {
		return
	}
	goleak.VerifyTestMain(m)
}
