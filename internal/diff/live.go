package diff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/weaviate-backup/weaviate-backup-action/internal/parallel"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// ErrRights is a key that can't tell a collection that is gone from one that it
// may not read.
var ErrRights = errors.New("the key may not read every collection")

// Server is what is read of a live server.
type Server interface {
	Meta(ctx context.Context) (weaviate.Meta, error)
	Rights(ctx context.Context) (weaviate.Rights, error)
	Schema(ctx context.Context) ([]schema.Collection, error)
	LocalSchema(ctx context.Context) ([]schema.Collection, error)
	CanReadAll(ctx context.Context, rights weaviate.Rights) (bool, error)
	Collection(ctx context.Context, name string) (schema.Collection, bool, error)
	Tenants(ctx context.Context, collection string) ([]weaviate.Tenant, error)
	Aliases(ctx context.Context) (map[string]string, error)
}

// Counterpart is what the other side of the comparison has.
type Counterpart struct {
	// Names are those of the collections to look for.
	Names []string
	// Count is the number of collections; Digest gives the digest of one that is just
	// as the other side has it, and "" of any other. It is nil where nothing is known.
	Count  int
	Digest func(schema.Collection) string
}

// ReadLive reads a server. other is called, once or more, when the schema has arrived:
// for each name that a restricted key does not see, the server is asked whether it is
// gone or hidden, and the latter is an error.
func ReadLive(ctx context.Context, server Server, label string, other func() Counterpart) (Side, error) {
	meta, err := server.Meta(ctx)
	if err != nil {
		return Side{}, fmt.Errorf("read the version of %s: %w", label, err)
	}
	about := about{version: meta.Version}
	if about.rights, err = server.Rights(ctx); err != nil {
		return Side{}, fmt.Errorf("read what the key may read of %s: %w", label, err)
	}
	var collections []Collection
	var schemaErr error
	schemaCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var reading sync.WaitGroup
	reading.Go(func() { collections, schemaErr = readSchema(schemaCtx, server, about.rights, other) })
	if err = about.read(ctx, server, label); err != nil { // the schema takes as long as all of that
		cancel()
	}
	reading.Wait()
	if err != nil {
		return Side{}, err
	}
	if schemaErr != nil {
		return Side{}, fmt.Errorf("read the schema of %s: %w", label, schemaErr)
	}
	wanted := other().Names
	if !about.readsAll {
		if err := checkHidden(ctx, server, label, collections, wanted); err != nil {
			return Side{}, err
		}
	}
	side := Side{
		Label: label, Version: about.version, Aliases: about.aliases, Open: true, Partial: !about.readsAll,
		Covers: func(name string) bool { return about.readsAll || slices.Contains(wanted, name) },
	}
	for _, c := range collections {
		if c.MultiTenant && about.rights.SeesTenants(c.Name, about.readsAll, about.version) {
			if c.Tenants, err = readTenants(ctx, server, c.Name); err != nil {
				return Side{}, err
			}
		}
		side.Collections = append(side.Collections, c)
	}
	return side, nil
}

// readSchema reads the collections. Where a lone node's own copy is just what the other
// side has, its leader need not be asked: it has nothing else, and takes many times as
// long. A key that may not be told whether the node is alone does not ask: the server
// would log that as an attempt.
func readSchema(ctx context.Context, server Server, rights weaviate.Rights, other func() Counterpart) ([]Collection, error) {
	if !rights.Known || rights.ReadsAll("read_cluster") {
		if local, err := server.LocalSchema(ctx); err == nil {
			counterpart := other()
			collections, known := withDigests(local, counterpart)
			if known == len(local) && known == counterpart.Count {
				return collections, nil
			}
		}
	}
	all, err := server.Schema(ctx)
	if err != nil {
		return nil, err
	}
	collections, _ := withDigests(all, other())
	return collections, nil
}

// withDigests gives those that are just as the other side has them their digests, and
// their number.
func withDigests(all []schema.Collection, other Counterpart) (collections []Collection, known int) {
	collections = make([]Collection, len(all))
	var count atomic.Int64
	parallel.For(len(all), func(i int) {
		collections[i].Collection = all[i]
		if other.Digest == nil {
			return
		}
		if digest := other.Digest(all[i]); digest != "" {
			collections[i].KnownDigest = digest
			count.Add(1)
		}
	})
	return collections, int(count.Load())
}

// about is what there is to read of a server beside its collections.
type about struct {
	version string
	rights  weaviate.Rights
	// readsAll says whether the key may read every collection.
	readsAll bool
	aliases  map[string]string // nil where the key may not read them all
}

// read reads what the rights leave to find out.
func (a *about) read(ctx context.Context, server Server, label string) error {
	var err error
	if a.readsAll, err = server.CanReadAll(ctx, a.rights); err != nil {
		return fmt.Errorf("find out whether the key may read every collection of %s: %w", label, err)
	}
	if !a.rights.SeesAliases(a.readsAll) {
		return nil
	}
	a.aliases, err = server.Aliases(ctx)
	switch {
	case errors.Is(err, weaviate.ErrNoAliases):
		a.aliases = map[string]string{}
	case err != nil:
		return fmt.Errorf("read the aliases of %s: %w", label, err)
	}
	return nil
}

// checkHidden looks for wanted collections that the key can't see.
func checkHidden(ctx context.Context, server Server, label string, seen []Collection, wanted []string) error {
	var hidden []string
	for _, name := range wanted {
		if slices.ContainsFunc(seen, func(c Collection) bool { return c.Name == name }) {
			continue
		}
		_, _, err := server.Collection(ctx, name)
		switch {
		case errors.Is(err, weaviate.ErrForbidden):
			hidden = append(hidden, name)
		case err != nil:
			return fmt.Errorf("look for %s on %s: %w", name, label, err)
		}
	}
	if len(hidden) > 0 {
		return fmt.Errorf("%w of %s, so there is no telling whether it lacks these, or hides them: %s", ErrRights, label, strings.Join(hidden, ", "))
	}
	return nil
}

func readTenants(ctx context.Context, server Server, collection string) (map[string]string, error) {
	tenants, err := server.Tenants(ctx, collection)
	if err != nil {
		return nil, fmt.Errorf("read the tenants of %s: %w", collection, err)
	}
	states := make(map[string]string, len(tenants))
	for _, tenant := range tenants {
		states[tenant.Name] = tenant.Status
	}
	return states, nil
}
