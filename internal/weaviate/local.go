package weaviate

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// ErrNotAlone is a server that is not known to be a whole cluster by itself.
var ErrNotAlone = errors.New("the server is not known to be alone")

// LocalSchema reads the copy of the schema that a lone node has, which leads itself
// and has nothing left to apply: what [Client.Schema] gives, which is the same copy,
// written and read twice more on its way (Raft.Query in
// cluster/raft_query_endpoints.go, v1.27.0 to v1.39.3). Of 1000 collections that
// takes the server 119 ms in place of 17 (1.39.0). The order of the keys within
// vectorIndexConfig differs.
//
// Any error, [ErrNotAlone] among them, means that the leader is to be asked. That
// comes soon: nothing is tried twice.
func (c *Client) LocalSchema(ctx context.Context) ([]schema.Collection, error) {
	if err := c.isAlone(ctx); err != nil {
		return nil, err
	}
	return c.schema(ctx, call{header: http.Header{"Consistency": {"false"}}, once: true})
}

// patience is how long a server may take to say of what nodes it consists: one that
// can't reach all of them waits for those.
const patience = time.Second

// isAlone is nil where the server is a cluster of one node, whose copy of the schema
// is up to date. A key needs the permission read_cluster to see that.
func (c *Client) isAlone(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type node struct {
		Name     string `json:"name"`
		LeaderID string `json:"leaderId"`
		Ready    bool   `json:"ready"`
		DBLoaded bool   `json:"dbLoaded"`
		Raft     struct {
			State               string     `json:"state"`
			AppliedIndex        string     `json:"appliedIndex"`
			CommitIndex         string     `json:"commitIndex"`
			LastLogIndex        string     `json:"lastLogIndex"`
			LatestConfiguration []struct{} `json:"latestConfiguration"`
		} `json:"raft"`
	}
	var answer struct {
		Statistics []node `json:"statistics"`
	}
	_, err := c.do(ctx, call{
		method: http.MethodGet,
		path:   "/v1/cluster/statistics",
		small:  true,
		check:  func(body []byte) error { return decode(body, &answer) },
		once:   true,
		loose:  true,
	})
	if err != nil {
		return err
	}
	if len(answer.Statistics) != 1 {
		return ErrNotAlone
	}
	n := answer.Statistics[0]
	leads := n.Raft.State == "Leader" && n.Name != "" && n.LeaderID == n.Name && len(n.Raft.LatestConfiguration) == 1
	applied := n.Raft.AppliedIndex != "" && n.Raft.AppliedIndex == n.Raft.CommitIndex && n.Raft.AppliedIndex == n.Raft.LastLogIndex
	if !n.Ready || !n.DBLoaded || !leads || !applied {
		return ErrNotAlone
	}
	return nil
}
