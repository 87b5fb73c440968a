// Package words writes for people: lists, numbers and times (words.go), and
// characters that nobody would see (hidden.go).
package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// All joins all of them: "A", "A and B", "A, B and C".
func All(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " and " + all[last]
}

// Few joins the first of all, at most so many, and says how many more there are:
// "A, B and 3 more", or "A; B; and 3 more" where the parts may hold commas. The
// separator is ", " or "; ".
func Few(all []string, most int, separator string) string {
	text := strings.Join(all[:min(len(all), most)], separator)
	more := len(all) - most
	switch {
	case more <= 0:
		return text
	case separator == "; ":
		return fmt.Sprintf("%s; and %d more", text, more)
	default:
		return fmt.Sprintf("%s and %d more", text, more)
	}
}

// Count writes n and the noun, which is in the plural unless n is 1: "1 property",
// "1,200 properties". It knows the plurals of -s and -y, and adds an s to others.
func Count(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "s"):
		noun += "es"
	case strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ey"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	default:
		noun += "s"
	}
	return Number(int64(n)) + " " + noun
}

// Number writes n with a comma after each group of three digits.
func Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(digits) - 3; i > start; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Time writes a time, to the second and in UTC.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
