package diff

import (
	"fmt"
	"maps"
	"slices"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// tenants compares those of a collection, where both sides know them.
func (c *comparison) tenants(a, b Collection) {
	if !a.MultiTenant || !b.MultiTenant {
		return
	}
	of := unknown{inBase: a.Tenants == nil, inAgainst: b.Tenants == nil, baseHasSome: len(a.Tenants) > 0}
	if c.leaveOutUnknown("The tenants of "+a.Name, of) {
		return
	}
	for _, name := range sortedKeys(a.Tenants, b.Tenants) {
		before, inA := a.Tenants[name]
		after, inB := b.Tenants[name]
		path := schema.Path{"tenants", name}
		switch {
		case !inA:
			c.add(a.Name, path, nil, schema.Quote(after), schema.Additive, "tenants can be created at any time")
		case !inB:
			c.add(a.Name, path, schema.Quote(before), nil, schema.Recreate, "the tenant is gone, with its objects")
		case !schema.SameTenantState(before, after):
			c.add(a.Name, path, schema.Quote(before), schema.Quote(after), schema.InPlace, "the state of a tenant can be changed at any time")
		}
	}
}

// aliases compares those of the chosen collections, where both sides know them. A
// side that would not show a collection does not show its aliases either.
func (c *comparison) aliases(before, after map[string]Collection) {
	chosen := func(name string) bool {
		_, inBefore := before[name]
		_, inAfter := after[name]
		return inBefore || inAfter
	}
	of := unknown{
		inBase: c.base.hidesAliases(), inAgainst: c.against.hidesAliases(),
		baseHasSome: slices.ContainsFunc(slices.Collect(maps.Values(c.base.Aliases)), chosen),
	}
	if c.leaveOutUnknown("Aliases", of) {
		return
	}
	for _, alias := range sortedKeys(c.base.Aliases, c.against.Aliases) {
		a, inA := c.base.Aliases[alias]
		b, inB := c.against.Aliases[alias]
		path := schema.Path{"aliases", alias}
		switch {
		case a == b || !chosen(a) && !chosen(b):
		case !inA && !c.base.Covers(b) || !inB && !c.against.Covers(a):
		case !inA:
			c.add(b, path, nil, schema.Quote(b), schema.Additive, "aliases can be created at any time")
		case !inB && hasNoAliases(c.version):
			c.add(a, path, schema.Quote(a), nil, schema.NoEffect, "this server has no aliases (before 1.32)")
		case !inB:
			c.add(a, path, schema.Quote(a), nil, schema.InPlace, "aliases can be created again at any time")
		default:
			c.add(a, path, schema.Quote(a), schema.Quote(b), schema.InPlace, "aliases can be moved at any time")
		}
	}
}

// unknown says on which sides it is not known what there is to compare.
type unknown struct {
	inBase, inAgainst bool
	// baseHasSome says that the base knows of some.
	baseHasSome bool
}

// leaveOutUnknown notes what a side does not know, and says whether there is such a side.
func (c *comparison) leaveOutUnknown(what string, u unknown) bool {
	switch {
	case u.inBase && u.inAgainst:
		c.leaveOut("%s: neither side knows them.", what)
	case u.inBase:
		c.leaveOut("%s: not known of %s.", what, c.base.Label)
	case u.inAgainst:
		c.leaveOut("%s: not known of %s.", what, c.against.Label)
		if u.baseHasSome {
			c.result.Warnings = append(c.result.Warnings, fmt.Sprintf("%s were not compared, though %s has some: they are not known of %s", what, c.base.Label, c.against.Label))
		}
	}
	return u.inBase || u.inAgainst
}

// hidesAliases says whether the side may have aliases that are not known.
func (s Side) hidesAliases() bool { return s.Aliases == nil && !hasNoAliases(s.Version) }

// hasNoAliases says whether the version is of a server without any.
func hasNoAliases(version string) bool { return !schema.AtLeast(version, "1.32") }
