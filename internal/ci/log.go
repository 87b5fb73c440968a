package ci

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

const (
	// maxWarnings is the number of warnings that become annotations. The runner
	// keeps ten of a kind per step; one is left for what else warns in the step.
	maxWarnings = 9
	// maxAnnotation and maxTitle are the lengths to which an annotation's text and
	// title are cut, in UTF-16 units. The runner cuts the text at 4096.
	maxAnnotation = 4000
	maxTitle      = 200
	// warningTitle heads every warning annotation.
	warningTitle = "Weaviate backup"
	// cutNote ends a text that was cut.
	cutNote = " … (cut; the log has the whole text)"
)

// handler is the slog.Handler behind [CI.Logger].
type handler struct {
	ci     *CI
	prefix string // groups of the attributes to come, each followed by a dot
	attrs  string // attributes so far, each preceded by a blank
}

// Enabled tells whether level is printed; only Debug may not be.
func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || h.ci.onGitHub || h.ci.debug
}

// Handle prints record. Its time is left out: the runner adds its own. It never
// fails.
func (h *handler) Handle(_ context.Context, record slog.Record) error {
	var b strings.Builder
	b.WriteString(record.Message)
	b.WriteString(h.attrs)
	record.Attrs(func(attr slog.Attr) bool {
		appendAttr(&b, h.prefix, attr)
		return true
	})
	h.ci.record(record.Level, b.String())
	return nil
}

// WithAttrs returns a handler that prints attrs with every record.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b strings.Builder
	b.WriteString(h.attrs)
	for _, attr := range attrs {
		appendAttr(&b, h.prefix, attr)
	}
	return &handler{ci: h.ci, prefix: h.prefix, attrs: b.String()}
}

// WithGroup returns a handler that puts name and a dot before the keys to come.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &handler{ci: h.ci, prefix: h.prefix + name + ".", attrs: h.attrs}
}

// appendAttr writes attr as " key=value", a group as its members.
func appendAttr(b *strings.Builder, prefix string, attr slog.Attr) {
	value := attr.Value.Resolve()
	if attr.Key == "" && value.Kind() != slog.KindGroup {
		return
	}
	if value.Kind() == slog.KindGroup {
		if attr.Key != "" {
			prefix += attr.Key + "."
		}
		for _, member := range value.Group() {
			appendAttr(b, prefix, member)
		}
		return
	}
	text := value.String()
	if value.Kind() == slog.KindTime {
		text = value.Time().Format(time.RFC3339Nano)
	}
	if text == "" || strings.ContainsAny(text, " \t\r\n\"=") {
		text = strconv.Quote(text)
	}
	b.WriteString(" " + prefix + attr.Key + "=" + text)
}

// record prints one log record in the form for its level.
func (c *CI) record(level slog.Level, text string) {
	text = c.clean(text)

	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case level < slog.LevelInfo && c.onGitHub:
		c.runner.Debugf("%s", text)
	case level < slog.LevelInfo:
		c.line("debug: " + text)
	case level < slog.LevelWarn:
		c.line(text)
	case level < slog.LevelError:
		c.warned = append(c.warned, text)
		if c.onGitHub && c.warnings < maxWarnings {
			c.warnings++
			c.annotate("warning", warningTitle, text)
		} else {
			c.line("warning: " + text)
		}
	default:
		c.line("error: " + text)
	}
}

// Warnings are those that were logged so far.
func (c *CI) Warnings() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.warned)
}

// Failure reports what ended the run, once: on GitHub by one error annotation
// whose text is cut near 4000 characters and ends with the hint, everywhere by
// plain lines "error: title: message" and "hint: …" with the whole text. Message and
// hint may have several lines; title and hint may be empty. An open group is
// closed first, or the error would be folded away. A second call adds only plain
// lines.
func (c *CI) Failure(title, message, hint string) {
	title = c.clean(title)
	what, advice := c.cleanLines(message), c.cleanLines(hint)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeGroup()
	if c.onGitHub && !c.failed {
		c.failed = true
		c.annotate("error", title, failureText(what, advice))
	}
	head := "error: "
	if title != "" {
		head += title + ": "
	}
	c.paragraph(head, what)
	if len(advice) > 0 {
		c.paragraph("hint: ", advice)
	}
}

// failureText joins the lines of an annotation and cuts the message so that the
// hint still fits.
func failureText(what, advice []string) string {
	text := strings.Join(what, "\n")
	if len(advice) == 0 {
		return cut(text, maxAnnotation)
	}
	hint := cut("hint: "+strings.Join(advice, "\n"), maxAnnotation/4)
	return cut(text, maxAnnotation-1-utf16Len(hint)) + "\n" + hint
}

// paragraph writes lines, the first after head, the others indented. The caller
// holds mu.
func (c *CI) paragraph(head string, lines []string) {
	for _, text := range lines {
		c.line(head + text)
		head = "  "
	}
}

// cleanLines masks text, splits it into lines and escapes each. Blank lines are
// dropped.
func (c *CI) cleanLines(text string) []string {
	var lines []string
	for line := range strings.Lines(c.Scrub(text)) {
		if line = strings.TrimRight(line, " \t\r\n"); line != "" {
			lines = append(lines, Escape(line))
		}
	}
	return lines
}

// cut shortens text to at most limit UTF-16 units, cutNote included.
func cut(text string, limit int) string {
	if utf16Len(text) <= limit {
		return text
	}
	limit -= utf16Len(cutNote)
	units := 0
	for i, r := range text {
		if units += utf16.RuneLen(r); units > limit {
			return text[:i] + cutNote
		}
	}
	return text
}

// utf16Len counts the UTF-16 units of text, as the runner does.
func utf16Len(text string) int {
	units := 0
	for _, r := range text {
		units += utf16.RuneLen(r)
	}
	return units
}
