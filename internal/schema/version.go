package schema

import (
	"slices"
	"strconv"
	"strings"
)

// AtLeast says whether a server's version ("1.39.0", "1.40.0-rc.1") is that of
// the release ("1.39", or "1.27.5" for what came with a patch) or later. A version
// that can't be read is taken for a newer one: what a server of unknown age does
// is found out by reading back.
func AtLeast(version, release string) bool {
	have, ok := numbers(version)
	want, _ := numbers(release)
	return !ok || slices.Compare(have, want) >= 0
}

// hasCome says whether a server of the version has what came with a release, or
// with one of the patches of earlier releases.
func hasCome(version, release string, backports []string) bool {
	return AtLeast(version, release) ||
		slices.ContainsFunc(backports, func(patch string) bool { return sameRelease(version, patch) && AtLeast(version, patch) })
}

// sameRelease says whether both versions are of one release, such as 1.35.
func sameRelease(a, b string) bool {
	first, ok := numbers(a)
	second, _ := numbers(b)
	return ok && slices.Equal(first[:2], second[:2])
}

// numbers gives the numbers of a version: the first two, and that of the patch,
// which is 0 where it is not given.
func numbers(version string) (numbers []int, ok bool) {
	release := strings.TrimPrefix(version, "v")
	if i := strings.IndexAny(release, "-+"); i >= 0 {
		release = release[:i]
	}
	parts := strings.SplitN(release, ".", 3)
	if len(parts) < 2 {
		return nil, false
	}
	for i, part := range append(parts, "0")[:3] {
		n, err := strconv.Atoi(part)
		if err != nil && i < 2 {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	return numbers, true
}
