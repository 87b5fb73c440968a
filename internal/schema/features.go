package schema

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Feature is a part of a definition that servers before a release don't know.
// They drop it without a word and answer 200, unless it is Refused.
type Feature struct {
	// Name is for people.
	Name string
	// Path is a pattern for Path.Fits.
	Path string
	// Since is the release that brought it, such as "1.29", or the patch that did.
	Since string
	// Backports are the first patches of earlier releases that have it too.
	Backports []string
	// Refused says that those servers refuse the definition instead, if they know
	// at all the setting of which the feature is a value.
	Refused bool

	// off says of a value that nothing is lost without it.
	off func(jsontext.Value) bool
}

// isAt says whether the path is one of the feature. The name of a property is
// no key, whatever it is.
func (f Feature) isAt(path Path) bool { return path.Fits(f.Path) && !path.isProperty() }

// Releases are those that have it, for people: "1.36 (1.35.6, 1.34.13)".
func (f Feature) Releases() string {
	if len(f.Backports) == 0 {
		return f.Since
	}
	return f.Since + " (" + strings.Join(f.Backports, ", ") + ")"
}

// isIn says whether a server of the version has it.
func (f Feature) isIn(version string) bool { return hasCome(version, f.Since, f.Backports) }

// isUsed says whether a definition that has the value uses the feature.
func (f Feature) isUsed(value jsontext.Value) bool { return value != nil && !f.off(value) }

// Features is the table of them, for servers from 1.23 on: read in entities and
// openapi-specs/schema.json at the first and the last patch of each release from
// v1.23.0 to v1.39.7, and at those between where the two differ, but for what came
// late in 1.24 and 1.25: a server between 1.24.10 and 1.24.26, or 1.25.14 and
// 1.25.34, may know more than the table says. Run on 1.27.0, 1.35.2, 1.37.0, 1.39.0
// and the servers of the matrix in .github/TESTING.md. Servers of 1.35 know the HFresh index where
// EXPERIMENTAL_HFRESH_ENABLED is set.
func Features() []Feature {
	return []Feature{
		{"named vectors", "vectorConfig", "1.24", nil, false, isOff},
		{"binary quantization of an HNSW index", "**.vectorIndexConfig.**.bq", "1.24", nil, false, isOffOrOfFlatIndex},
		{"tokenization trigram", "properties.**.tokenization", "1.24", nil, true, isNot(`"trigram"`)},
		{"tokenization gse", "properties.**.tokenization", "1.24", nil, true, isNot(`"gse"`)},
		{"creation of unknown tenants", "multiTenancyConfig.autoTenantCreation", "1.25", nil, false, isOff},
		{"dynamic index", "**.vectorIndexType", "1.25", nil, true, isNot(`"dynamic"`)},
		{"activation of inactive tenants", "multiTenancyConfig.autoTenantActivation", "1.26", []string{"1.25.2"}, false, isOff},
		{"tokenization kagome_kr", "properties.**.tokenization", "1.26", []string{"1.25.7"}, true, isNot(`"kagome_kr"`)},
		{"index of ranges", "properties.**.indexRangeFilters", "1.26", nil, false, isOff},
		{"scalar quantization", "**.vectorIndexConfig.**.sq", "1.26", nil, false, isOff},
		{"asynchronous replication", "replicationConfig.asyncEnabled", "1.26", nil, false, isOff},
		deletionStrategies,
		filterStrategies,
		{"deletion strategy TimeBasedResolution", "replicationConfig.deletionStrategy", "1.27.5", []string{"1.26.11", "1.25.34"}, true, isNot(`"TimeBasedResolution"`)},
		{"tokenization kagome_ja", "properties.**.tokenization", "1.28", nil, true, isNot(`"kagome_ja"`)},
		{"multi-vectors", "**.vectorIndexConfig.**.multivector", "1.29", nil, false, isOff},
		{"tokenization gse_ch", "properties.**.tokenization", "1.30", nil, true, isNot(`"gse_ch"`)},
		{"MUVERA encoding", "**.vectorIndexConfig.**.multivector.muvera", "1.31", nil, false, isOff},
		{"rotational quantization", "**.vectorIndexConfig.**.rq", "1.32", nil, false, isOff},
		{"rotational quantization to 1 bit", "**.vectorIndexConfig.**.rq.bits", "1.33", nil, true, isNot("1")},
		{"opt-out of the default quantization", "**.vectorIndexConfig.**.skipDefaultQuantization", "1.33", []string{"1.32.5"}, false, isOff},
		{"mark of the default quantization", "**.vectorIndexConfig.**.trackDefaultQuantization", "1.33", []string{"1.32.5"}, false, isOff},
		{"rotational quantization of a flat index", "**.vectorIndexConfig.**.rq", "1.34", nil, false, isNotOfFlatIndex},
		{"object time-to-live", "objectTtlConfig", "1.35", nil, false, isOff},
		{"tokenizer user dictionary", "invertedIndexConfig.tokenizerUserDict", "1.35", []string{"1.34.1"}, false, isOff},
		{"settings of asynchronous replication", "replicationConfig.asyncConfig", "1.36", []string{"1.35.6", "1.34.13"}, false, isOff},
		{"refusal of duplicated references", "properties.*.disableDuplicatedReferences", "1.36", nil, false, isOff},
		{"HFresh index", "**.vectorIndexType", "1.36", nil, true, isNot(`"hfresh"`)},
		{"text analyzer", "properties.**.textAnalyzer", "1.37", nil, false, isOff},
		{"stopword presets", "invertedIndexConfig.stopwordPresets", "1.37", nil, false, isOff},
		{"data type blobHash", "properties.**.dataType", "1.37", nil, true, isNot(`["blobHash"]`)},
		{"rotational quantization to 4 bits", "**.vectorIndexConfig.**.rq.bits", "1.39", nil, true, isNot("4")},
		{"centering of rotational quantization", "**.vectorIndexConfig.**.rq.centering", "1.39.3", nil, false, isOff},
		{"training limit of rotational quantization", rqTrainingLimit, "1.39.3", nil, false, isTrainingDefault},
	}
}

// deletionStrategies and filterStrategies are settings for which the servers
// before have only what the first of their values says (usecases/replica/repairer.go
// and entities/vectorindex/hnsw/config.go, v1.27.0).
var (
	deletionStrategies = Feature{
		Name: "choice of a deletion strategy", Path: "replicationConfig.deletionStrategy",
		Since: "1.27", Backports: []string{"1.26.7", "1.25.34", "1.24.26"},
		off: isOneOf(`"NoAutomatedResolution"`, "null", `""`),
	}
	filterStrategies = Feature{
		Name: "choice of a filter strategy", Path: "**.vectorIndexConfig.**.filterStrategy",
		Since: "1.27",
		off:   isOneOf(`"sweeping"`, "null", `""`),
	}
)

// rqTrainingLimit is where servers since 1.39.3 show how many vectors they would
// learn the center from.
const rqTrainingLimit = "**.vectorIndexConfig.**.rq.trainingLimit"

// isTrainingDefault says whether that is what they show unless told otherwise:
// 10000, or 0 in an HFresh index (1.39.3, entities/vectorindex/hnsw/rq_config.go).
var isTrainingDefault = isOneOf("10000", "0")

// Use is a feature at a place in a definition.
type Use struct {
	Feature
	At Path
}

// NotIn lists what the definition uses and a server of the version does not
// know, in the order of the definition's canonical form. What is switched off as
// a whole uses nothing inside.
func (c Collection) NotIn(version string) ([]Use, error) {
	form, err := c.Canonical()
	if err != nil {
		return nil, err
	}
	var lacking []Feature
	for _, feature := range Features() {
		if !feature.isIn(version) {
			lacking = append(lacking, feature)
		}
	}
	var uses []Use
	err = walkTree(nil, form, func(at Path, value jsontext.Value) bool {
		for _, feature := range lacking {
			if feature.isAt(at) && feature.isUsed(value) {
				uses = append(uses, Use{feature, at})
			}
		}
		return !isOff(value)
	})
	return uses, err
}

// walkTree calls visit for every value below value, outer ones first; where
// visit says no, not for those inside.
func walkTree(path Path, value jsontext.Value, visit func(Path, jsontext.Value) bool) error {
	inside, err := parts(path, value)
	if err != nil {
		return err
	}
	for _, key := range sortedKeys(inside) {
		at := path.child(key)
		if !visit(at, inside[key]) {
			continue
		}
		if err := walkTree(at, inside[key], visit); err != nil {
			return err
		}
	}
	return nil
}

// isOff says whether a setting in the canonical form is one that does nothing:
// false, null, empty, or an object that says "enabled":false.
func isOff(value jsontext.Value) bool {
	switch string(value) {
	case "", "false", "null", "{}", "[]", `""`:
		return true
	}
	if value.Kind() != '{' {
		return false
	}
	off := false
	err := Members(value, func(key string, value jsontext.Value) error {
		off = off || key == "enabled" && string(value) == "false"
		return nil
	})
	return err == nil && off
}

// isOffOrOfFlatIndex is isOff for binary quantization, which a flat index had
// before.
func isOffOrOfFlatIndex(value jsontext.Value) bool { return isOff(value) || !isNotOfFlatIndex(value) }

// isNotOfFlatIndex is isOff for rotational quantization; only a flat index has a
// cache in it.
func isNotOfFlatIndex(value jsontext.Value) bool {
	cache, err := has(value, "cache")
	return isOff(value) || err != nil || !cache
}

// has says whether the value is an object with such a member.
func has(value jsontext.Value, key string) (bool, error) {
	if value.Kind() != '{' {
		return false, nil
	}
	found := false
	err := Members(value, func(name string, _ jsontext.Value) error {
		found = found || name == key
		return nil
	})
	return found, err
}

func isOneOf(values ...string) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool { return slices.Contains(values, string(v)) }
}

func isNot(value string) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool { return string(v) != value }
}

// String names the feature, its place, and the release that has it.
func (u Use) String() string {
	return u.Name + " (" + u.At.String() + ", since " + u.Releases() + ")"
}
