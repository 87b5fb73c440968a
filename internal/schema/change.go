package schema

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Class says what it takes to bring a change to a collection that exists.
type Class string

// The classes, mildest first.
const (
	// NoEffect is what a server ignores, because it decides for itself or is too
	// old for it.
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
	// Consequence says that the change goes with another one of the same collection,
	// and can't be made or left alone.
	Consequence bool
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

	fits        func(change) bool
	consequence bool
}

// change is a difference with what the rules want to know of its surroundings.
type change struct {
	Difference
	version string // of the server
	// multiTenant and legacyVector are of the collection as it is now;
	// legacyVector is one without a name.
	multiTenant, legacyVector bool
	// indexType is that of the vector, for a path below a vector's configuration.
	indexType string
	// on says that there is an "enabled" beside what the path names, which is true
	// now, off that it is not any more after all the differences.
	on, off bool
	// otherIndex says that the type of the vector's index is among the differences.
	otherIndex bool
	// modules are the names in moduleConfig after all the differences.
	modules []string
	// refusesPUT says that the server refuses every PUT of the collection.
	refusesPUT bool
}

// Classify gives each difference its class, on a server of the version that has
// the first of the two definitions now.
func Classify(now Collection, differences []Difference, version string) ([]Change, error) {
	if len(differences) == 0 {
		return nil, nil
	}
	form, err := now.Canonical()
	if err != nil {
		return nil, err
	}
	definition := &tree{value: form}
	legacy, err := definition.at(Path{"vectorIndexType"})
	if err != nil {
		return nil, err
	}
	modules, err := modulesAfter(definition, differences)
	if err != nil {
		return nil, err
	}
	refusesPUT, err := hasNestedRange(form, version)
	if err != nil {
		return nil, err
	}
	off, otherIndex := together(differences)
	rules := Rules()
	changes := make([]Change, 0, len(differences))
	for _, d := range differences {
		c := change{Difference: d, version: version, multiTenant: now.MultiTenant, legacyVector: legacy != nil, modules: modules, refusesPUT: refusesPUT}
		if err := c.lookAround(definition); err != nil {
			return nil, err
		}
		c.off, c.otherIndex = off[d.Path.parent()], otherIndex[indexTypePath(d.Path).String()]
		rule := c.rule(rules)
		changes = append(changes, Change{Difference: d, Class: rule.Class, Reason: rule.Reason, Consequence: rule.consequence})
	}
	return changes, nil
}

// together gives what differences mean for those beside them: the paths of what is
// switched off, and those of index types that become other ones.
func together(differences []Difference) (off, otherIndex map[string]bool) {
	off, otherIndex = make(map[string]bool), make(map[string]bool)
	for _, d := range differences {
		if path := indexTypePath(d.Path); slices.Equal(path, d.Path) {
			otherIndex[path.String()] = true
		}
		if d.Path[len(d.Path)-1] == "enabled" && string(d.After) != "true" {
			off[d.Path.parent()] = true
		}
	}
	return off, otherIndex
}

// hasNestedRange says whether a server of the version refuses every PUT of the
// definition: 1.35.2 and 1.39.0 do so for a nested property with
// indexRangeFilters, 1.27.0 does not. Properties can be compared in a PUT since
// 1.30 (usecases/schema/parser.go); 1.39.6 no longer takes it from its own side
// before (cluster/schema/manager.go).
func hasNestedRange(form jsontext.Value, version string) (bool, error) {
	found := false
	err := walkTree(nil, form, func(at Path, value jsontext.Value) bool {
		found = found || at.Fits(nestedRange) && string(value) == "true"
		return !found
	})
	return found && AtLeast(version, "1.30") && !AtLeast(version, keepsNestedRange), err
}

// IsNewProperty says whether the difference is a property to add, which takes an
// endpoint of its own and no PUT.
func (d Difference) IsNewProperty() bool { return d.Added() && d.Path.Fits("properties.*") }

// lookAround reads what the rules want to know from the definition as it is now.
func (c *change) lookAround(definition *tree) error {
	indexType, err := definition.at(indexTypePath(c.Path))
	if err != nil {
		return err
	}
	if indexType.Kind() == '"' {
		if c.indexType, err = text(indexType); err != nil {
			return err
		}
	}
	enabled, err := definition.at(c.Path[:len(c.Path)-1].child("enabled"))
	c.on = string(enabled) == "true"
	return err
}

// rule is the first that fits; the last of the table fits everything.
func (c change) rule(rules []Rule) Rule {
	var last Rule
	for _, last = range rules {
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

// tree is a definition that is read as far as it is asked about, and each part of
// it once: ten thousand changes ask about ten thousand neighbours.
type tree struct {
	path  Path
	value jsontext.Value
	// inside is there once read is set.
	inside map[string]*tree
	read   bool
}

// at reads what stands at the path; nil where there is nothing.
func (t *tree) at(path Path) (jsontext.Value, error) {
	for _, key := range path {
		if err := t.open(); err != nil {
			return nil, err
		}
		next, ok := t.inside[key]
		if !ok {
			return nil, nil
		}
		t = next
	}
	return t.value, nil
}

func (t *tree) open() error {
	if t.read {
		return nil
	}
	inside, err := parts(t.path, t.value)
	if err != nil {
		return err
	}
	t.read, t.inside = true, make(map[string]*tree, len(inside))
	for key, value := range inside {
		t.inside[key] = &tree{path: t.path.child(key), value: value}
	}
	return nil
}

// modulesAfter are the names in moduleConfig once the differences are gone.
func modulesAfter(definition *tree, differences []Difference) ([]string, error) {
	path := Path{"moduleConfig"}
	config, err := definition.at(path)
	if err != nil {
		return nil, err
	}
	for _, d := range differences {
		if slices.Equal(d.Path, path) {
			config = d.After
		}
	}
	modules, err := parts(path, config)
	if err != nil {
		return nil, err
	}
	names := slices.Collect(maps.Keys(modules))
	for _, d := range differences {
		switch {
		case !d.Path.Fits("moduleConfig.*"):
		case d.Removed():
			names = slices.DeleteFunc(names, func(name string) bool { return name == d.Path[1] })
		case d.Added():
			names = append(names, d.Path[1])
		}
	}
	return names, nil
}

// since is a condition for rules that hold from a release on, and from patches of
// earlier ones; before is the contrary.
func since(release string, backports ...string) func(change) bool {
	return func(c change) bool { return hasCome(c.version, release, backports) }
}

func before(release string, backports ...string) func(change) bool {
	return func(c change) bool { return !hasCome(c.version, release, backports) }
}

// lacks is a condition for servers that don't have the feature.
func lacks(f Feature) func(change) bool {
	return func(c change) bool { return !f.isIn(c.version) }
}

func isAdded(c change) bool   { return c.Added() }
func isRemoved(c change) bool { return c.Removed() }
func isZero(c change) bool    { return string(c.After) == "0" }

// isOfOtherIndex is a condition for settings of an index that becomes one of another
// type.
func isOfOtherIndex(c change) bool {
	return c.otherIndex && (c.Path[0] == "vectorIndexConfig" || c.Path.Fits("vectorConfig.*.vectorIndexConfig.**"))
}

// needsRefusedPUT is a condition for what takes a PUT that the server refuses.
func needsRefusedPUT(c change) bool { return c.refusesPUT && !c.IsNewProperty() }

func isMultiTenant(c change) bool { return c.multiTenant }

// isOfProperty says whether the path is that of a property's own member, and not
// of a property that has such a name.
func isOfProperty(c change) bool { return c.Path[:len(c.Path)-1].isProperty() }

// staysOn is a condition for settings of what is enabled, before and after.
func staysOn(c change) bool { return c.on && !c.off }

// switchesOff is a condition for switches that were on.
func switchesOff(c change) bool { return string(c.Before) == "true" }

// isVector says whether the path is that of a named vector, or of all of them.
func isVector(c change) bool { return len(c.Path) <= 2 }

// addsDefault says whether a vector called default would come beside one without
// a name.
func addsDefault(c change) bool {
	if len(c.Path) > 1 {
		return c.legacyVector && c.Path[1] == "default"
	}
	found, err := has(c.After, "default")
	return c.legacyVector && (found || err != nil)
}

// onDemand are the kinds of modules that work when a query asks for them.
var onDemand = []string{"generative-", "reranker-"}

// kindOf gives the kind of a module that works on demand; empty for another.
func kindOf(module string) string {
	for _, kind := range onDemand {
		if strings.HasPrefix(module, kind) {
			return kind
		}
	}
	return ""
}

// isOnDemand says whether the path is of a module that works on demand.
func isOnDemand(c change) bool { return kindOf(c.Path[1]) != "" }

// oneOfItsKind is isOnDemand where there will be one module of that kind.
func oneOfItsKind(c change) bool { return isOnDemand(c) && c.hasOne(kindOf(c.Path[1])) }

// onlyOnDemand says whether all the modules will be such, and one of each kind.
func onlyOnDemand(c change) bool {
	return !slices.ContainsFunc(c.modules, func(name string) bool {
		kind := kindOf(name)
		return kind == "" || !c.hasOne(kind)
	})
}

// hasOne says whether there will be one module of the kind.
func (c change) hasOne(kind string) bool {
	count := 0
	for _, name := range c.modules {
		if kindOf(name) == kind {
			count++
		}
	}
	return count == 1
}

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
