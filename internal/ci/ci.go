package ci

import (
	"io"
	"log/slog"
	"sync"

	githubactions "github.com/sethvargo/go-githubactions"
)

// Options say where a [CI] writes and what it knows of its surroundings.
type Options struct {
	// Stdout takes the log on GitHub, and the outputs elsewhere. Nil: nothing is written.
	Stdout io.Writer
	// Stderr takes the log where Stdout does not. Nil: nothing is written.
	Stderr io.Writer
	// Getenv reads an environment variable. Nil: none is set.
	Getenv func(string) string
	// JSON keeps Stdout free for the JSON result, which the caller writes: the log
	// goes to Stderr on GitHub too (the runner reads both), and outputs are not
	// printed.
	JSON bool
	// Spell is how the caller spells text from outside where it needs escapes of its
	// own, as in the step summary: secrets are looked for in that form too. Nil: as
	// it is.
	Spell func(string) string
}

// CI is one run's way to its surroundings. Make it with [New]; it must not be
// copied. All methods are safe for use by several goroutines.
type CI struct {
	onGitHub bool
	debug    bool
	json     bool
	getenv   func(string) string
	stdout   io.Writer
	log      lossyWriter
	runner   *githubactions.Action

	mu       sync.Mutex // guards the fields below and every write
	group    int        // number of the open group, 0 when none is open
	groups   int        // groups opened so far
	warnings int        // warning annotations so far
	warned   []string   // the texts of Logger's warnings
	errors   int        // error annotations of Annotate so far
	failed   bool       // the error annotation of Failure is spent

	masks maskSet
}

// New makes a CI from opts. GITHUB_ACTIONS and RUNNER_DEBUG are read here, once.
func New(opts Options) *CI {
	getenv := opts.Getenv
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	c := &CI{
		onGitHub: getenv("GITHUB_ACTIONS") == "true",
		debug:    getenv("RUNNER_DEBUG") == "1",
		json:     opts.JSON,
		getenv:   getenv,
		stdout:   orDiscard(opts.Stdout),
		masks:    maskSet{spell: opts.Spell},
	}
	c.log = lossyWriter{w: orDiscard(opts.Stderr)}
	if c.onGitHub && !c.json {
		c.log.w = c.stdout
	}
	c.runner = githubactions.New(githubactions.WithWriter(c.log), githubactions.WithGetenv(getenv))
	return c
}

// OnGitHub tells whether a GitHub runner (or one that works alike) started the
// program: GITHUB_ACTIONS is "true".
func (c *CI) OnGitHub() bool { return c.onGitHub }

// Logger returns the run's log. Attributes follow the message as key=value, and
// every record is one line:
//
//   - Debug: a debug command on GitHub, which the runner shows when debug logging is
//     on; elsewhere a plain line when RUNNER_DEBUG is 1.
//   - Info: a plain line.
//   - Warn: a warning annotation, for the first nine of a run (the runner keeps ten
//     per step); a plain line after that and off GitHub.
//   - Error: a plain line. Only [CI.Failure] and [CI.Annotate] make error annotations.
func (c *CI) Logger() *slog.Logger { return slog.New(&handler{ci: c}) }

// Group opens a group of log lines, folded on GitHub and headed by a plain line
// elsewhere. Groups don't nest there: opening one closes the one before. The
// returned function closes this group if it is still open, so it may be deferred
// and called again.
func (c *CI) Group(title string) (end func()) {
	title = c.clean(title)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeGroup()
	c.groups++
	c.group = c.groups
	if c.onGitHub {
		c.runner.Group(title)
	} else {
		c.line(title)
	}
	opened := c.group
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.group == opened {
			c.closeGroup()
		}
	}
}

// closeGroup ends the open group, if any. The caller holds mu.
func (c *CI) closeGroup() {
	if c.group != 0 && c.onGitHub {
		c.runner.EndGroup()
	}
	c.group = 0
}

// line writes one log line that is clean already. The caller holds mu.
func (c *CI) line(text string) {
	_, _ = io.WriteString(c.log, text+"\n") // a lossyWriter has no error
}

// clean makes text from anywhere fit for one log line: masked, then escaped.
func (c *CI) clean(text string) string { return Escape(c.Scrub(text)) }

// lossyWriter hides write errors from its users: the library panics on them, and a
// log with no reader is no reason to stop.
type lossyWriter struct{ w io.Writer }

// Write hands p on and always reports success.
func (l lossyWriter) Write(p []byte) (int, error) {
	_, _ = l.w.Write(p)
	return len(p), nil
}

// orDiscard returns w, or a writer to nowhere when w is nil.
func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}
