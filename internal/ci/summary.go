package ci

import (
	"fmt"
	"os"
	"strings"
)

const (
	// maxSummary is the size to which the step summary is cut, in bytes. GitHub drops
	// a summary above 1 MiB whole, with an error.
	maxSummary = 900 << 10
	// summaryNote is the last line of a summary that was cut.
	summaryNote = "**This summary was cut: it is longer than 900 KiB.**\n"
)

// Summary appends markdown to the step summary, masked values replaced by ***.
// Where GITHUB_STEP_SUMMARY is not set it does nothing. When the summary would
// exceed 900 KiB, with what the file holds already, it is cut after a whole line
// and a last line says so. Escaping the values in markdown is up to the caller.
func (c *CI) Summary(markdown string) error {
	path := c.getenv("GITHUB_STEP_SUMMARY")
	if path == "" || markdown == "" {
		return nil
	}
	text := strings.ToValidUTF8(c.Scrub(markdown), "\uFFFD")
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	size, err := fileSize(path)
	if err != nil {
		return fmt.Errorf("write step summary: open the file of GITHUB_STEP_SUMMARY: %w", err)
	}
	text = cutSummary(text, maxSummary-int(size))
	if text == "" {
		return fmt.Errorf("write step summary: the file holds %d bytes already, at most %d are allowed", size, maxSummary)
	}
	if err := c.appendToFile("step-summary", text); err != nil {
		return fmt.Errorf("write step summary: %w", err)
	}
	return nil
}

// cutSummary shortens text, whole lines, to at most limit bytes with the note. A
// code block that is cut open is closed. It returns "" when not even the note fits.
func cutSummary(text string, limit int) string {
	const fence = "```\n"
	if len(text) <= limit {
		return text
	}
	room := limit - len(fence) - len("\n") - len(summaryNote)
	if room < 0 {
		return ""
	}
	kept := text[:strings.LastIndex(text[:room], "\n")+1]
	open := false
	for line := range strings.Lines(kept) {
		if strings.HasPrefix(line, "```") {
			open = !open
		}
	}
	if open {
		kept += fence
	}
	return kept + "\n" + summaryNote
}

// fileSize opens path for appending, as the library is about to, and returns its
// size in bytes.
func fileSize(path string) (size int64, err error) {
	//nolint:gosec // the runner names the file, and the library makes it with this mode
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
