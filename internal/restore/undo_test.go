package restore_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/restore"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviatetest"
)

// refuseAlias ends a restore of a library at its last write.
func refuseAlias() weaviatetest.Fault {
	return weaviatetest.Fault{Method: "POST", Path: "/v1/aliases", Status: 422, Body: aRefusal}
}

// failing restores through a proxy with faults and a hook, and fails. The proxy
// lives on, so that the clean-up can be looked at.
func (l *library) failing(t *testing.T, hook func(p *weaviatetest.Proxy), change func(*restore.Options), faults ...weaviatetest.Fault) restore.Result {
	t.Helper()
	proxy := weaviatetest.NewProxy(t, l.server.URL)
	require.NoError(t, proxy.SetFaults(faults...))
	if hook != nil {
		hook(proxy)
	}
	client := connectWith(t, proxy.URL, func(o *weaviate.Options) { o.MaxAttempts = 2 })
	result, err := runWith(t.Context(), t, client, l.backup, change)
	require.Error(t, err)
	assert.ElementsMatch(t, told(result), result.Restored)
	return result
}

// told are the collections of which a failed run says that it created or changed them,
// and that they are there.
func told(result restore.Result) []string {
	names := []string{}
	for _, l := range result.Leftovers {
		if l.Kind == restore.LeftCollection && !l.Unsure || l.Kind == restore.LeftUpdate && len(l.Changed) > 0 {
			names = append(names, l.Name)
		}
	}
	return names
}

// assertLeft compares what a failed run says that it left with what is wanted. The cause
// of each must have the text; "": there is none.
func assertLeft(t *testing.T, result restore.Result, cause string, want ...restore.Leftover) {
	t.Helper()
	var left []restore.Leftover
	for _, l := range result.Leftovers {
		if cause == "" {
			require.NoError(t, l.Cause)
		} else {
			require.ErrorContains(t, l.Cause, cause)
		}
		l.Cause = nil
		left = append(left, l)
	}
	assert.Equal(t, want, left)
}

// left is a collection that a run has created and left.
func left(name string, why restore.Why) restore.Leftover {
	return restore.Leftover{Kind: restore.LeftCollection, Name: name, Why: why}
}

// creates says whether a write creates a collection of the name, no stub.
func creates(r weaviatetest.Received, name string) bool {
	return r.Method == http.MethodPost && r.Path == "/v1/schema" &&
		strings.HasPrefix(r.Body, `{"class":"`+name+`"`) && !strings.Contains(r.Body, "stands in for")
}

// names are those of the collections that a server has.
func (w world) names() []string {
	var names []string
	for name := range w.digests {
		names = append(names, name)
	}
	return names
}

// What can't be removed again, or must not be, stays and is told.
func TestRealCleanUp(t *testing.T) { //nolint:tparallel // its parts share one server, one after the other
	t.Parallel()
	l := newLibrary(t, weaviatetest.Options{})
	do := func(t *testing.T, method, path string, body any) {
		t.Helper()
		_, err := l.server.Do(context.WithoutCancel(t.Context()), method, path, body)
		assert.NoError(t, err) // not require: hooks run on the proxy's goroutines
	}
	allOf := func(outcome report.Outcome) map[string]report.Outcome {
		all := make(map[string]report.Outcome)
		for _, name := range libraryNames() {
			all[name] = outcome
		}
		return all
	}
	removed := allOf(report.OutcomeRemovedAgain)
	keptOnly := func(name string) map[string]report.Outcome {
		all := maps.Clone(removed)
		all[name] = report.OutcomeKept
		return all
	}

	t.Run("the server refuses to delete", func(t *testing.T) {
		result := l.failing(t, nil, nil, refuseAlias(),
			weaviatetest.Fault{Method: "DELETE", Path: "/v1/schema/*", Skip: 1, Status: 500, Body: anError}) // the first is the stub's
		assertLeft(t, result, "something broke", left("Shelf", restore.WhyUndeleted), left("Reader", restore.WhyUndeleted),
			left("Author", restore.WhyUndeleted), left("Book", restore.WhyUndeleted)) // last first
		assert.Equal(t, allOf(report.OutcomeKept), results(result))
		assert.Subset(t, look(t, l.server.URL).names(), libraryNames())
		l.empty(t)
	})
	t.Run("a stub that can't be deleted", func(t *testing.T) {
		result := l.failing(t, nil, nil, weaviatetest.Fault{Method: "DELETE", Path: "/v1/schema/Author", Status: 500, Body: anError})
		assertLeft(t, result, "something broke", restore.Leftover{Kind: restore.LeftStub, Name: "Author", Why: restore.WhyUndeleted})
		assert.Equal(t, map[string]report.Outcome{
			"Author": report.OutcomeStubKept, "Book": report.OutcomeRemovedAgain, "Reader": report.OutcomeNotBegun, "Shelf": report.OutcomeNotBegun,
		}, results(result))
		assert.ElementsMatch(t, []string{"Author", "Bystander"}, look(t, l.server.URL).names())

		_, err := run(t, l.server.URL, l.backup, nil)
		require.NoError(t, err, "a later run removes it")
		assert.Equal(t, l.restored, look(t, l.server.URL))
		l.empty(t)
	})
	t.Run("a server that says it deleted, and did not", func(t *testing.T) {
		result := l.failing(t, nil, nil, refuseAlias(), weaviatetest.Fault{Method: "DELETE", Path: "/v1/schema/Reader", Status: 200})
		assertLeft(t, result, "the server answered with success, and has it still", left("Reader", restore.WhyUndeleted))
		assert.Equal(t, keptOnly("Reader"), results(result))
		l.empty(t)
	})
	t.Run("the schema can't be read any more", func(t *testing.T) {
		result := l.failing(t, nil, nil, refuseAlias(), weaviatetest.Fault{Method: "GET", Path: "/v1/schema", Skip: 1, Status: 403, Body: aRefusal})
		assertLeft(t, result, "no, thank you", left("Book", restore.WhyUnseen), left("Author", restore.WhyUnseen),
			left("Reader", restore.WhyUnseen), left("Shelf", restore.WhyUnseen))
		l.empty(t)
	})
	t.Run("a schema of the past", func(t *testing.T) {
		result := l.failing(t, nil, nil, refuseAlias(), weaviatetest.Fault{Method: "GET", Path: "/v1/schema", Skip: 1, Times: 1, Body: `{"classes":[]}`})
		assert.Empty(t, result.Leftovers)
		assert.Equal(t, removed, results(result))
		assert.Equal(t, []string{"Bystander"}, look(t, l.server.URL).names())
		l.empty(t)
	})
	t.Run("keep-partial", func(t *testing.T) {
		result := l.failing(t, nil, func(o *restore.Options) { o.KeepPartial = true }, refuseAlias())
		assertLeft(t, result, "", left("Shelf", restore.WhyAsked), left("Reader", restore.WhyAsked), left("Author", restore.WhyAsked), left("Book", restore.WhyAsked))
		assert.Equal(t, allOf(report.OutcomeKept), results(result))
		live := look(t, l.server.URL)
		live.aliases["Writer"] = "Author"
		assert.Equal(t, l.restored, live)
		l.empty(t)
	})
	t.Run("keep-partial keeps no stub", func(t *testing.T) {
		result := l.failing(t, func(p *weaviatetest.Proxy) {
			assert.NoError(t, p.SetFaults(weaviatetest.Fault{Method: "POST", Path: "/v1/schema", Skip: 1, Status: 422, Body: aRefusal}))
		}, func(o *restore.Options) { o.KeepPartial = true })
		assert.Empty(t, result.Leftovers)
		assert.Equal(t, l.without, look(t, l.server.URL))
	})
	t.Run("someone inserted an object", func(t *testing.T) {
		result := l.failing(t, func(p *weaviatetest.Proxy) {
			p.AfterWrite(func(_ int, r weaviatetest.Received) {
				if creates(r, "Reader") {
					assert.NoError(t, l.server.Insert(context.WithoutCancel(t.Context()), "Reader", "", 1))
				}
			})
		}, nil, refuseAlias())
		assertLeft(t, result, "", left("Reader", restore.WhyInUse))
		assert.Equal(t, keptOnly("Reader"), results(result))
		assert.ElementsMatch(t, []string{"Bystander", "Reader"}, look(t, l.server.URL).names())
		l.empty(t)
	})
	t.Run("someone inserted an object for a tenant", func(t *testing.T) {
		result := l.failing(t, func(p *weaviatetest.Proxy) {
			p.AfterWrite(func(_ int, r weaviatetest.Received) {
				if r.Path == "/v1/schema/Shelf/tenants" {
					assert.NoError(t, l.server.Insert(context.WithoutCancel(t.Context()), "Shelf", "hot", 1))
				}
			})
		}, nil, refuseAlias())
		assertLeft(t, result, "", left("Shelf", restore.WhyInUse))
		assert.ElementsMatch(t, []string{"Bystander", "Shelf"}, look(t, l.server.URL).names())
		l.empty(t)
	})
	t.Run("someone put a tenant with an object to sleep", func(t *testing.T) {
		result := l.failing(t, func(p *weaviatetest.Proxy) {
			p.AfterWrite(func(_ int, r weaviatetest.Received) {
				if r.Path == "/v1/schema/Shelf/tenants" {
					do(t, "POST", "/v1/schema/Shelf/tenants", []any{map[string]any{"name": "theirs"}})
					if err := l.server.Insert(context.WithoutCancel(t.Context()), "Shelf", "theirs", 1); err != nil {
						t.Error(err)
					}
					do(t, "PUT", "/v1/schema/Shelf/tenants", []any{map[string]any{"name": "theirs", "activityStatus": "COLD"}})
				}
			})
		}, nil, refuseAlias())
		assertLeft(t, result, "its tenant theirs is not active, and counting would wake it", left("Shelf", restore.WhyUncounted))
		assert.ElementsMatch(t, []string{"Bystander", "Shelf"}, look(t, l.server.URL).names())
		l.empty(t)
	})
	t.Run("someone created it first", func(t *testing.T) {
		for _, name := range []string{"Book", "Author", "Reader"} {
			result := l.failing(t, func(p *weaviatetest.Proxy) {
				p.OnWrite(func(_ int, r weaviatetest.Received) {
					if creates(r, name) {
						do(t, "POST", "/v1/schema", map[string]any{"class": name, "description": "somebody else's"})
					}
				})
			}, nil)
			assert.Empty(t, result.Leftovers)
			assert.Equal(t, report.OutcomeFailed, results(result)[name])
			assert.Contains(t, result.Report.Failure, "already exists")
			assert.ElementsMatch(t, []string{"Bystander", name}, look(t, l.server.URL).names())
			l.empty(t)
		}
	})
	t.Run("someone created it first, and the answer was lost", func(t *testing.T) {
		result := l.failing(t, func(p *weaviatetest.Proxy) {
			p.OnWrite(func(_ int, r weaviatetest.Received) {
				if creates(r, "Reader") {
					do(t, "POST", "/v1/schema", map[string]any{"class": "Reader", "description": "somebody else's"})
				}
			})
		}, nil, weaviatetest.Fault{Method: "POST", Path: "/v1/schema", Contains: `"reads"`, Do: weaviatetest.DoReset, After: true})
		assertLeft(t, result, "", restore.Leftover{Kind: restore.LeftCollection, Name: "Reader", Unsure: true, Why: restore.WhyNotAsMade})
		assert.ElementsMatch(t, []string{"Bystander", "Reader"}, look(t, l.server.URL).names())
		l.empty(t)
	})
	t.Run("someone created it where a stub should stand", func(t *testing.T) {
		result := l.failing(t, func(p *weaviatetest.Proxy) {
			p.OnWrite(func(n int, _ weaviatetest.Received) {
				if n == 1 {
					do(t, "POST", "/v1/schema", map[string]any{"class": "Author", "description": "somebody else's"})
				}
			})
		}, nil)
		assert.Empty(t, result.Leftovers, "it is not this run's")
		assert.Equal(t, report.OutcomeNotBegun, results(result)["Author"])
		assert.ElementsMatch(t, []string{"Author", "Bystander"}, look(t, l.server.URL).names())
		l.empty(t)
	})
	t.Run("someone made the stub a collection", func(t *testing.T) {
		result := l.failing(t, func(p *weaviatetest.Proxy) {
			p.AfterWrite(func(n int, _ weaviatetest.Received) {
				if n == 1 {
					do(t, "POST", "/v1/schema/Author/properties", map[string]any{"name": "theirs", "dataType": []string{"int"}})
				}
			})
		}, nil)
		assertLeft(t, result, "", restore.Leftover{Kind: restore.LeftStub, Name: "Author", Why: restore.WhyNotAsMade})
		assert.ElementsMatch(t, []string{"Author", "Bystander"}, look(t, l.server.URL).names())
		l.empty(t)
	})
	t.Run("someone changed it", func(t *testing.T) {
		result := l.failing(t, func(p *weaviatetest.Proxy) {
			p.AfterWrite(func(_ int, r weaviatetest.Received) {
				if r.Path == "/v1/schema/Shelf/tenants" { // after it was read back
					do(t, "POST", "/v1/schema/Reader/properties", map[string]any{"name": "theirs", "dataType": []string{"int"}})
				}
			})
		}, nil, refuseAlias())
		assertLeft(t, result, "", left("Reader", restore.WhyNotAsMade))
		assert.Equal(t, keptOnly("Reader"), results(result))
		assert.ElementsMatch(t, []string{"Bystander", "Reader"}, look(t, l.server.URL).names())
		l.empty(t)
	})
	t.Run("an alias that can't be deleted", func(t *testing.T) {
		two := l.backup
		two.Snapshots = append(two.Snapshots[:0:0], l.backup.Snapshots...)
		two.Snapshots[0].Aliases = []string{"Penman", "Scribe", "Writer"}
		alone := &library{server: l.server, backup: two}
		result := alone.failing(t, nil, nil, weaviatetest.Fault{Method: "POST", Path: "/v1/aliases", Contains: "Writer", Status: 422, Body: aRefusal},
			weaviatetest.Fault{Method: "DELETE", Path: "/v1/aliases/Scribe", Status: 500, Body: anError})
		// The others are gone, whatever became of this one.
		assertLeft(t, result, "something broke", restore.Leftover{Kind: restore.LeftAlias, Name: "Scribe", Of: "Author", Why: restore.WhyNotDeleted})
		live := look(t, l.server.URL)
		assert.Equal(t, map[string]string{"Scribe": "Author", "Witness": "Bystander"}, live.aliases)
		require.NoError(t, connect(t, l.server.URL, "").DeleteAlias(t.Context(), "Scribe"))
		l.empty(t)
	})
}

// A run that is stopped after any of its writes leaves nothing.
func TestRealCancelled(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, weaviatetest.Options{})
	writes := l.writes(t)
	for n := 1; n <= len(writes); n++ {
		for _, place := range []string{"before", "after"} {
			ctx, cancel := context.WithCancel(t.Context())
			proxy := weaviatetest.NewProxy(t, l.server.URL)
			hook := func(at int, _ weaviatetest.Received) {
				if at == n {
					cancel()
				}
			}
			if place == "before" {
				proxy.OnWrite(hook)
			} else {
				proxy.AfterWrite(hook)
			}
			result, err := runWith(ctx, t, connect(t, proxy.URL, ""), l.backup, nil)
			if n == len(writes) && err == nil {
				assert.Equal(t, l.restored, look(t, l.server.URL), "it was done already")
				l.empty(t)
			} else {
				require.ErrorIs(t, err, context.Canceled)
				assert.Empty(t, result.Leftovers, "%s write %d", place, n)
				assert.Equal(t, l.without, look(t, l.server.URL), "%s write %d", place, n)
			}
			cancel()
			proxy.Close()
		}
	}
	t.Logf("stopped before and after each of %d writes", len(writes))
}
