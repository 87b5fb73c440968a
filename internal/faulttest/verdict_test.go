package faulttest_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// question asks verify or diff about a server: is it as it was saved, or as another
// one is?
type question struct {
	name string
	// ask are the arguments; url is the server's that faults stand before.
	ask func(url string) []string
	// saved are the files of the backup that is asked about, by path.
	saved map[string]string
	// truth is what a run without a fault said.
	truth finished
}

// run asks in a folder of its own.
func (q question) run(t *testing.T, url string, more ...string) finished {
	t.Helper()
	folder := t.TempDir()
	for name, text := range q.saved {
		path := filepath.Join(folder, name)
		if text == "a folder" {
			require.NoError(t, os.MkdirAll(path, 0o755))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return program(t, folder, append(q.ask(url), more...)...)
}

// answered keeps what the honest server makes of the question.
func (q question) answered(t *testing.T, url string, code int) question {
	t.Helper()
	q.truth = q.run(t, url, limits("1", long)...)
	require.Equal(t, code, q.truth.code, q.truth.log)
	verdict := q.truth.Outputs["valid"] + q.truth.Outputs["drift"]
	require.Contains(t, map[int][]string{action.ExitDone: {"true", "false"}, action.ExitDifference: {"false", "true"}}[code], verdict)
	return q
}

// judge says what came of a question, and fails the test where it is not what was
// wanted, or where it is an answer that is not the truth.
func (q question) judge(t *testing.T, run finished, want outcome, says string) outcome {
	t.Helper()
	got := recovers
	if run.code == q.truth.code {
		assert.Equal(t, q.truth.Outputs, run.Outputs, run.log)
		assert.Equal(t, q.truth.Error, run.Error)
	} else {
		got = fails
		assertFailure(t, run, says)
		assert.Empty(t, run.Outputs, "a verdict, or a part of one")
		assert.Equal(t, q.saved, files(t, run.folder), "a failed run left files")
	}
	if want != either {
		assert.Equal(t, want, got, run.log)
	}
	return got
}

// verifying and diffing ask about a backup.
func verifying(saved map[string]string) question {
	return question{name: "verify", saved: saved, ask: func(url string) []string {
		return []string{"verify", "--backup-path", "backups", "--weaviate-url", url}
	}}
}

func diffing(saved map[string]string) question {
	return question{name: "diff", saved: saved, ask: func(url string) []string {
		return []string{"diff", "--backup-path", "backups", "--weaviate-url", url}
	}}
}

// TestVerdictToxicFaults: whatever happens to the connections of verify and diff,
// they find what is there, or fail. Each question is put about a server that is as it
// was saved, and about one that is not.
func TestVerdictToxicFaults(t *testing.T) {
	t.Parallel()
	same, other := weaviatetest.Run(t, weaviatetest.Options{}), weaviatetest.Run(t, weaviatetest.Options{})
	fill(t, same)
	fill(t, other)
	other.MustRequest(t, "POST", "/v1/schema/Plain0/properties", map[string]any{"name": "more", "dataType": []string{"int"}})
	other.MustRequest(t, "DELETE", "/v1/aliases/Alias7", nil)
	other.MustRequest(t, "DELETE", "/v1/schema/Plain7", nil)
	saved := undisturbed(t, same.URL).files
	first := question{name: "diff, the first server", saved: map[string]string{}, ask: func(url string) []string {
		return []string{"diff", "--weaviate-url", url, "--against-url", other.URL}
	}}
	second := question{name: "diff, the second server", saved: map[string]string{}, ask: func(url string) []string {
		return []string{"diff", "--weaviate-url", same.URL, "--against-url", url}
	}}

	for _, c := range []struct {
		question question
		server   *weaviatetest.Server
		code     int
	}{
		{verifying(saved), same, action.ExitDone},
		{verifying(saved), other, action.ExitDifference},
		{diffing(saved), same, action.ExitDone},
		{diffing(saved), other, action.ExitDifference},
		{first, same, action.ExitDifference},
		{second, same, action.ExitDone},
	} {
		verdict := map[int]string{action.ExitDone: "the same", action.ExitDifference: "changed"}[c.code]
		t.Run(c.question.name+" "+verdict, func(t *testing.T) {
			t.Parallel()
			q := c.question.answered(t, c.server.URL, c.code)
			upstream, downstream := measure(t, c.server.URL, func(url string) { q.run(t, url, limits("1", long)...) })
			var came tally
			t.Cleanup(func() { t.Logf("%d bytes to the server, %d from it: %s", upstream, downstream, &came) })
			for _, x := range allToxics(upstream, downstream) {
				t.Run(x.String(), func(t *testing.T) {
					t.Parallel()
					run := q.run(t, x.poison(t, c.server.URL), limits("5", x.limit)...)
					came.add(q.judge(t, run, x.want, x.says))
				})
			}
		})
	}
}

// changed makes a fake's schema another one than it was.
func changed(c *weaviatetest.FakeConfig) {
	for i, class := range c.Classes {
		c.Classes[i] = json.RawMessage(strings.Replace(string(class), "the headline", "the title", 1))
	}
	c.Aliases = map[string]string{}
	c.Tenants = map[string][]weaviatetest.Tenant{"Shop": {{Name: "t1", ActivityStatus: "HOT"}}}
}

// loneNode is diff with a server that says that it is alone, so that its own copy of
// the schema is asked for before the leader's.
const loneNode = "diff with a lone node"

// Whatever a server answers to any request of verify or diff, once or always, they
// find what is there, or fail. Every other answer comes from a server that has
// changed. In short mode, one of the requests is taken.
func TestVerdictAnswerFaults(t *testing.T) {
	t.Parallel()
	for name, paths := range map[string][]string{
		"verify": {schemas, meta, ownInfo, probe}, "diff": {schemas, meta, ownInfo, probe, tenants, aliases},
		loneNode: {statistics, schemas},
	} {
		if testing.Short() {
			paths = paths[:1]
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var came tally
			t.Cleanup(func() { t.Log(&came) })
			for _, path := range paths {
				answerVerdicts(t, name, path, &came)
			}
		})
	}
}

// answerVerdicts puts the question with each answer on the path.
func answerVerdicts(t *testing.T, name, path string, came *tally) {
	t.Helper()
	start := func(t *testing.T, faults ...weaviatetest.Fault) *weaviatetest.Fake {
		t.Helper()
		server := startFake(t, path, faults...)
		if name == loneNode {
			require.NoError(t, server.Update(func(c *weaviatetest.FakeConfig) {
				c.Alone, c.OwnInfo = true, nil // the reader's role may not ask
			}))
		}
		return server
	}
	calm := start(t)
	saved := undisturbed(t, calm.URL).files
	question := map[string]question{"verify": verifying(saved), "diff": diffing(saved), loneNode: diffing(saved)}[name]
	same := question.answered(t, calm.URL, action.ExitDone)
	require.NoError(t, calm.Update(changed))
	other := question.answered(t, calm.URL, action.ExitDifference)
	asked := weaviatetest.Received{Method: "GET", Path: path}
	truths := []string{honest(t, start(t).URL, asked), honest(t, calm.URL, asked)}
	for i, a := range answers {
		for times, lasting := range []string{"always", "once"} {
			q, which := same, (i+times)%2
			if name == "verify" && path == meta { // only of a server that has changed is it asked
				which = 1
			}
			if which == 1 {
				q = other
			}
			truth := truths[which]
			if path == probe {
				truth = `{"class":"WeaviateBackupActionReadsAll"}` // a 404 is the rule, and has no body
			}
			fault := a.fault(truth)
			fault.Path, fault.Times = path, times
			if slices.Contains(a.not, path) {
				continue
			}
			t.Run(path+" "+a.name+" "+lasting, func(t *testing.T) {
				t.Parallel()
				server := start(t, fault)
				if which == 1 {
					require.NoError(t, server.Update(changed))
				}
				want := a.wanted(path, times == 1)
				if path == probe && a.name == "403" {
					want = either // a key that may read a part may find out what has changed
				}
				if name == loneNode && (path == statistics || times == 1) {
					want = recovers // the leader is asked
				}
				run := q.run(t, server.URL, limits("3", cmp.Or(a.limit, long))...)
				came.add(q.judge(t, run, want, a.says))
			})
		}
	}
}
