// Package report turns the result of a run into text: Markdown for the step
// summary and plain lines for the log. It is pure: it reads no file, no clock and
// no environment, and the same value gives the same text.
//
//	summary := report.Backup{Source: "http://weaviate:8080", Collections: …}.Markdown()
//
// Every name and reason may have come from a server or a hostile file. In
// Markdown they go through [EscapeMarkdown] or into a code span, so they can't
// make a link, a mention, a table cell, HTML or a diagram node. Lines are plain
// and not escaped; the log does that.
//
// It hides no secrets. Text that a server sent is masked by the caller before it
// comes in here, since an escaped secret no longer looks like itself.
//
// An unknown count is printed as unknown, with its reason, never as 0.
//
// Limits: GitHub drops a step summary above 1 MiB whole, so Markdown stays under
// 900 KiB and says how many rows it left out. Mermaid refuses a diagram of more
// than 50,000 characters or 500 edges (maxTextSize and maxEdges in its
// configuration), so a larger one is left out too.
//
// Where to read on:
//
//	backup.go                        the result of backup, and its lines
//	markdown.go, references.go       its Markdown: tables, the diagram of references
//	verify.go                        verify
//	restore.go, restore_markdown.go  restore
//	diff.go, diff_markdown.go        diff
//	escape.go                        text that is no markup
package report
