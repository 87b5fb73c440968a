package schema

import (
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Leniency is a place where a server may show a definition otherwise than it was
// given, without anything being lost that it could have kept.
type Leniency struct {
	// Path is a pattern for Path.Fits.
	Path string
	// What may differ there, Reason why that is no loss, and Source where it was
	// seen.
	What, Reason, Source string

	// standing says that it is only for collections that have stood through a start
	// of the server, and not for one that it has just made.
	standing bool
	fits     func(d Difference, version string) bool
}

// Leniencies is the one list of them.
func Leniencies() []Leniency { return slices.Concat(decisions(), defaults()) }

// decisions are what a server makes of a definition, whatever it was asked for.
func decisions() []Leniency {
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
			fits:   func(_ Difference, version string) bool { return AtLeast(version, "1.38") },
		},
		{
			Path: "replicationConfig.factor", What: "0 on one side, any number on the other",
			Reason: "0 stands for whatever the server has: REPLICATION_MINIMUM_FACTOR, or 1",
			Source: "1.27.0, 1.35.2, 1.39.0",
			fits:   func(d Difference, _ string) bool { return string(d.Before) == "0" || string(d.After) == "0" },
		},
		{
			Path: nestedRange, What: "true in the backup, false on servers from 1.26.9 to 1.39.5 that were started since",
			Reason:   "each start takes it from every nested property, in silence",
			Source:   "1.35.2, 1.39.0; migrateNestedPropertiesIfNecessary in cluster/schema/manager.go, v1.26.9, v1.39.3, v1.39.6",
			standing: true,
			fits:     isTakenAtStart,
		},
		{
			Path: "**.vectorIndexConfig.**.trackDefaultQuantization", What: "any value",
			Reason: "the server's mark of a vector that its own default has compressed, which it does not set where the compression is asked for; nothing else reads it",
			Source: "1.39.0; hnsw/config.go and flat/config.go in entities/vectorindex, v1.39.0",
			fits:   func(Difference, string) bool { return true },
		},
	}
}

// defaults are what one release shows and another does not.
func defaults() []Leniency {
	return []Leniency{
		{
			Path: deletionStrategies.Path, What: "a value where the backup has none; NoAutomatedResolution where the server has none",
			Reason: "servers before " + deletionStrategies.Releases() + " know no other; later ones add their default",
			Source: "1.23.9, 1.27.0, 1.35.2, 1.39.0",
			fits:   isDefaultOf(deletionStrategies),
		},
		{
			Path: filterStrategies.Path, What: "a value where the backup has none; sweeping where the server has none",
			Reason: "servers before " + filterStrategies.Releases() + " know no other; later ones add their default",
			Source: "1.23.9, 1.27.0, 1.35.2, 1.39.0",
			fits:   isDefaultOf(filterStrategies),
		},
		{
			Path: "invertedIndexConfig.bm25.*", What: "0 on one side, nothing on the other",
			Reason: "servers before 1.39.1 (1.38.9, 1.37.15) do not show a zero, and take what is not there for one",
			Source: "1.37.17, 1.39.0, 1.39.3",
			fits:   func(d Difference, _ string) bool { return d.isOnly(isOneOf("0")) },
		},
		{
			Path: rqTrainingLimit, What: "10000 or 0 on one side, nothing on the other",
			Reason: "the default of servers since 1.39.3, for a centering that older ones lack",
			Source: "1.39.0, 1.39.3",
			fits:   func(d Difference, _ string) bool { return d.isOnly(isTrainingDefault) },
		},
		{
			Path: "replicationConfig.asyncConfig.*", What: "maxWorkers or aliveNodesCheckingFrequency, nothing on servers since 1.37.3",
			Reason: "they are settings of the node since then, and dropped from a collection",
			Source: "1.37.17, 1.39.3; entities/models/replication_async_config.go, v1.37.2, v1.37.3",
			fits: func(d Difference, version string) bool {
				return d.Removed() && AtLeast(version, "1.37.3") && slices.Contains(ofNode, d.Path[len(d.Path)-1])
			},
		},
		{
			Path: "**", What: "a feature of a newer release that is switched off",
			Reason: "there on one side, absent on the other: off either way (the features are those of the table below)",
			Source: "1.27.0, 1.35.2, 1.39.0",
			fits:   func(d Difference, _ string) bool { return isUnusedFeature(d) },
		},
	}
}

// isDefaultOf is a condition for what a server with the feature adds, and for
// what one without it need not be told.
func isDefaultOf(f Feature) func(Difference, string) bool {
	return func(d Difference, version string) bool {
		return d.Added() || d.Removed() && f.off(d.Before) && !f.isIn(version)
	}
}

// nestedRange is where nested properties have indexRangeFilters, keepsNestedRange
// the release since which a server leaves it as it is.
const (
	nestedRange      = "properties.**.nestedProperties.*.indexRangeFilters"
	keepsNestedRange = "1.39.6"
)

// isTakenAtStart says whether a server of the version takes from a nested property
// what the difference is.
func isTakenAtStart(d Difference, version string) bool {
	return string(d.Before) == "true" && string(d.After) == "false" && AtLeast(version, "1.26.9") && !AtLeast(version, keepsNestedRange)
}

// ofNode are settings of asynchronous replication that no collection has any more.
var ofNode = []string{"maxWorkers", "aliveNodesCheckingFrequency"}

// isOnly says whether one side has such a value and the other has nothing.
func (d Difference) isOnly(such func(jsontext.Value) bool) bool {
	return d.Added() && such(d.After) || d.Removed() && such(d.Before)
}

// isUnusedFeature says whether one side lacks a feature that the other has
// switched off.
func isUnusedFeature(d Difference) bool {
	return d.isOnly(isOff) && slices.ContainsFunc(Features(), func(f Feature) bool { return f.isAt(d.Path) })
}

// Judge parts differences between a definition and a server's answer into those
// that count and those that the leniencies allow. version is the server's.
func Judge(differences []Difference, version string) (count, allowed []Difference) {
	return judge(differences, version, false)
}

// JudgeFresh is Judge for a collection that the server has just made from the first of
// the two definitions. Whatever it added is its own default, keys that this program has
// never heard of included, unless it switches something on, or is a property, a vector
// or a module's settings.
func JudgeFresh(differences []Difference, version string) (count, allowed []Difference) {
	return judge(differences, version, true)
}

func judge(differences []Difference, version string, fresh bool) (count, allowed []Difference) {
	leniencies := Leniencies()
	for _, d := range differences {
		lenient := slices.ContainsFunc(leniencies, func(l Leniency) bool {
			return d.Path.Fits(l.Path) && l.fits(d, version) && (!fresh || !l.standing)
		})
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
