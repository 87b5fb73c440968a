package schema

import (
	"slices"
	"strconv"
	"strings"
)

// Path names a place in a definition: the keys from the outside in. A property
// stands in it by its name, as in properties.title.tokenization, because its
// place in the list means nothing.
type Path []string

// String joins the keys by dots. A key that would be misread, or would not be
// seen, is quoted.
func (p Path) String() string {
	keys := make([]string, len(p))
	for i, key := range p {
		keys[i] = key
		if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r == '.' || r == '"' || !strconv.IsPrint(r) }) {
			keys[i] = strconv.Quote(key)
		}
	}
	return strings.Join(keys, ".")
}

// Fits says whether the path is one of those that the pattern speaks of. In a
// pattern, * stands for one key, a * within a key for any text, and ** for any
// number of keys, none included.
func (p Path) Fits(pattern string) bool { return fits(p, strings.Split(pattern, ".")) }

func fits(keys, pattern []string) bool {
	switch {
	case len(pattern) == 0:
		return len(keys) == 0
	case pattern[0] == "**":
		return fits(keys, pattern[1:]) || len(keys) > 0 && fits(keys[1:], pattern)
	default:
		return len(keys) > 0 && Match(pattern[0], keys[0]) && fits(keys[1:], pattern[1:])
	}
}

// isProperties says whether the path is that of a list of properties, nested or
// not. Only a key's place tells: a property may be called nestedProperties.
func (p Path) isProperties() bool {
	if len(p)%2 == 0 || p[0] != "properties" {
		return false
	}
	for i := 2; i < len(p); i += 2 {
		if p[i] != "nestedProperties" {
			return false
		}
	}
	return true
}

// isProperty says whether the path is that of a property, nested or not: its
// last part is a name that people gave, and no key.
func (p Path) isProperty() bool { return len(p) > 1 && p[:len(p)-1].isProperties() }

// parent stands for the path of what holds p, as a key of a map.
func (p Path) parent() string { return strings.Join(p[:len(p)-1], "\x00") }

// child is the path of a member; it shares nothing with p.
func (p Path) child(key string) Path { return append(slices.Clip(slices.Clone(p)), key) }
