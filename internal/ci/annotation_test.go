package ci_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
)

func TestAnnotate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		annotation ci.Annotation
		github     string
		elsewhere  []string
	}{
		{
			"an error at a line",
			ci.Annotation{Error: true, Title: "Breaking change", Message: "m", File: "schemas/Article.json", Line: 12},
			"::error file=schemas/Article.json,line=12,title=Breaking change::m",
			[]string{"error: Breaking change: schemas/Article.json:12: m"},
		},
		{
			"a warning at a line",
			ci.Annotation{Message: "m", File: "a.json", Line: 1},
			"::warning file=a.json,line=1::m",
			[]string{"warning: a.json:1: m"},
		},
		{"a file as a whole", ci.Annotation{Title: "t", Message: "m", File: "a.json"}, "::warning file=a.json,title=t::m", []string{"warning: t: a.json: m"}},
		{"a line of no file", ci.Annotation{Message: "m", Line: 3}, "::warning::m", []string{"warning: m"}},
		{"a line that is none", ci.Annotation{Message: "m", File: "a", Line: -1}, "::warning file=a::m", []string{"warning: a: m"}},
		{
			"several lines",
			ci.Annotation{Message: "a\n\n  b: 100%\r\n::error::c", File: "f", Line: 2},
			`::warning file=f,line=2::a%0A  b: 100%25%0A\x3a:error::c`,
			[]string{"warning: f:2: a", "    b: 100%", `  \x3a:error::c`},
		},
		{
			"hostile names",
			ci.Annotation{Error: true, Title: "::a,b::\n", Message: "::error::x", File: "a,line=9::b\n::error::c%0A\u202e", Line: 7},
			`::error file=a%2Cline=9%3A%3Ab\n%3A%3Aerror%3A%3Ac%250A\u202e,line=7,title=\x3a%3Aa%2Cb%3A%3A\n::\x3a:error::x`,
			[]string{`error: \x3a:a,b::\n: a,line=9::b\n::error::c%0A\u202e:7: \x3a:error::x`},
		},
		{
			"old commands",
			ci.Annotation{Title: "##[error]t", Message: "##[error]m", File: "##[error]f"},
			`::warning file=##\x5berror]f,title=##\x5berror]t::##\x5berror]m`,
			[]string{`warning: ##\x5berror]t: ##\x5berror]f: ##\x5berror]m`},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			github, elsewhere := newWorld(t, onGitHub()), newWorld(t, nil)
			github.Annotate(tc.annotation)
			elsewhere.Annotate(tc.annotation)
			assert.Equal(t, []string{tc.github}, lines(github.stdout.String()))
			assert.Empty(t, github.stderr.String())
			assert.Equal(t, tc.elsewhere, lines(elsewhere.stderr.String()))
			assert.Empty(t, elsewhere.stdout.String())
		})
	}
}

func TestAnnotateHidesSecrets(t *testing.T) {
	t.Parallel()
	for _, env := range []map[string]string{onGitHub(), nil} {
		w := newWorld(t, env)
		w.Mask("wv-key-1234")
		w.stdout.Reset()
		w.Annotate(ci.Annotation{Title: "t wv-key-1234", Message: "m wv-key-1234", File: "f wv-key-1234"})
		assert.NotContains(t, w.stdout.String()+w.stderr.String(), "wv-key")
		assert.Equal(t, 3, strings.Count(w.stdout.String()+w.stderr.String(), "***"))
	}
}

func TestAnnotateIsCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("🎉x", 5000)
	w := newWorld(t, onGitHub())
	w.Annotate(ci.Annotation{Title: long, Message: long, File: "f"})
	properties, data, _ := strings.Cut(strings.TrimPrefix(lines(w.stdout.String())[0], "::"), "::")
	size := len(utf16.Encode([]rune(data)))
	assert.LessOrEqual(t, size, 4000)
	assert.Greater(t, size, 3990)
	assert.Less(t, len(properties), 1000)
}

// TestAnnotationsBecomePlain counts what the runner keeps: ten of a kind per step.
func TestAnnotationsBecomePlain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onGitHub())
	for i := range 12 {
		w.Annotate(ci.Annotation{Error: true, Message: "e", File: "f", Line: i + 1})
	}
	w.Failure("", "the end", "")
	for range 2 {
		w.Logger().Warn("w")
	}
	for i := range 10 {
		w.Annotate(ci.Annotation{Message: "w", File: "f", Line: i + 1})
	}
	w.Logger().Warn("w")
	out := lines(w.stdout.String())
	require.Len(t, out, 12+2+2+10+1)
	assert.Equal(t, "::error file=f,line=9::e", out[8])
	assert.Equal(t, "error: f:10: e", out[9])
	assert.Equal(t, "::error::the end", out[12])
	assert.Equal(t, "::warning file=f,line=8::w", out[23])
	assert.Equal(t, []string{"warning: f:9: w", "warning: f:10: w", "warning: w"}, out[24:])
	assert.Equal(t, 10, strings.Count(w.stdout.String(), "::error"))
	assert.Equal(t, 10, strings.Count(w.stdout.String(), "::warning"))
}

func TestAnnotateFromSeveralGoroutines(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onGitHub())
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() { w.Annotate(ci.Annotation{Error: i%2 == 0, Message: fmt.Sprint(i)}) })
	}
	all.Wait()
	assert.Len(t, lines(w.stdout.String()), 20)
	assert.Equal(t, 9, strings.Count(w.stdout.String(), "::error::"))
}

func TestAnnotateWhereTheLogIsClosed(t *testing.T) {
	t.Parallel()
	pipe := brokenPipe{err: errors.New("broken pipe")}
	c := ci.New(ci.Options{Stdout: &pipe, Getenv: getenv(onGitHub())})
	c.Annotate(ci.Annotation{Message: "m"})
	assert.Equal(t, 1, pipe.writes)
}
