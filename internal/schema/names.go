package schema

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/agnivade/levenshtein"
)

// maxNear is how many similar names [Near] gives.
const maxNear = 3

// ValidName says whether name is one that Weaviate gives to collections: an upper
// case letter and up to 254 more letters, digits and underscores, all of them ASCII
// (entities/schema/validation.go, v1.39.0). Only such a name may be put into a GraphQL
// query or the name of a file.
func ValidName(name string) bool {
	return name != "" && len(name) <= 255 && name[0] >= 'A' && name[0] <= 'Z' && isMadeOf(name, "_")
}

// ValidTenantName says whether name is one that Weaviate gives to tenants: up to 64
// ASCII letters, digits, underscores and hyphens (the same file).
func ValidTenantName(name string) bool {
	return name != "" && len(name) <= 64 && isMadeOf(name, "_-")
}

// isMadeOf says whether name has nothing but ASCII letters, digits and what more has.
func isMadeOf(name, more string) bool {
	for _, r := range name {
		if !strings.ContainsRune(more, r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// IsGlob says whether the pattern can match more than one name.
func IsGlob(pattern string) bool { return strings.ContainsAny(pattern, "*?") }

// ValidatePattern checks a pattern that selects collections: an exact name, or
// a glob in which * stands for any number of characters and ? for one. The
// error says which character is not allowed.
func ValidatePattern(pattern string) error {
	if pattern == "" {
		return errors.New("an empty name")
	}
	for _, r := range pattern {
		if !isMadeOf(string(r), "_*?") {
			return fmt.Errorf("character %q is not allowed: use letters, digits, _, and the wildcards * and ?", r)
		}
	}
	return nil
}

// Match says whether name fits the pattern, case and all. The pattern must be
// one that [ValidatePattern] accepts.
func Match(pattern, name string) bool {
	// The last * seen, and where in name its run ends: when a later character
	// does not fit, that * takes one character more. Linear in practice, never
	// worse than len(pattern) x len(name).
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// DidYouMean asks so in brackets, where Near finds something for the pattern; it is
// empty for a glob, and where nothing is near.
func DidYouMean(pattern string, names []string) string {
	near := Near(pattern, names)
	if len(near) == 0 || IsGlob(pattern) {
		return ""
	}
	return " (did you mean " + strings.Join(near, " or ") + "?)"
}

// Near gives up to three of names that someone who wrote name may have meant,
// nearest first: equal but for case, or a few letters apart.
func Near(name string, names []string) []string {
	return NearBy(name, names, max(2, len(name)/4))
}

// NearBy is [Near] for those that are so many letters apart, or fewer.
func NearBy(name string, names []string, most int) []string {
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	for _, n := range names {
		d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(n))
		if d <= most {
			found = append(found, candidate{n, d})
		}
	}
	sort.Slice(found, func(i, j int) bool { // a generic sort adds 8 KB to the program
		a, b := found[i], found[j]
		return a.distance < b.distance || a.distance == b.distance && a.name < b.name
	})
	var near []string
	for _, c := range found[:min(len(found), maxNear)] {
		near = append(near, c.name)
	}
	return near
}
