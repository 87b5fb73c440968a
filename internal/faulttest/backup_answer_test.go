package faulttest_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// What a backup asks for.
const (
	meta    = "/v1/meta"
	ownInfo = "/v1/users/own-info"
	probe   = "/v1/schema/WeaviateBackupActionReadsAll"
	schemas = "/v1/schema"
	tenants = "/v1/schema/Shop/tenants"
	aliases = "/v1/aliases"
	graphQL = "/v1/graphql"
)

// statistics is what diff asks for beside that.
const statistics = "/v1/cluster/statistics"

// reader is what own-info says of a user who may read everything.
const reader = `{"username":"reader","groups":[],"roles":[{"name":"backup","permissions":[
	{"action":"read_collections","collections":{"collection":"*"}},
	{"action":"read_tenants","tenants":{"collection":"*","tenant":"*"}},
	{"action":"read_aliases","aliases":{"collection":"*","alias":"*"}},
	{"action":"read_data","data":{"collection":"*","tenant":"*","object":"*"}}]}]}`

// startFake starts a server that tells what the key may read, but for the probe.
func startFake(t *testing.T, path string, faults ...weaviatetest.Fault) *weaviatetest.Fake {
	t.Helper()
	return weaviatetest.NewFake(t, func(c *weaviatetest.FakeConfig) {
		if path != probe {
			c.OwnInfo = json.RawMessage(reader)
		}
		c.Faults = faults
	})
}

// wanted is what must come of a backup that gets this answer on the path once, or
// always.
func (a answer) wanted(path string, once bool) outcome {
	switch {
	case a.class == right || (a.class == passing && once):
		return recovers
	case path == graphQL:
		return uncounted
	default:
		return fails
	}
}

// wantedOfBackup is wanted but for an answer that may mean that the collection is gone:
// it is looked for, and its tenants are read again.
func (a answer) wantedOfBackup(path string, once bool) outcome {
	if path == tenants && once && (a.name == "404 page" || a.name == "422") {
		return recovers
	}
	return a.wanted(path, once)
}

// Whatever a server answers to any request of a backup, once or always, there
// is the right backup or none. In short mode, two of the requests are taken.
func TestBackupAnswerFaults(t *testing.T) {
	t.Parallel()
	var came tally
	t.Cleanup(func() { t.Log(&came) })
	paths := []string{schemas, graphQL, meta, ownInfo, probe, tenants, aliases}
	if testing.Short() {
		paths = paths[:2]
	}
	for _, path := range paths {
		calm := startFake(t, path)
		want := undisturbed(t, calm.URL)
		asked := calm.Received()
		at := slices.IndexFunc(asked, func(r weaviatetest.Received) bool { return r.Path == path })
		require.GreaterOrEqual(t, at, 0, path)
		truth := honest(t, calm.URL, asked[at])
		if path == probe {
			truth = `{"class":"WeaviateBackupActionReadsAll"}` // a 404 is the rule, and has no body
		}
		for _, a := range answers {
			if slices.Contains(a.not, path) {
				continue
			}
			for times, lasting := range []string{"always", "once"} {
				t.Run(fmt.Sprint(path, " ", a.name, " ", lasting), func(t *testing.T) {
					t.Parallel()
					fault := a.fault(truth)
					fault.Path, fault.Times = path, times
					run := backup(t, startFake(t, path, fault).URL, limits("3", cmp.Or(a.limit, long))...)
					came.add(want.judge(t, run, a.wantedOfBackup(path, times == 1), a.says))
				})
			}
		}
	}
}
