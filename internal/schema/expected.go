package schema

import (
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Leniency is a place where a server may show a definition otherwise than it was
// given, without anything being lost.
type Leniency struct {
	// Path is a pattern for Path.Fits.
	Path string
	// What may differ there, Reason why that is no loss, and Source where it was
	// seen.
	What, Reason, Source string

	fits func(d Difference, version string) bool
}

// Leniencies is the one list of them.
func Leniencies() []Leniency {
	return []Leniency{
		{
			Path: "invertedIndexConfig.usingBlockMaxWAND", What: "any value",
			Reason: "the server decides: true for every new collection since 1.30, whatever is asked for",
			Source: "1.27.0, 1.35.2, 1.39.0",
			fits:   func(Difference, string) bool { return true },
		},
		{
			Path: "replicationConfig.asyncEnabled", What: "any value, on servers since 1.38",
			Reason: "since 1.38 it is derived from the replication factor and a setting of the server, and ignored on input",
			Source: "adapters/handlers/rest/restcompat, v1.39.0",
			fits: func(d Difference, version string) bool {
				return AtLeast(version, "1.38") || d.Added() && isOff(d.After)
			},
		},
		{
			Path: "replicationConfig.deletionStrategy", What: "a value where the backup has none",
			Reason: "servers before 1.25 did not show it, later ones add their default",
			Source: "1.27.0, 1.35.2, 1.39.0",
			fits:   func(d Difference, _ string) bool { return d.Added() },
		},
		{
			Path: "**.vectorIndexConfig.**.filterStrategy", What: "a value where the backup has none",
			Reason: "servers before 1.27 did not show it, later ones add their default",
			Source: "1.27.0, 1.35.2, 1.39.0",
			fits:   func(d Difference, _ string) bool { return d.Added() },
		},
		{
			Path: "**", What: "a feature of a newer release that is switched off",
			Reason: "there on one side, absent on the other: off either way (the features are those of the table below)",
			Source: "1.27.0, 1.35.2, 1.39.0",
			fits:   func(d Difference, _ string) bool { return isUnusedFeature(d) },
		},
	}
}

// isUnusedFeature says whether one side lacks a feature that the other has
// switched off.
func isUnusedFeature(d Difference) bool {
	if !d.Added() && !d.Removed() {
		return false
	}
	value := d.Before
	if d.Added() {
		value = d.After
	}
	return isOff(value) && slices.ContainsFunc(Features(), func(f Feature) bool { return f.isAt(d.Path) })
}

// Judge parts differences between a definition and a server's answer into those
// that count and those that the leniencies allow. version is the server's.
//
// fresh says that the server has just made the collection from the first of the
// two definitions. Then whatever it added is its own default, keys that this
// program has never heard of included, unless it switches something on, or is a
// property, a vector or a module's settings.
func Judge(differences []Difference, version string, fresh bool) (count, allowed []Difference) {
	leniencies := Leniencies()
	for _, d := range differences {
		lenient := slices.ContainsFunc(leniencies, func(l Leniency) bool { return d.Path.Fits(l.Path) && l.fits(d, version) })
		if lenient || fresh && d.Added() && isDefault(d) {
			allowed = append(allowed, d)
		} else {
			count = append(count, d)
		}
	}
	return count, allowed
}

// contents are the places, beside those of properties, where an added key is not
// a default.
var contents = []string{"vectorConfig", "vectorConfig.*", "moduleConfig", "moduleConfig.*"}

func isDefault(d Difference) bool {
	content := d.Path.isProperties() || d.Path.isProperty() || slices.ContainsFunc(contents, d.Path.Fits)
	return string(d.After) == "null" || !content && !switchesOn(d)
}

// switchesOn says whether something was switched on that the definition is silent
// about: an object that says "enabled":true at any depth, or a switch of a vector
// index. Other switches that are true are ordinary defaults, such as
// indexFilterable of a property (1.27.0 to 1.39.0).
func switchesOn(d Difference) bool {
	if string(d.After) == "true" {
		return d.Path.Fits("**.enabled") || d.Path.Fits("**.vectorIndexConfig.**")
	}
	on := false
	// What is not good JSON does not get here.
	_ = walkTree(nil, d.After, func(at Path, value jsontext.Value) bool {
		on = on || at[len(at)-1] == "enabled" && string(value) == "true"
		return true
	})
	return on
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
