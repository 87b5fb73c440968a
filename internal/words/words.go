// Package words writes lists for people; words.go is all of it.
package words

import (
	"fmt"
	"strings"
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
