package diff

import (
	"fmt"
	"slices"

	"github.com/weaviate-backup/weaviate-backup-action/internal/parallel"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// Backup is a backup whose files are whole.
type Backup struct {
	// Label and Version are those of the Side.
	Label, Version string
	// Run is the manifest; nil where there is none.
	Run *snapshot.Manifest
	// Snapshots are the files that were decoded, sorted by collection.
	Snapshots []snapshot.File
	// Undecoded are the others, sorted by collection too.
	Undecoded []snapshot.Undecoded
}

// Side is what the files hold; collections of undecoded ones are not in it before
// [Side.Decode].
func (b *Backup) Side() (Side, error) {
	side := Side{Label: b.Label, Version: b.Version, undecoded: b.Undecoded}
	var names []string
	for i := range b.Snapshots {
		saved := &b.Snapshots[i]
		collection, err := savedCollection(&saved.Snapshot, saved.Digest)
		if err != nil {
			return Side{}, fmt.Errorf("read %s: %w", saved.Path, err)
		}
		side.Collections, names = append(side.Collections, collection), append(names, collection.Name)
	}
	if b.Run == nil { // a snapshot alone speaks of itself
		side.Aliases = b.aliases()
		side.Covers = func(name string) bool { return slices.Contains(names, name) }
		return side, nil
	}
	asked := b.Run.Completeness.Selection
	side.Open = len(asked.Collections) == 0 || slices.ContainsFunc(asked.Collections, schema.IsGlob)
	side.Aliases = b.Run.Aliases
	side.Covers = func(name string) bool {
		selected, _ := schema.Select([]string{name}, asked.Collections, asked.Excluded)
		return len(selected) == 1
	}
	return side, nil
}

// aliases are those of snapshots without a manifest, as a run would have listed them;
// nil where some snapshot does not know its own.
func (b *Backup) aliases() map[string]string {
	aliases := make(map[string]string)
	for i := range b.Snapshots {
		s := &b.Snapshots[i]
		if s.Aliases == nil {
			return nil
		}
		for _, alias := range s.Aliases {
			aliases[alias] = s.Metadata.Collection
		}
	}
	return aliases
}

// Counterpart is what there is of the side for [ReadLive] to read a server beside it.
func (s *Side) Counterpart() Counterpart {
	undecoded := make(map[string]*snapshot.Undecoded, len(s.undecoded))
	out := Counterpart{Count: len(s.Collections) + len(s.undecoded)}
	for i := range s.Collections {
		out.Names = append(out.Names, s.Collections[i].Name)
	}
	for i := range s.undecoded {
		u := &s.undecoded[i]
		out.Names = append(out.Names, u.Collection)
		undecoded[u.Collection] = u
	}
	out.Digest = func(c schema.Collection) string {
		if u, ok := undecoded[c.Name]; ok && schema.SameValue(c.Raw, snapshot.CutDefinition(u.Data)) {
			return u.SchemaDigest
		}
		return ""
	}
	return out
}

// Decode adds the collections of undecoded files. Of a definition that the server has
// too it takes that one, and decodes the other files.
func (s *Side) Decode(server Side) error {
	live := make(map[string]*Collection, len(server.Collections))
	for i := range server.Collections {
		live[server.Collections[i].Name] = &server.Collections[i]
	}
	collections := make([]Collection, len(s.undecoded))
	err := parallel.Try(len(s.undecoded), func(i int) error {
		u := &s.undecoded[i]
		if c, ok := live[u.Collection]; ok && !c.MultiTenant && c.KnownDigest != "" {
			collections[i] = Collection{Collection: c.Collection, KnownDigest: u.SchemaDigest}
			return nil
		}
		var err error
		if collections[i], err = decode(u); err != nil {
			return fmt.Errorf("%s: %w", u.Path, err)
		}
		return nil
	})
	s.Collections, s.undecoded = append(s.Collections, collections...), nil
	return err
}

// decode is the collection of an undecoded file.
func decode(u *snapshot.Undecoded) (Collection, error) {
	s, err := snapshot.Decode(u.Data)
	if err != nil {
		return Collection{}, err
	}
	if s.Metadata.Collection != u.Collection {
		return Collection{}, fmt.Errorf("it is a snapshot of %q, not of %q as the manifest says", s.Metadata.Collection, u.Collection)
	}
	return savedCollection(&s, u.SchemaDigest)
}

// savedCollection is what a snapshot holds.
func savedCollection(s *snapshot.Snapshot, digest string) (Collection, error) {
	definition, err := s.Definition()
	c := Collection{Collection: definition, KnownDigest: digest}
	if err != nil || s.Tenants == nil {
		return c, err
	}
	tenants, err := snapshot.ParseTenants(s.Tenants)
	c.Tenants = make(map[string]string, len(tenants))
	for _, tenant := range tenants {
		c.Tenants[tenant.Name] = tenant.Status
	}
	return c, err
}
