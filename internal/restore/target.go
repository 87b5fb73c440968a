package restore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// target is what the server has before the run.
type target struct {
	meta weaviate.Meta
	// nodes is the number of healthy ones; 0 where it is not known, of which a note tells.
	nodes  int
	rights weaviate.Rights
	// readsAll says whether the key may read every collection.
	readsAll bool
	// collections by name, without leftover stubs.
	collections map[string]schema.Collection
	// stubs are left by a run that was killed.
	stubs map[string]schema.Collection
	// aliases are collections by alias; nil where the server has none of the kind.
	aliases map[string]string
	// taken are the names of both by their lower case.
	taken map[string]string
	// tenants of the multi-tenant collections that are there and in the backup.
	tenants map[string][]weaviate.Tenant
}

// readTarget reads the server.
func (r *run) readTarget(ctx context.Context) error {
	var err error
	t := &r.target
	if t.meta, err = r.server.Meta(ctx); err != nil {
		return fmt.Errorf("read the server's version: %w", err)
	}
	if t.rights, err = r.server.Rights(ctx); err != nil {
		return fmt.Errorf("read what the key may do: %w", err)
	}
	if t.readsAll, err = r.server.CanReadAll(ctx, t.rights); err != nil {
		return fmt.Errorf("find out whether the key may read every collection: %w", err)
	}
	switch t.nodes, err = r.server.Nodes(ctx); {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("count the nodes: %w", err)
	case err != nil:
		t.nodes = 0
		r.note("the number of nodes is not known, so replication factors were not checked: %v", err)
	case t.nodes == 0:
		r.note("no node says that it is healthy, so replication factors were not checked")
	}
	return r.server.Steady(ctx, func() error { return r.readState(ctx) })
}

// readState reads what a run changes.
func (r *run) readState(ctx context.Context) error {
	t := &r.target
	collections, err := r.server.Schema(ctx)
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	t.aliases, err = r.server.Aliases(ctx)
	if err != nil && !errors.Is(err, weaviate.ErrNoAliases) {
		return fmt.Errorf("read the aliases: %w", err)
	}
	t.collections = make(map[string]schema.Collection, len(collections))
	t.stubs = make(map[string]schema.Collection)
	for _, c := range collections {
		if c.IsStub() {
			t.stubs[c.Name] = c
		} else {
			t.collections[c.Name] = c
		}
	}
	if err := r.checkStubs(ctx); err != nil {
		return err
	}
	t.index()
	return r.readTenants(ctx)
}

// checkStubs makes sure that leftover stubs are empty. One that is not is
// somebody's collection now.
func (r *run) checkStubs(ctx context.Context) error {
	for name, stub := range r.target.stubs {
		empty, err := r.isEmpty(ctx, stub)
		if err != nil {
			return fmt.Errorf("look whether %s, which an earlier restore left, is empty: %w", name, err)
		}
		if !empty {
			r.target.collections[name] = stub
			delete(r.target.stubs, name)
		}
	}
	return nil
}

// readTenants reads the tenants of collections that are to be compared.
func (r *run) readTenants(ctx context.Context) error {
	r.target.tenants = make(map[string][]weaviate.Tenant)
	if !r.options.Tenants || r.options.OnExisting == OnExistingFail {
		return nil
	}
	for _, i := range r.items {
		live, found := r.target.collections[i.name()]
		if !found || !live.MultiTenant || i.saved.Tenants == nil {
			continue
		}
		if r.options.OnExisting == OnExistingSkip && !r.target.seesTenants(i.name()) {
			continue // what is not seen is not gone
		}
		tenants, err := r.server.Tenants(ctx, i.name())
		if err != nil {
			return fmt.Errorf("read the tenants of %s: %w", i.name(), err)
		}
		r.target.tenants[i.name()] = tenants
	}
	return nil
}

// seesTenants says whether a list of the collection's tenants has all of them.
func (t target) seesTenants(collection string) bool {
	return t.rights.SeesTenants(collection, t.readsAll, t.meta.Version)
}

// seesAliases says whether the list of aliases has all of them.
func (t target) seesAliases() bool { return t.rights.SeesAliases(t.readsAll) }

// index makes ready what has looks in.
func (t *target) index() {
	t.taken = make(map[string]string, len(t.collections)+len(t.aliases))
	for _, names := range []iter.Seq[string]{maps.Keys(t.aliases), maps.Keys(t.collections)} { // a collection counts before an alias
		for name := range names {
			t.taken[strings.ToLower(name)] = name
		}
	}
}

// has finds a collection or an alias of the name, which the server compares
// without case.
func (t target) has(name string) (taken string, isAlias bool) {
	if _, ok := t.collections[name]; ok {
		return name, false
	}
	taken = t.taken[strings.ToLower(name)]
	_, isCollection := t.collections[taken]
	return taken, taken != "" && !isCollection
}
