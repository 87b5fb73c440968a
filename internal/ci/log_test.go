package ci_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
)

func TestLoggerLevels(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		env            map[string]string
		stdout, stderr string
	}{
		{
			"on GitHub", onGitHub(),
			"::debug::d k=1\ni k=1\n::warning title=Weaviate backup::w k=1\nerror: e k=1\n", "",
		},
		{"elsewhere", nil, "", "i k=1\nwarning: w k=1\nerror: e k=1\n"},
		{"elsewhere with debug", map[string]string{"RUNNER_DEBUG": "1"}, "", "debug: d k=1\ni k=1\nwarning: w k=1\nerror: e k=1\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tc.env)
			log := w.Logger()
			log.Debug("d", "k", 1)
			log.Info("i", "k", 1)
			log.Warn("w", "k", 1)
			log.Error("e", "k", 1)
			assert.Equal(t, tc.stdout, w.stdout.String())
			assert.Equal(t, tc.stderr, w.stderr.String())
		})
	}
}

func TestJSONKeepsStdoutFree(t *testing.T) {
	t.Parallel()
	var stdout, stderr strings.Builder
	c := ci.New(ci.Options{Stdout: &stdout, Stderr: &stderr, Getenv: getenv(onGitHub()), JSON: true})
	c.Mask("wv-key-1234")
	c.Group("group")()
	c.Logger().Warn("w")
	c.Failure("title", "message", "hint")
	assert.Empty(t, stdout.String())
	assert.Contains(t, stderr.String(), "::add-mask::wv-key-1234\n")
	assert.Contains(t, stderr.String(), "::error title=title::message%0Ahint: hint\n")
}

func TestLoggerAttributes(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 2, 1, 10, 30, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"kinds", func(l *slog.Logger) { l.Info("m", "s", "x", "n", 7, "b", true, "d", time.Second, "t", when) }, "m s=x n=7 b=true d=1s t=2026-02-01T10:30:00Z"},
		{"error", func(l *slog.Logger) { l.Info("m", "error", errors.New("no route")) }, `m error="no route"`},
		{"quoted", func(l *slog.Logger) { l.Info("m", "a", "", "b", `say "hi"`, "c", "x=y") }, `m a="" b="say \"hi\"" c="x=y"`},
		{"with", func(l *slog.Logger) { l.With("a", 1).With("b", 2).Info("m", "c", 3) }, "m a=1 b=2 c=3"},
		{"group", func(l *slog.Logger) { l.WithGroup("g").With("a", 1).WithGroup("").Info("m", "b", 2) }, "m g.a=1 g.b=2"},
		{"group value", func(l *slog.Logger) { l.Info("m", slog.Group("g", "a", 1, slog.Group("", "b", 2))) }, "m g.a=1 g.b=2"},
		{"empty attribute", func(l *slog.Logger) { l.Info("m", slog.Attr{}) }, "m"},
		{"percent", func(l *slog.Logger) { l.Info("100%s %d", "v", "%!") }, "100%s %d v=%!"},
		{"message of several lines", func(l *slog.Logger) { l.Info("a\n::error::b") }, `a\n::error::b`},
		{"attribute of several lines", func(l *slog.Logger) { l.Info("m", "v", "a\n::error::b") }, `m v="a\n::error::b"`},
		{"command", func(l *slog.Logger) { l.Info("  ::error::x") }, `  \x3a:error::x`},
		{"old command across message and attribute", func(l *slog.Logger) { l.Info("##", "[error]", "x") }, "## [error]=x"},
		{"old command", func(l *slog.Logger) { l.Info("x ##[error]y", "v", "##[group]") }, `x ##\x5berror]y v=##\x5bgroup]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, env := range []map[string]string{onGitHub(), nil} {
				w := newWorld(t, env)
				tc.log(w.Logger())
				assert.Equal(t, tc.want+"\n", w.stdout.String()+w.stderr.String())
			}
		})
	}
}

func TestCommandDataIsEscaped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onGitHub())
	w.Logger().Warn("50%0A off\r\n::error::x")
	w.Logger().Debug("50%0A off\n::error::x")
	assert.Equal(t, []string{
		`::warning title=Weaviate backup::50%250A off\r\n::error::x`,
		`::debug::50%250A off\n::error::x`,
	}, lines(w.stdout.String()))
}

func TestWarningsBecomePlainAfterNine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onGitHub())
	for range 12 {
		w.Logger().Warn("w")
	}
	out := lines(w.stdout.String())
	require.Len(t, out, 12)
	assert.Equal(t, "::warning title=Weaviate backup::w", out[8])
	assert.Equal(t, "warning: w", out[9])
	assert.Equal(t, "warning: w", out[11])
}

func TestGroup(t *testing.T) {
	t.Parallel()
	run := func(w *world) {
		first := w.Group("one\n::error::x")
		second := w.Group("two") // closes the first
		first()
		w.Logger().Info("in two")
		second()
		second()
		w.Logger().Info("outside")
	}
	github, elsewhere := newWorld(t, onGitHub()), newWorld(t, nil)
	run(github)
	run(elsewhere)
	assert.Equal(t, []string{
		`::group::one\n::error::x`, "::endgroup::", "::group::two", "in two", "::endgroup::", "outside",
	}, lines(github.stdout.String()))
	assert.Equal(t, []string{`one\n::error::x`, "two", "in two", "outside"}, lines(elsewhere.stderr.String()))
}

func TestFailure(t *testing.T) {
	t.Parallel()
	const message = "read schema: 401\r\n\n  second: 100%\n::error::x"
	plain := []string{"error: Not allowed, a: b: read schema: 401", "    second: 100%", `  \x3a:error::x`, "hint: set api-key"}

	github := newWorld(t, onGitHub())
	end := github.Group("g")
	github.Failure("Not allowed, a: b", message, "set api-key")
	end()
	github.Failure("again", "more", "")
	assert.Equal(t, append(append([]string{
		"::group::g", "::endgroup::",
		`::error title=Not allowed%2C a%3A b::read schema: 401%0A  second: 100%25%0A\x3a:error::x%0Ahint: set api-key`,
	}, plain...), "error: again: more"), lines(github.stdout.String()))

	elsewhere := newWorld(t, nil)
	elsewhere.Failure("Not allowed, a: b", message, "set api-key")
	assert.Equal(t, plain, lines(elsewhere.stderr.String()))
	elsewhere.stderr.Reset()
	elsewhere.Failure("", "only", "")
	assert.Equal(t, "error: only\n", elsewhere.stderr.String())
}

func TestFailureIsCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("🎉x", 5000)
	for _, hint := range []string{"", "the hint", long} {
		w := newWorld(t, onGitHub())
		w.Failure(long, long, hint)
		out := lines(w.stdout.String())
		_, data, _ := strings.Cut(strings.TrimPrefix(out[0], "::"), "::")
		data = strings.ReplaceAll(data, "%0A", "\n")
		size := len(utf16.Encode([]rune(data)))
		assert.LessOrEqual(t, size, 4000)
		assert.Greater(t, size, 3990)
		assert.Contains(t, data, "cut; the log has the whole text")
		assert.Less(t, len(out[0]), 14000, "the title is cut too")
		assert.Equal(t, "error: "+long[:100], out[1][:107])
		assert.Greater(t, len(out[1]), 2*len(long), "the plain line is whole")
		if hint == "the hint" {
			assert.True(t, strings.HasSuffix(data, "\nhint: the hint"))
		}
	}
}

func TestLogErrorsDoNotStopTheRun(t *testing.T) {
	t.Parallel()
	pipe := brokenPipe{err: errors.New("broken pipe")}
	c := ci.New(ci.Options{Stdout: &pipe, Getenv: getenv(onGitHub())})
	c.Mask("wv-key-1234")
	c.Group("g")()
	c.Logger().Info("i")
	c.Logger().Warn("w")
	c.Failure("t", "m", "h")
	assert.GreaterOrEqual(t, pipe.writes, 6)
}

func TestZeroOptions(t *testing.T) {
	t.Parallel()
	c := ci.New(ci.Options{})
	assert.False(t, c.OnGitHub())
	c.Logger().Info("i")
	require.NoError(t, c.SetOutputs([]ci.Output{{Name: "a", Value: "b"}}))
	require.NoError(t, c.Summary("text"))
}
