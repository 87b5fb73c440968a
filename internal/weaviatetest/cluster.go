package weaviatetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Cluster is a running Weaviate of several nodes on this machine. Its nodes are
// called node1, node2 and so on.
type Cluster struct {
	Nodes []*Server

	launcher launcher
	options  []Options // of each node
}

// RunCluster starts a cluster of so many nodes for one test, as Run starts a
// server, and ends it when the test ends. Options.Dir must be empty.
func RunCluster(tb testing.TB, nodes int, o Options) *Cluster {
	tb.Helper()
	Need(tb, o.version())
	c, err := StartCluster(tb.Context(), nodes, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Stop(); err != nil {
			tb.Error(err)
		}
		if tb.Failed() {
			for i, node := range c.Nodes {
				tb.Logf("the end of the log of node%d:\n%s", i+1, node.Log())
			}
		}
	})
	return c
}

// StartCluster starts a cluster and returns when every node is ready and a leader
// is elected. The rest is as with Start.
func StartCluster(ctx context.Context, nodes int, o Options) (*Cluster, error) {
	l, err := newLauncher(ctx, o)
	if err != nil {
		return nil, err
	}
	for range startAttempts {
		c := &Cluster{launcher: l}
		if err = c.start(ctx, nodes, o); err == nil {
			return c, nil
		}
		err = errors.Join(err, c.Stop())
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	return nil, fmt.Errorf("start a cluster of %d nodes of weaviate-server %s: %w", nodes, o.version(), err)
}

func (c *Cluster) start(ctx context.Context, nodes int, o Options) error {
	var raft, gossip []string
	for i := range nodes {
		s, err := c.launcher.reserve(ctx, o)
		if err != nil {
			return err
		}
		c.Nodes = append(c.Nodes, s)
		raft = append(raft, fmt.Sprintf("node%d:%s", i+1, s.ports.port(portRaft)))
		gossip = append(gossip, "127.0.0.1:"+s.ports.port(portGossip))
	}
	for i, s := range c.Nodes {
		node := o
		node.Env = map[string]string{
			"CLUSTER_HOSTNAME":      fmt.Sprintf("node%d", i+1),
			"CLUSTER_JOIN":          strings.Join(others(gossip, i), ","),
			"RAFT_JOIN":             strings.Join(raft, ","),
			"RAFT_BOOTSTRAP_EXPECT": strconv.Itoa(nodes),
			// The default, 5, is for networks and makes an election last half a
			// minute; 1 would call one whenever the machine is busy.
			"RAFT_TIMEOUTS_MULTIPLIER": "2",
		}
		maps.Copy(node.Env, o.Env)
		c.options = append(c.options, node)
		if err := c.launcher.launch(s, node); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.launcher.deadline, fmt.Errorf("not ready after %s", c.launcher.deadline))
	defer cancel()
	for _, s := range c.Nodes {
		if err := s.waitReady(ctx); err != nil {
			return err
		}
	}
	_, err := c.Leader(ctx)
	return err
}

// others are all but the i-th.
func others(all []string, i int) []string {
	return append(append([]string{}, all[:i]...), all[i+1:]...)
}

// Leader waits until the nodes that run have a leader, and gives its place among
// Nodes.
func (c *Cluster) Leader(ctx context.Context) (int, error) {
	ticker := time.NewTicker(readyEvery)
	defer ticker.Stop()
	for {
		for _, s := range c.Nodes {
			if s.process.ended() {
				continue
			}
			if i, ok := c.leaderBy(ctx, s); ok {
				return i, nil
			}
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("wait for a leader: %w", context.Cause(ctx))
		case <-ticker.C:
		}
	}
}

// leaderBy asks one node who leads, and believes it if that node runs.
func (c *Cluster) leaderBy(ctx context.Context, s *Server) (int, bool) {
	answer, err := s.Do(ctx, http.MethodGet, "/v1/cluster/statistics", nil)
	if err != nil {
		return 0, false
	}
	var told struct {
		Statistics []struct {
			Name     string `json:"name"`
			LeaderID string `json:"leaderId"`
		} `json:"statistics"`
	}
	if json.Unmarshal(answer, &told) != nil {
		return 0, false
	}
	for _, node := range told.Statistics {
		for i, leader := range c.Nodes {
			if node.LeaderID == fmt.Sprintf("node%d", i+1) && !leader.process.ended() {
				return i, true
			}
		}
	}
	return 0, false
}

// Restart starts a node that was killed again, on its ports and with its data, and
// returns when it is ready.
func (c *Cluster) Restart(ctx context.Context, i int) error {
	s := c.Nodes[i]
	s.killed = false
	if err := c.launcher.run(ctx, s, c.options[i]); err != nil {
		return fmt.Errorf("start node%d again: %w", i+1, err)
	}
	return nil
}

// Stop kills every node, since an orderly end waits for the others, and gives
// everything back. A node that had died by itself is an error with the end of its
// log.
func (c *Cluster) Stop() error {
	var all []error
	for _, s := range c.Nodes {
		if s.process != nil && s.process.ended() && !s.killed {
			all = append(all, s.withLog(fmt.Errorf("a node ended by itself: %w", s.process.exit())))
		}
		all = append(all, s.discard())
	}
	return errors.Join(all...)
}
