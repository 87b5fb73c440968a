package diff

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// Side is one of two things that are compared.
type Side struct {
	// Label names it for people: a path, or an address without credentials.
	Label string
	// Version is that of the server that has, or had, this schema; may be empty.
	Version string
	// Collections are sorted by name.
	Collections []Collection
	// Aliases are collections by alias; nil: not known, or a server without (before 1.32).
	Aliases map[string]string
	// Covers says whether a collection of the name would be here if there was one.
	// Where it would not, nothing follows from its absence.
	Covers func(name string) bool
	// undecoded are files whose collections are not among them yet.
	undecoded []snapshot.Undecoded
	// Open says that it may have collections of any name, Partial that it may have
	// more than it shows.
	Open, Partial bool
}

// Collection is one collection of a side.
type Collection struct {
	schema.Collection
	// KnownDigest is that of the definition; empty where it would have to be computed.
	KnownDigest string
	// Tenants are their states by name; nil: not known, or not multi-tenant.
	Tenants map[string]string
}

// Options narrow a comparison.
type Options struct {
	// Include and Exclude choose collections by name or glob; no Include: all.
	Include, Exclude []string
	// Ignore are patterns for paths that start with the collection's name.
	Ignore []string
	// Verbose tells also what does not count.
	Verbose bool
}

// Kind of a change.
type Kind string

// The kinds of changes, from the first side to the second.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
)

// Change is one difference. Its Path is empty where a collection as a whole came
// or went, and starts with tenants or aliases where it is one of these.
type Change struct {
	Collection string
	schema.Change
}

// Kind says what happened.
func (c Change) Kind() Kind {
	switch {
	case c.Added():
		return Added
	case c.Removed():
		return Removed
	default:
		return Changed
	}
}

// Breaking says whether it takes a new collection.
func (c Change) Breaking() bool { return c.Class == schema.Recreate }

// Instead is what to do in place of a breaking change; empty for others.
func (c Change) Instead() string {
	switch {
	case !c.Breaking():
		return ""
	case c.Path.Fits("tenants.*"):
		return "Create the tenant again; its objects come back only from a backup of data."
	case len(c.Path) == 0:
		return "command: restore creates the collection again, without its objects."
	case c.Path.Fits("replicationConfig.factor"):
		return "Add the replicas first, by /v1/replication."
	default:
		return "Create a collection of the new definition beside this one, copy the objects into it, and point an alias or your clients at it."
	}
}

// maxNotShown is how many collections a sentence names.
const maxNotShown = 200

// Result is what a comparison found.
type Result struct {
	// Changes come worst first, then by collection and path.
	Changes []Change
	// Ignored is the number of changes that Options.Ignore leaves out.
	Ignored int
	// Collections is the number of those that both sides have.
	Collections int
	// Renames are suggestions, Notes what does not count, NotCompared what nothing
	// could tell, Warnings what of that the first side has all the same: sentences.
	Renames, Notes, NotCompared, Warnings []string
}

// Breaking is the number of changes that take a new collection.
func (r Result) Breaking() int {
	n := 0
	for _, c := range r.Changes {
		if c.Breaking() {
			n++
		}
	}
	return n
}

// ErrChoice is a choice of collections that finds nothing.
var ErrChoice = errors.New("select collections")

// Compare lists the changes from base to against. The rules are those of the
// version of against or, where that is not known, of base.
func Compare(base, against Side, options Options) (Result, error) {
	c := &comparison{base: base, against: against, options: options, version: cmp.Or(against.Version, base.Version), used: make([]bool, len(options.Ignore))}
	if err := c.checkChoice(); err != nil {
		return Result{}, err
	}
	if err := c.checkShown(); err != nil {
		return Result{}, err
	}
	before, after := c.chosen(base), c.chosen(against)
	var onlyBase, onlyAgainst []string // and the other side would not show them
	for _, name := range sortedKeys(before, after) {
		a, inBase := before[name]
		b, inAgainst := after[name]
		var err error
		switch {
		case inBase && inAgainst:
			c.result.Collections++
			err = c.both(a, b)
		case inBase && against.Covers(name):
			c.gone = append(c.gone, a)
			c.add(name, nil, a.Raw, nil, schema.Recreate, "the collection is gone, with its objects")
		case inAgainst && base.Covers(name):
			c.come = append(c.come, b)
			c.add(name, nil, nil, b.Raw, schema.Additive, "the collection is new")
		case inBase:
			onlyBase = append(onlyBase, name)
		default:
			onlyAgainst = append(onlyAgainst, name)
		}
		if err != nil {
			return Result{}, fmt.Errorf("compare %s: %w", name, err)
		}
	}
	c.notShown(against, onlyBase)
	c.notShown(base, onlyAgainst)
	c.aliases(before, after)
	if err := c.suggestRenames(); err != nil {
		return Result{}, err
	}
	c.notUsed()
	c.sort()
	return c.result, nil
}

// comparison is the state of one Compare.
type comparison struct {
	base, against Side
	options       Options
	version       string
	gone, come    []Collection
	used          []bool // which of Options.Ignore have left something out
	result        Result
}

// checkChoice makes sure that something is compared, and each name or glob finds
// something on one of the sides: a mistyped one would hide every change.
func (c *comparison) checkChoice() error {
	all := make(map[string]bool)
	for _, side := range []Side{c.base, c.against} {
		for _, collection := range side.Collections {
			all[collection.Name] = true
		}
	}
	names := sortedKeys(all, nil)
	selected, unmatched := schema.Select(names, c.options.Include, c.options.Exclude)
	for _, pattern := range schema.Unmatched(names, c.options.Exclude) {
		c.result.Warnings = append(c.result.Warnings, "exclude-collections: neither side has a collection that fits "+pattern)
	}
	var problems []string
	for _, pattern := range unmatched {
		problems = append(problems, "neither side has a collection "+pattern+schema.DidYouMean(pattern, names))
	}
	switch {
	case len(problems) > 0:
		return fmt.Errorf("%w: %s", ErrChoice, strings.Join(problems, "; "))
	case len(selected) == 0 && len(names) > 0:
		return fmt.Errorf("%w: exclude-collections takes away every collection that was chosen", ErrChoice)
	}
	return nil
}

// checkShown refuses a comparison that a side could not be told from: one that shows
// a part must not pass for one that has no more.
func (c *comparison) checkShown() error {
	if len(c.options.Include) > 0 && !slices.ContainsFunc(c.options.Include, schema.IsGlob) {
		return nil // each of them was asked for
	}
	for _, pair := range [][2]Side{{c.base, c.against}, {c.against, c.base}} {
		if side, other := pair[0], pair[1]; side.Partial && other.Open {
			return fmt.Errorf("%w of %s, so there is no telling whether it has more than it shows; choose collections by their exact names", ErrRights, side.Label)
		}
	}
	return nil
}

// chosen gives the collections of a side that the options choose.
func (c *comparison) chosen(side Side) map[string]Collection {
	names := make([]string, len(side.Collections))
	for i, collection := range side.Collections {
		names[i] = collection.Name
	}
	selected, _ := schema.Select(names, c.options.Include, c.options.Exclude)
	chosen := make(map[string]Collection, len(selected))
	for _, collection := range side.Collections {
		if len(selected) > 0 && collection.Name == selected[0] { // both are in one order
			chosen[collection.Name] = collection
			selected = selected[1:]
		}
	}
	return chosen
}

// both compares a collection that both sides have.
func (c *comparison) both(a, b Collection) error {
	differences, err := schema.Compare(a.Collection, b.Collection)
	if err != nil {
		return err
	}
	counting, allowed := schema.Judge(differences, c.version)
	if c.options.Verbose {
		for _, d := range allowed {
			c.result.Notes = append(c.result.Notes, fmt.Sprintf("%s.%s does not count: %s -> %s", a.Name, d.Path, shown(d.Before), shown(d.After)))
		}
	}
	changes, err := schema.Classify(a.Collection, counting, c.version)
	if err != nil {
		return err
	}
	for _, change := range changes {
		c.take(Change{Collection: a.Name, Change: change})
	}
	c.suggestProperties(a.Name, counting)
	c.tenants(a, b)
	return nil
}

func shown(value jsontext.Value) string {
	if value == nil {
		return "nothing"
	}
	return string(value)
}

func (c *comparison) add(collection string, path schema.Path, before, after jsontext.Value, class schema.Class, reason string) {
	c.take(Change{Collection: collection, Change: schema.Change{
		Difference: schema.Difference{Path: path, Before: before, After: after}, Class: class, Reason: reason,
	}})
}

// take counts a change, unless it is to be ignored.
func (c *comparison) take(change Change) {
	full := change.full()
	ignored := false
	for i, pattern := range c.options.Ignore {
		if full.Fits(pattern) {
			c.used[i], ignored = true, true
		}
	}
	if ignored {
		c.result.Ignored++
		return
	}
	c.result.Changes = append(c.result.Changes, change)
}

func (c *comparison) leaveOut(format string, args ...any) {
	c.result.NotCompared = append(c.result.NotCompared, fmt.Sprintf(format, args...))
}

// notShown tells of collections of which nothing follows from their absence on a side.
func (c *comparison) notShown(side Side, names []string) {
	if len(names) > 0 {
		c.leaveOut("Not in %s, which would not show them: %s.", side.Label, words.Few(names, maxNotShown, ", "))
	}
}

// notUsed tells of lines of Options.Ignore that fit nothing.
func (c *comparison) notUsed() {
	for i, pattern := range c.options.Ignore {
		if c.used[i] {
			continue
		}
		text := fmt.Sprintf("the line %s of ignore fits no difference", pattern)
		if below := pattern + ".**"; slices.ContainsFunc(c.result.Changes, func(change Change) bool { return change.full().Fits(below) }) {
			text += "; what is below it takes " + below
		}
		c.result.Notes = append(c.result.Notes, text)
	}
}

// full is the path with the collection in front, as Options.Ignore has it.
func (c Change) full() schema.Path { return append(schema.Path{c.Collection}, c.Path...) }

// sort puts the changes in their order.
func (c *comparison) sort() {
	changes := c.result.Changes
	sort.SliceStable(changes, func(i, j int) bool { // a generic sort adds 6 KB to the program
		a, b := changes[i], changes[j]
		return cmp.Or(
			cmp.Compare(b.Class.Rank(), a.Class.Rank()),
			strings.Compare(a.Collection, b.Collection),
			slices.Compare(a.Path, b.Path),
		) < 0
	})
}

// ShareDigests gives collections of against that have the definition of the same
// collection of base its digest. It takes a fraction of the time that a digest does.
func ShareDigests(base, against Side) {
	known := make(map[string]Collection, len(base.Collections))
	for _, c := range base.Collections {
		known[c.Name] = c
	}
	for i, c := range against.Collections {
		if same, ok := known[c.Name]; ok && c.KnownDigest == "" && schema.SameValue(same.Raw, c.Raw) {
			against.Collections[i].KnownDigest = same.KnownDigest
		}
	}
}

// sortedKeys are those of both maps.
func sortedKeys[V any](a, b map[string]V) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}
