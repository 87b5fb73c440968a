package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Class says what it takes to bring a change to a collection that exists.
type Class string

// The classes, mildest first.
const (
	// NoEffect is what a server ignores, because it decides for itself.
	NoEffect Class = "no effect"
	// InPlace is a setting that a PUT of the collection changes.
	InPlace Class = "in place"
	// Additive is a property or a named vector that can be added.
	Additive Class = "additive"
	// IndexTask is an index of a property that has an endpoint of its own.
	IndexTask Class = "index task"
	// Recreate is what only a new collection can have.
	Recreate Class = "re-create"
)

// Rank orders the classes: 0 for the mildest.
func (c Class) Rank() int {
	return slices.Index([]Class{NoEffect, InPlace, Additive, IndexTask, Recreate}, c)
}

// Change is a difference between what a server has and what it should have.
type Change struct {
	Difference
	Class Class
	// Reason says why, in the words of the rule.
	Reason string
}

// Rule is one line of the table of changes.
type Rule struct {
	// Path is a pattern for Path.Fits.
	Path string
	// What names the changes that the rule is for, Class is theirs.
	What  string
	Class Class
	// Reason is for people, Source where it was seen.
	Reason, Source string

	fits func(change) bool
}

// change is a difference with what the rules want to know of its surroundings.
type change struct {
	Difference
	version string // of the server
	// indexType is that of the vector, for a path below a vector's configuration.
	indexType string
}

// Classify gives each difference its class, on a server of the version that has
// the first of the two definitions now.
func Classify(now Collection, differences []Difference, version string) ([]Change, error) {
	form, err := now.Canonical()
	if err != nil {
		return nil, err
	}
	changes := make([]Change, 0, len(differences))
	for _, d := range differences {
		c := change{Difference: d, version: version}
		if c.indexType, err = textAt(form, indexTypePath(d.Path)); err != nil {
			return nil, err
		}
		rule := c.rule()
		changes = append(changes, Change{Difference: d, Class: rule.Class, Reason: rule.Reason})
	}
	return changes, nil
}

// rule is the first of the table that fits; the last of it fits everything.
func (c change) rule() Rule {
	var last Rule
	for _, last = range Rules() {
		if c.Path.Fits(last.Path) && (last.fits == nil || last.fits(c)) {
			break
		}
	}
	return last
}

// indexTypePath is where the index type of the vector stands that the path is
// below.
func indexTypePath(path Path) Path {
	if len(path) > 2 && path[0] == "vectorConfig" {
		return Path{path[0], path[1], "vectorIndexType"}
	}
	return Path{"vectorIndexType"}
}

// textAt reads a text in a canonical form; empty where there is none.
func textAt(form jsontext.Value, path Path) (string, error) {
	value := form
	for _, key := range path {
		if value.Kind() != '{' {
			return "", nil
		}
		var inside jsontext.Value
		if err := members(value, func(name string, v jsontext.Value) error {
			if name == key {
				inside = v
			}
			return nil
		}); err != nil {
			return "", err
		}
		value = inside
	}
	if value.Kind() != '"' {
		return "", nil
	}
	return text(value)
}

// since is a condition for rules that hold from a release on, and before one.
func since(release string) func(change) bool {
	return func(c change) bool { return AtLeast(c.version, release) }
}

func before(release string) func(change) bool {
	return func(c change) bool { return !AtLeast(c.version, release) }
}

func isAdded(c change) bool   { return c.Added() }
func isRemoved(c change) bool { return c.Removed() }

// all joins conditions.
func all(conditions ...func(change) bool) func(change) bool {
	return func(c change) bool {
		for _, condition := range conditions {
			if !condition(c) {
				return false
			}
		}
		return true
	}
}

// ofIndex is a condition for a vector's configuration with such an index; the
// two halves of a dynamic one follow the rules of their own kind.
func ofIndex(kind string) func(change) bool {
	return func(c change) bool {
		if c.indexType == "dynamic" {
			return len(c.Path) > 1 && strings.Contains("."+c.Path.String()+".", ".vectorIndexConfig."+kind+".")
		}
		return c.indexType == kind
	}
}

// raises says whether a number grows.
func raises(c change) bool {
	before, errBefore := strconv.ParseFloat(string(c.Before), 64)
	after, errAfter := strconv.ParseFloat(string(c.After), 64)
	return errBefore == nil && errAfter == nil && after > before
}
