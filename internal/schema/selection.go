package schema

import "slices"

// Select takes those of names that a pattern of include fits, all of them where
// include is empty, and that no pattern of exclude fits. unmatched are the
// patterns of include that fit nothing.
func Select(names, include, exclude []string) (selected, unmatched []string) {
	fitsAny := func(patterns []string, name string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool { return Match(pattern, name) })
	}
	for _, pattern := range include {
		if !slices.ContainsFunc(names, func(name string) bool { return Match(pattern, name) }) {
			unmatched = append(unmatched, pattern)
		}
	}
	for _, name := range names {
		if (len(include) == 0 || fitsAny(include, name)) && !fitsAny(exclude, name) {
			selected = append(selected, name)
		}
	}
	return selected, unmatched
}
