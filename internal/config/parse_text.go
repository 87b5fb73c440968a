package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// booleans are the spellings that GitHub's own toolkit takes
// (packages/core/src/core.ts, getBooleanInput, in actions/toolkit).
const booleans = "true, True, TRUE, false, False or FALSE"

func isBoolean(text string) bool {
	return slices.Contains([]string{"true", "True", "TRUE", "false", "False", "FALSE"}, text)
}

func (r *reader) boolean(id string) bool {
	text := r.text(id)
	if !isBoolean(text) {
		r.problem(id, "is not a boolean; allowed: "+booleans)
	}
	return strings.EqualFold(text, "true")
}

// lowest says whether a duration of 0 is allowed.
type lowest bool

const (
	from0  lowest = true
	above0 lowest = false
)

// duration reads a duration between 0 and the longest, both in Go's form.
func (r *reader) duration(id string, low lowest, longest time.Duration) time.Duration {
	text := r.text(id)
	allowed := "a duration above 0s, up to " + short(longest)
	if low == from0 {
		allowed = "a duration from 0s to " + short(longest)
	}
	d, err := time.ParseDuration(text)
	switch _, unitErr := strconv.ParseFloat(text, 64); {
	case err != nil && unitErr == nil:
		r.problem(id, fmt.Sprintf("has no unit; allowed: %s, for example 90s or 10m", allowed))
	case err != nil:
		r.problem(id, fmt.Sprintf("is not a duration; allowed: %s, for example 90s or 10m", allowed))
	case d < 0 || d > longest || d == 0 && low == above0:
		r.problem(id, "is out of range; allowed: "+allowed)
	}
	return d
}

// short writes whole hours without the zeros that time.Duration adds.
func short(d time.Duration) string { return strings.TrimSuffix(d.String(), "0m0s") }

func (r *reader) number(id string, low, high int) int {
	n, err := strconv.Atoi(r.text(id))
	if err != nil || n < low || n > high {
		r.problem(id, fmt.Sprintf("is not allowed; allowed: a whole number from %d to %d", low, high))
	}
	return n
}

// patterns reads names and globs of collections. Each bad one is a problem.
func (r *reader) patterns(id string) []string {
	list := splitList(r.text(id), isComma)
	if id == idCollections && len(list) == 0 && r.text(id) != "" {
		r.problemWith(id, r.text(id), "names no collection; leave it empty for all")
	}
	for _, pattern := range list {
		if err := schema.ValidatePattern(pattern); err != nil {
			r.problemWith(id, pattern, "is not a name or glob: "+err.Error())
		}
	}
	return list
}

func isComma(c rune) bool { return c == ',' }

// splitList cuts at line breaks and at separators, and drops blanks, empty
// items, and those that were there before. It gives nil when nothing is left.
func splitList(text string, separator func(rune) bool) []string {
	var list []string
	for item := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == '\n' || c == '\r' || separator(c) }) {
		item = strings.TrimSpace(item)
		if item != "" && !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	return list
}

// backupPath reads the path of what verify is to check, restore to read or diff to
// start from; backup does not look at it.
func (r *reader) backupPath(command string) string {
	by := map[string]string{
		CommandVerify: CommandVerify, CommandRestore: CommandRestore, CommandDiff: CommandDiff + " unless against-url is given",
	}[command]
	switch text := r.text(idBackupPath); {
	case by == "", text == "" && command == CommandDiff && r.text(idAgainstURL) != "":
		return ""
	case text == "":
		r.problem(idBackupPath, "is required by "+by+": the path of a snapshot, of a manifest, or of the folder that holds them")
		return ""
	}
	return r.directory(idBackupPath)
}

// directory reads the path of a folder, or of a backup.
func (r *reader) directory(id string) string { return r.path(id, "backups") }

// outputsFile reads the path of that file; empty where none is asked for, or the
// path is bad. The paths that are outputs of the command must be fit for the file.
func (r *reader) outputsFile(cfg Config) string {
	if r.text(idOutputsFile) == "" {
		return ""
	}
	problems := len(r.problems)
	path := r.path(idOutputsFile, "outputs.env")
	if path == "." {
		r.problem(idOutputsFile, "is the workspace itself; allowed: the path of a file inside it, for example outputs.env")
	}
	if r.ofBackup(path) {
		r.problem(idOutputsFile, "has a name that files of a backup have, and would be taken for one of them; choose another, for example outputs.env")
	}
	if len(r.problems) > problems {
		return ""
	}
	told, text := idOutputDirectory, cfg.OutputDirectory
	if cfg.Command == CommandVerify || cfg.Command == CommandRestore {
		told, text = idBackupPath, cfg.BackupPath
	}
	if !r.plain(text) {
		r.problem(told, "holds a character that the file of outputs-file can't hold; allowed with it: letters, digits and _ . / : @ % + , = -")
	}
	return path
}

// path reads a path. One that leads out of the workspace can be told from
// its text; a symbolic link that does is for the code that opens it.
func (r *reader) path(id, example string) string {
	text := r.text(id)
	path := filepath.Clean(text)
	switch {
	case strings.Contains(text, "://"): // it may hold a password
		r.problemWith(id, "", "is an address, not a path; a server is given as weaviate-url, the second one of diff as against-url")
	case strings.ContainsFunc(text, unicode.IsControl):
		r.problem(id, "holds a line break or another control character; allowed: one path inside the workspace")
	case !filepath.IsAbs(path) && !filepath.IsLocal(path), filepath.IsAbs(path) && r.inside(path) != nil:
		r.problem(id, "leaves the workspace, off GitHub the current folder; allowed: a path inside it, for example "+example)
	}
	return path
}
