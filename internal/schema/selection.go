package schema

import "slices"

// Select takes those of names that a pattern of include fits, all of them where
// include is empty, and that no pattern of exclude fits. unmatched are the
// patterns of include that fit nothing.
func Select(names, include, exclude []string) (selected, unmatched []string) {
	fitsAny := func(patterns []string, name string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool { return Match(pattern, name) })
	}
	for _, name := range names {
		if (len(include) == 0 || fitsAny(include, name)) && !fitsAny(exclude, name) {
			selected = append(selected, name)
		}
	}
	return selected, Unmatched(names, include)
}

// Unmatched are the patterns that fit none of names. Where they should have taken
// something away, they are likely typing errors, and harmless: more is chosen than was
// meant.
func Unmatched(names, patterns []string) []string {
	var unmatched []string
	for _, pattern := range patterns {
		if !slices.ContainsFunc(names, func(name string) bool { return Match(pattern, name) }) {
			unmatched = append(unmatched, pattern)
		}
	}
	return unmatched
}
