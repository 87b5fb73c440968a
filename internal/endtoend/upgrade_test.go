package endtoend_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

var upgrades = flag.String("upgrades", "1.35.2,"+weaviatetest.DefaultVersion,
	"servers that TestUpgrade moves a database through: exact versions with commas between")

// TestUpgrade starts newer servers on the data of an older one. What they show
// otherwise is no difference from any backup taken before.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	chain := strings.Split(*upgrades, ",")
	for _, version := range chain {
		weaviatetest.Need(t, version)
	}
	data := t.TempDir()
	var backups []program
	for i, version := range chain {
		server := weaviatetest.Run(t, weaviatetest.Options{Version: version, Env: weaviatetest.CorpusEnv(), Dir: data})
		if i == 0 {
			names := weaviatetest.LoadCorpus(t, server)
			require.GreaterOrEqual(t, len(names), 40)
			t.Logf("%d collections of %s", len(names), version)
		}
		for j, p := range backups {
			p.run("verify", "--backup-path", "backups", "--weaviate-url", server.URL)
			p.run("diff", "--backup-path", "backups", "--weaviate-url", server.URL)
			t.Logf("%s shows what was saved of %s", version, chain[j])
		}
		p := program{t, t.TempDir()}
		p.run("backup", "--weaviate-url", server.URL)
		backups = append(backups, p)
		require.NoError(t, server.Kill())
	}
}
