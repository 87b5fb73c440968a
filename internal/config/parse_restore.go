package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

const (
	// namePlaceholder stands for the name in the backup in a template.
	namePlaceholder = "{name}"

	allowedRenames = "allowed: one Old: New per line, or one template such as {name}_restored for all collections"
	allowedName    = "allowed: a capital letter first, then letters, digits and _, at most 255 characters"
)

// restore reads the inputs that no other command uses.
func (r *reader) restore(cfg *Config) {
	cfg.Rename, cfg.RenameTemplate = r.renames()
	cfg.OnExisting = r.choice(idOnExisting, "fail", "skip", "update")
	if r.text(idReplicationFactor) != "" {
		cfg.ReplicationFactor = r.number(idReplicationFactor, 1, 100)
	}
	cfg.RestoreTenants = r.boolean(idRestoreTenants)
	cfg.RestoreAliases = r.boolean(idRestoreAliases)
	cfg.KeepPartial = r.boolean(idKeepPartial)
}

// choice reads one of a few words.
func (r *reader) choice(id string, allowed ...string) string {
	text := r.text(id)
	if !slices.Contains(allowed, text) {
		r.problem(id, "is not allowed; allowed: "+strings.Join(allowed, ", "))
	}
	return text
}

// renames reads lines of "Old: New", or the one template. A brace, which no name
// has, tells the template.
func (r *reader) renames() (renames []Rename, template string) {
	lines := numberedLines(r.text(idRename))
	templates := slices.DeleteFunc(slices.Clone(lines), func(l numberedLine) bool { return !strings.ContainsAny(l.text, "{}") })
	switch {
	case len(templates) == 0:
		return r.renameLines(lines), ""
	case len(lines) > 1:
		r.problemWith(idRename, templates[0].text, fmt.Sprintf("in line %d is a template beside other lines; %s", templates[0].number, allowedRenames))
		return nil, ""
	}
	template = templates[0].text
	rest := strings.Replace(template, namePlaceholder, "", 1)
	switch {
	case strings.ContainsAny(rest, "{}"):
		r.problem(idRename, "is not a template; allowed: {name} once and no other brace, for example {name}_restored")
	case !schema.ValidName(strings.Replace(template, namePlaceholder, "A", 1)):
		r.problem(idRename, "makes names that no collection can have; "+allowedName)
	}
	return nil, template
}

// renameLines reads the lines of "Old: New". Weaviate has no two collections
// whose names differ in case only.
func (r *reader) renameLines(lines []numberedLine) []Rename {
	var renames []Rename
	olds, news := make(map[string]int), make(map[string]int)
	for _, line := range lines {
		before, after, found := strings.Cut(line.text, ":")
		rename := Rename{Old: strings.TrimSpace(before), New: strings.TrimSpace(after)}
		folded := strings.ToLower(rename.New)
		complain := func(wrong bool, text string) {
			if wrong {
				r.problemWith(idRename, line.text, fmt.Sprintf("in line %d %s", line.number, text))
			}
		}
		complain(!found, "has no colon; "+allowedRenames)
		if !found {
			continue
		}
		complain(!schema.ValidName(rename.Old), "has an old name that no collection can have; "+allowedName)
		complain(olds[rename.Old] != 0, fmt.Sprintf("has the old name of line %d; allowed: each one once", olds[rename.Old]))
		complain(!schema.ValidName(rename.New), "has a new name that no collection can have; "+allowedName)
		complain(news[folded] != 0, fmt.Sprintf("has the new name of line %d, or one that differs in case only; allowed: each one once", news[folded]))
		renames = append(renames, rename)
		if olds[rename.Old] == 0 {
			olds[rename.Old] = line.number
		}
		if news[folded] == 0 {
			news[folded] = line.number
		}
	}
	return renames
}

// numberedLine is a line and its place in the input, from 1.
type numberedLine struct {
	number int
	text   string
}

// numberedLines gives the lines that are not empty, without blanks around them.
func numberedLines(text string) []numberedLine {
	var lines []numberedLine
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, numberedLine{i + 1, line})
		}
	}
	return lines
}
