package schema

import (
	"github.com/go-json-experiment/json/jsontext"
)

// Feature is a part of a definition that servers before a release don't know.
// They drop it without a word and answer 200, unless it is Refused.
type Feature struct {
	// Name is for people.
	Name string
	// Path is a pattern for Path.Fits.
	Path string
	// Since is the release that brought it, such as "1.29".
	Since string
	// Refused says that those servers refuse the definition instead, if they know
	// at all the setting of which the feature is a value.
	Refused bool

	// off says of a value that nothing is lost without it.
	off func(jsontext.Value) bool
}

// isAt says whether the path is one of the feature. The name of a property is
// no key, whatever it is.
func (f Feature) isAt(path Path) bool { return path.Fits(f.Path) && !path.isProperty() }

// Features is the table of them, for servers from 1.27 on: read in entities and
// openapi-specs/schema.json at each release from v1.27.0 to v1.39.0, and run on
// 1.27.0, 1.35.2, 1.37.0 and 1.39.0. Servers of 1.35 know the HFresh index where
// EXPERIMENTAL_HFRESH_ENABLED is set.
func Features() []Feature {
	return []Feature{
		{"deletion strategy TimeBasedResolution", "replicationConfig.deletionStrategy", "1.28", true, isNot(`"TimeBasedResolution"`)},
		{"tokenization kagome_ja", "properties.**.tokenization", "1.28", true, isNot(`"kagome_ja"`)},
		{"multi-vectors", "**.vectorIndexConfig.**.multivector", "1.29", false, isOff},
		{"tokenization gse_ch", "properties.**.tokenization", "1.30", true, isNot(`"gse_ch"`)},
		{"MUVERA encoding", "**.vectorIndexConfig.**.multivector.muvera", "1.31", false, isOff},
		{"rotational quantization", "**.vectorIndexConfig.**.rq", "1.32", false, isOff},
		{"rotational quantization to 1 bit", "**.vectorIndexConfig.**.rq.bits", "1.33", true, isNot("1")},
		{"opt-out of the default quantization", "**.vectorIndexConfig.**.skipDefaultQuantization", "1.33", false, isOff},
		{"mark of the default quantization", "**.vectorIndexConfig.**.trackDefaultQuantization", "1.33", false, isOff},
		{"rotational quantization of a flat index", "**.vectorIndexConfig.**.rq", "1.34", false, isNotOfFlatIndex},
		{"object time-to-live", "objectTtlConfig", "1.35", false, isOff},
		{"tokenizer user dictionary", "invertedIndexConfig.tokenizerUserDict", "1.35", false, isOff},
		{"settings of asynchronous replication", "replicationConfig.asyncConfig", "1.36", false, isOff},
		{"refusal of duplicated references", "properties.*.disableDuplicatedReferences", "1.36", false, isOff},
		{"HFresh index", "**.vectorIndexType", "1.36", true, isNot(`"hfresh"`)},
		{"text analyzer", "properties.**.textAnalyzer", "1.37", false, isOff},
		{"stopword presets", "invertedIndexConfig.stopwordPresets", "1.37", false, isOff},
		{"data type blobHash", "properties.**.dataType", "1.37", true, isNot(`["blobHash"]`)},
		{"rotational quantization to 4 bits", "**.vectorIndexConfig.**.rq.bits", "1.39", true, isNot("4")},
	}
}

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
		if !AtLeast(version, feature.Since) {
			lacking = append(lacking, feature)
		}
	}
	var uses []Use
	err = walkTree(nil, form, func(at Path, value jsontext.Value) bool {
		for _, feature := range lacking {
			if feature.isAt(at) && !feature.off(value) {
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

func isNot(value string) func(jsontext.Value) bool {
	return func(v jsontext.Value) bool { return string(v) != value }
}

// String names the feature, its place, and the release that has it.
func (u Use) String() string {
	return u.Name + " (" + u.At.String() + ", since " + u.Since + ")"
}
