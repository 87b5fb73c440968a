package oidctest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/action"
)

// midway are what the provider may say when it is asked for a token in the middle of
// a run. None of it is the server's word, whatever it would mean from the server.
var midway = []struct {
	name    string
	answer  http.HandlerFunc
	passing bool // another attempt helps
}{
	{"404 with nothing", text(404, "text/plain", ""), false},
	{"404 of a path", text(404, "application/json", `{"code":404,"message":"path /v1/users/own-info was not found"}`), false},
	{"403", text(403, "application/json", `{"error":[{"message":"forbidden"}]}`), false},
	{"503", text(503, "text/plain", ""), true},
	{"page", text(200, "text/html", "<html>Sign in"), false},
	{"gone", gone, true},
}

// Whatever the provider says in the middle of a run, once or from then on, and at
// whichever request, comes to the right end or to an error: it says nothing of what is
// on the server.
func TestRealProviderMidway(t *testing.T) { //nolint:tparallel // the cases share the provider, and what it says
	t.Parallel()
	p := newProvider(t, false)
	server := newServer(t, p)
	folder := t.TempDir()
	run := program(t, folder, append([]string{"backup", "--weaviate-url", server.URL}, as(clientID, secret)...)...)
	require.Zero(t, run.code, run.log)
	p.live(passing)

	told := "get a token from the OpenID Connect provider at " + p.URL
	cases := make(map[string]int)
	for _, c := range []struct {
		id   string
		args []string
		want int // exit code without a fault
		// without is the exit code where counts, or the number of nodes, are not known.
		without int
	}{
		{clientID, []string{"backup", "--dry-run"}, action.ExitDone, action.ExitDone},
		{clientID, []string{"verify", "--backup-path", "backups"}, action.ExitDone, action.ExitFailed},
		{clientID, []string{"diff", "--backup-path", "backups", "--fail-on", "none"}, action.ExitDone, action.ExitFailed},
		{clientID, []string{"restore", "--backup-path", "backups", "--rename", "{name}_new", "--dry-run"}, action.ExitDone, action.ExitDone},
		{partID, []string{"backup", "--dry-run"}, action.ExitFailed, action.ExitFailed},
		{partID, []string{"verify", "--backup-path", "backups"}, action.ExitFailed, action.ExitFailed},
		{partID, []string{"diff", "--backup-path", "backups"}, action.ExitFailed, action.ExitFailed},
	} {
		args := append(append(c.args, "--weaviate-url", server.URL, "--json", "--max-attempts", "3"), as(c.id, secret)...)
		p.live(passing)
		p.say("", nil)
		before := program(t, folder, args...)
		require.Equal(t, c.want, before.code, before.log)
		var calm struct{ Outputs map[string]string }
		require.NoError(t, json.Unmarshal([]byte(before.printed), &calm))
		requests := p.tokens()
		for n := 1; n <= requests; n++ {
			for _, m := range midway {
				for _, times := range []int{1, 1000} {
					t.Run(fmt.Sprint(c.id, " ", c.args[0], " ", n, " ", m.name, " ", times), func(t *testing.T) {
						p.say(tokens, p.at(n, times, m.answer))
						run := program(t, folder, args...)
						var result struct{ Outputs map[string]string }
						require.NoError(t, json.Unmarshal([]byte(run.printed), &result))
						came := "failed"
						switch {
						case times == 1 && (m.passing || n == 1):
							// The secret is sent in two ways, until one is known to work.
							assert.Equal(t, c.want, run.code, run.log)
							came = "came to the same end"
						case times == 1 && c.args[0] == "diff" && !strings.Contains(run.log, told):
							// The token was for a node's own copy of the schema, and the leader was asked instead.
							assert.Equal(t, c.want, run.code, run.log)
							assert.Equal(t, calm.Outputs["drift"], result.Outputs["drift"])
							came = "came to the same end"
						default:
							if run.code == action.ExitDone && c.without == action.ExitDone {
								came = "told what is not known"
							} else {
								assert.Equal(t, action.ExitFailed, run.code, run.log)
							}
							assert.Contains(t, run.log, told)
							assert.NotContains(t, result.Outputs, "valid")
							assert.NotContains(t, result.Outputs, "drift")
						}
						if c.args[0] != "diff" {
							assert.True(t, maps.Equal(before.files, run.files), "it wrote something")
						}
						cases[came]++
					})
				}
			}
		}
	}
	t.Logf("%d faults at requests for a token: %v", cases["failed"]+cases["came to the same end"]+cases["told what is not known"], cases)
}
