package restore_test

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// TestMain makes 200 cases of each property, and lets more tests run side by
// side than there are processors: they wait for their servers most of the time.
// The same flags of the caller win.
func TestMain(m *testing.M) {
	if err := errors.Join(flag.Set("rapid.checks", "200"), flag.Set("test.parallel", "4")); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// connect makes a client that does not wait long.
func connect(tb testing.TB, address, key string) *weaviate.Client {
	tb.Helper()
	return connectWith(tb, address, func(o *weaviate.Options) { o.APIKey = key })
}

// connectWith is connect with other options.
func connectWith(tb testing.TB, address string, change func(*weaviate.Options)) *weaviate.Client {
	tb.Helper()
	u, err := url.Parse(address)
	require.NoError(tb, err)
	options := weaviate.Options{URL: u, RetryMinWait: time.Millisecond, RetryMaxWait: 10 * time.Millisecond}
	change(&options)
	client, err := weaviate.New(options)
	require.NoError(tb, err)
	tb.Cleanup(client.Close)
	return client
}

// take is what a backup of the whole server holds, without the detour over
// files.
func take(tb testing.TB, address string) restore.Backup {
	tb.Helper()
	client := connect(tb, address, "")
	meta, err := client.Meta(tb.Context())
	require.NoError(tb, err)
	collections, err := client.Schema(tb.Context())
	require.NoError(tb, err)
	aliases, err := client.Aliases(tb.Context())
	if err != nil {
		require.ErrorIs(tb, err, weaviate.ErrNoAliases)
	}
	backup := restore.Backup{Path: "backups/manifest.json", Version: meta.Version, Complete: true}
	for _, c := range collections {
		s := snapshotOf(c)
		s.Metadata.WeaviateVersion = meta.Version
		if c.MultiTenant {
			tenants, err := client.Tenants(tb.Context(), c.Name)
			require.NoError(tb, err)
			s.Tenants = []jsontext.Value{}
			for _, tenant := range tenants {
				s.Tenants = append(s.Tenants, tenant.Raw)
			}
		}
		for alias, collection := range aliases {
			if collection == c.Name {
				s.Aliases = append(s.Aliases, alias)
			}
		}
		slices.Sort(s.Aliases)
		backup.Snapshots = append(backup.Snapshots, s)
	}
	return backup
}

func snapshotOf(c schema.Collection) snapshot.Snapshot {
	return snapshot.Snapshot{Metadata: snapshot.Metadata{Collection: c.Name}, Schema: c.Raw}
}

// backupOf is a backup of definitions in JSON.
func backupOf(tb testing.TB, definitions ...string) restore.Backup {
	tb.Helper()
	backup := restore.Backup{Path: "backups/manifest.json", Complete: true}
	for _, definition := range definitions {
		c, err := schema.Parse([]byte(definition))
		require.NoError(tb, err)
		backup.Snapshots = append(backup.Snapshots, snapshotOf(c))
	}
	slices.SortFunc(backup.Snapshots, func(a, b snapshot.Snapshot) int {
		return strings.Compare(a.Metadata.Collection, b.Metadata.Collection)
	})
	return backup
}

// run restores with tenants and aliases, as changed.
func run(tb testing.TB, address string, backup restore.Backup, change func(*restore.Options)) (restore.Result, error) {
	tb.Helper()
	return runWith(tb.Context(), tb, connect(tb, address, ""), backup, change)
}

func runWith(ctx context.Context, tb testing.TB, server restore.Server, backup restore.Backup, change func(*restore.Options)) (restore.Result, error) {
	tb.Helper()
	options := restore.Options{OnExisting: restore.OnExistingFail, Tenants: true, Aliases: true, Target: "http://server"}
	if change != nil {
		change(&options)
	}
	return restore.Run(ctx, server, backup, options, noProgress{}, slog.New(slog.DiscardHandler))
}

type noProgress struct{}

func (noProgress) Stage(string, int) {}
func (noProgress) Step(int)          {}

// digests are those of a server's collections.
func digests(tb testing.TB, address string) map[string]string {
	tb.Helper()
	collections, err := connect(tb, address, "").Schema(tb.Context())
	require.NoError(tb, err)
	all := make(map[string]string)
	for _, c := range collections {
		all[c.Name], err = c.Digest()
		require.NoError(tb, err)
	}
	return all
}

// savedDigests are those of a backup's collections.
func savedDigests(tb testing.TB, backup restore.Backup) map[string]string {
	tb.Helper()
	all := make(map[string]string)
	for _, s := range backup.Snapshots {
		c, err := schema.Parse(s.Schema)
		require.NoError(tb, err)
		all[c.Name], err = c.Digest()
		require.NoError(tb, err)
	}
	return all
}

// deleteAll deletes everything on a server.
func deleteAll(tb testing.TB, address string) {
	tb.Helper()
	client := connect(tb, address, "")
	collections, err := client.Schema(tb.Context())
	require.NoError(tb, err)
	for _, c := range collections {
		require.NoError(tb, client.DeleteCollection(tb.Context(), c.Name))
	}
	aliases, err := client.Aliases(tb.Context())
	if err == nil {
		for alias := range aliases {
			require.NoError(tb, client.DeleteAlias(tb.Context(), alias))
		}
	}
}
