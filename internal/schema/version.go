package schema

import (
	"strconv"
	"strings"
)

// AtLeast says whether a server's version ("1.39.0", "1.40.0-rc.1") is that of
// the minor release ("1.39") or later. A version that can't be read is taken for
// a newer one: what a server of unknown age does is found out by reading back.
func AtLeast(version, release string) bool {
	major, minor, ok := majorMinor(version)
	wantMajor, wantMinor, _ := majorMinor(release)
	return !ok || major > wantMajor || major == wantMajor && minor >= wantMinor
}

// majorMinor gives the first two numbers of a version.
func majorMinor(version string) (major, minor int, ok bool) {
	first, rest, found := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if !found {
		return 0, 0, false
	}
	second, _, _ := strings.Cut(rest, ".")
	second, _, _ = strings.Cut(second, "-")
	major, err := strconv.Atoi(first)
	if err != nil {
		return 0, 0, false
	}
	minor, err = strconv.Atoi(second)
	return major, minor, err == nil
}
