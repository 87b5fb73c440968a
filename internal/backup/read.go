package backup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/parallel"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// read gets everything from the server that the files will hold.
func (r *run) read(ctx context.Context) error {
	r.progress.Stage("reading the schema", 0)
	var err error
	if r.meta, err = r.server.Meta(ctx); err != nil {
		return fmt.Errorf("read the server's version: %w", err)
	}
	r.meta.Version = r.options.Scrub(r.meta.Version)
	if err := r.checkRights(ctx); err != nil {
		return err
	}
	var tenants tenantsOf
	notSaved := r.notSaved
	err = r.server.Steady(ctx, func() error {
		r.notSaved = notSaved // not what an earlier attempt adds
		if err := r.readSchema(ctx); err != nil {
			return err
		}
		var err error
		if tenants, err = r.readTenants(ctx); err != nil {
			return err
		}
		return r.readAliases(ctx)
	})
	if err != nil {
		return err
	}
	for _, pattern := range r.unused {
		r.log.Warn(fmt.Sprintf("exclude-collections: no collection fits %s", pattern))
	}
	return r.count(ctx, tenants)
}

// ErrStub is a collection that is not what it is called.
var ErrStub = errors.New("it is only the empty collection that a restore puts in the place of one that it has not created yet, and that restore has not ended")

func (r *run) readSchema(ctx context.Context) error {
	all, err := r.server.Schema(ctx)
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	selected, err := selectCollections(all, r.options.Collections, r.options.Exclude, nil)
	if errors.Is(err, ErrMissing) && len(r.options.Collections) > 0 {
		// Aliases make the error better; without them it is still right.
		if aliases, aliasErr := r.server.Aliases(ctx); aliasErr == nil {
			_, err = selectCollections(all, r.options.Collections, r.options.Exclude, aliases)
		}
	}
	switch {
	case errors.Is(err, ErrMissing) && !r.rights.all:
		return fmt.Errorf("select collections: %w; or the key may not read it, which looks the same", err)
	case err != nil:
		return fmt.Errorf("select collections: %w", err)
	}
	for _, c := range selected {
		if c.IsStub() {
			return fmt.Errorf("save %s: %w", c.Name, ErrStub)
		}
	}
	r.unused = schema.Unmatched(namesOf(all), r.options.Exclude)
	r.saved = make([]Saved, len(selected))
	err = parallel.Try(len(selected), func(i int) error {
		var err error
		r.saved[i].Collection = selected[i]
		r.saved[i].Digest, err = selected[i].Digest()
		return err
	})
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	return nil
}

// tenantsOf is the tenants of the multi-tenant collections, or why a collection
// has none to show, by the collection's place in run.saved.
type tenantsOf map[int]tenantList

type tenantList struct {
	tenants []weaviate.Tenant
	// err is why there are none, hidden why there may be more.
	err    error
	hidden string
}

// readTenants reads the tenants of multi-tenant collections, where they are to
// be saved or counted.
func (r *run) readTenants(ctx context.Context) (tenantsOf, error) {
	lists := make(tenantsOf)
	for i := range r.saved {
		if r.saved[i].MultiTenant && (r.options.IncludeTenants || r.options.CountObjects) {
			lists[i] = tenantList{}
		}
	}
	if len(lists) == 0 {
		return lists, nil
	}
	hides := func(i int) bool { return r.hidesTenants(r.saved[i].Name) != "" }
	if r.options.IncludeTenants && slices.ContainsFunc(slices.Collect(maps.Keys(lists)), hides) {
		if err := r.hidden(extra{name: "tenants", permission: "read_tenants", input: "include-tenants"}); err != nil {
			return nil, err
		}
	}
	r.progress.Stage("reading tenants", len(lists))
	for i := range lists {
		list, err := r.readTenantsOf(ctx, &r.saved[i])
		if err != nil {
			return nil, fmt.Errorf("read the tenants of %s: %w", r.saved[i].Name, err)
		}
		lists[i] = list
		r.progress.Step(1)
	}
	return lists, nil
}

// errVanished is for the tenants of a collection that is not there any more.
var errVanished = errors.New("it seems to have been deleted since the schema was read")

// readTenantsOf reads the tenants of one collection. An error is for tenants that
// are to be saved, or the end of the run: where they are only to be counted, it is
// why they are not.
func (r *run) readTenantsOf(ctx context.Context, saved *Saved) (tenantList, error) {
	tenants, err := r.server.Tenants(ctx, saved.Name)
	if err != nil && r.options.IncludeTenants {
		tenants, err = r.missedTenants(ctx, *saved, err)
	}
	switch {
	case errors.Is(err, errVanished):
		r.leaveOut("Tenants of %s: %v.", saved.Name, err)
	case err != nil && (ctx.Err() != nil || r.options.IncludeTenants):
		return tenantList{}, err
	case r.options.IncludeTenants:
		saved.Tenants = tenants
	}
	return tenantList{tenants, err, r.hidesTenants(saved.Name)}, nil
}

// hidesTenants says why a list of tenants may lack some; empty where it does not.
func (r *run) hidesTenants(collection string) string {
	switch told := r.rights.told; {
	case told.SeesTenants(collection, r.rights.all, r.meta.Version):
		return ""
	case told.Known:
		return "the key may not read all of its tenants"
	default:
		return "the server does not tell whether the key may read all of its tenants"
	}
}

// missedTenants finds out why the tenants of a collection could not be read:
// errVanished where it is not there any more. A server answers 404 then, or 422
// (1.27.0 to 1.39.0), but a gateway or a lost leader does too, so that the
// collection is looked for. One that is there as it was read was created again in
// between, or the answer was a wrong one: its tenants are asked for once more.
func (r *run) missedTenants(ctx context.Context, saved Saved, why error) ([]weaviate.Tenant, error) {
	api, ok := errors.AsType[*weaviate.APIError](why)
	if !ok || errors.Is(why, weaviate.ErrNoLeader) || (api.Status != http.StatusNotFound && api.Status != http.StatusUnprocessableEntity) {
		return nil, why
	}
	now, found, err := r.server.Collection(ctx, saved.Name)
	switch {
	case err != nil:
		return nil, why
	case !found:
		return nil, fmt.Errorf("%w (%w)", errVanished, why)
	}
	if digest, err := now.Digest(); err != nil || digest != saved.Digest {
		return nil, fmt.Errorf("%w; and its schema has changed since it was read: run this again", why)
	}
	return r.server.Tenants(ctx, saved.Name)
}

func (r *run) readAliases(ctx context.Context) error {
	if !r.options.IncludeAliases {
		return nil
	}
	r.progress.Stage("reading aliases", 0)
	all, err := r.server.Aliases(ctx)
	if errors.Is(err, weaviate.ErrNoAliases) {
		return nil // nothing is left out: there are none
	}
	if err != nil {
		return fmt.Errorf("read the aliases: %w", err)
	}
	if !r.rights.told.SeesAliases(r.rights.all) {
		if err := r.hidden(extra{name: "aliases", permission: "read_aliases", input: "include-aliases"}); err != nil {
			return err
		}
	}
	r.aliases = make(map[string]string)
	for i := range r.saved {
		r.saved[i].Aliases = []string{}
	}
	var dangling []string
	for _, alias := range slices.Sorted(maps.Keys(all)) {
		collection := all[alias]
		if i, found := r.find(collection); found {
			r.aliases[alias] = collection
			r.saved[i].Aliases = append(r.saved[i].Aliases, alias)
		} else if chosen, _ := schema.Select([]string{collection}, r.options.Collections, r.options.Exclude); len(chosen) > 0 {
			dangling = append(dangling, fmt.Sprintf("%s (of %s)", alias, collection))
		}
	}
	if len(dangling) > 0 { // a collection can be deleted while it has some (1.39.0)
		r.leaveOut("Aliases of collections that were not on the server: %s.", strings.Join(dangling, ", "))
	}
	return nil
}

// find gives the place of a collection among those of this run, which are sorted.
func (r *run) find(collection string) (i int, found bool) {
	return slices.BinarySearchFunc(r.saved, collection, func(s Saved, name string) int { return strings.Compare(s.Name, name) })
}

// count fills in the counts: exact, or unknown with a reason.
func (r *run) count(ctx context.Context, tenants tenantsOf) error {
	if !r.options.CountObjects {
		for i := range r.saved {
			r.saved[i].Count.Reason = "not asked"
		}
		return nil
	}
	// The targets of collection i are targets[first[i]:first[i+1]].
	var targets []weaviate.CountTarget
	first := make([]int, 0, len(r.saved)+1)
	for i, saved := range r.saved {
		first = append(first, len(targets))
		if !saved.MultiTenant {
			targets = append(targets, weaviate.CountTarget{Collection: saved.Name})
		}
		for _, tenant := range tenants[i].tenants {
			if tenant.Active() {
				targets = append(targets, weaviate.CountTarget{Collection: saved.Name, Tenant: tenant.Name})
			}
		}
	}
	first = append(first, len(targets))

	r.progress.Stage("counting objects", len(targets))
	counts, err := r.server.Counts(ctx, targets, r.progress.Step)
	if err != nil {
		return err
	}
	for i := range r.saved {
		count := &r.saved[i].Count
		if list, ok := tenants[i]; ok {
			*count = countTenants(list, targets[first[i]:first[i+1]], counts[first[i]:first[i+1]])
		} else {
			*count = countOf(counts[first[i]])
		}
		count.Reason = r.options.Scrub(count.Reason)
	}
	r.warnOfCounts()
	return nil
}

func countOf(count weaviate.Count) snapshot.Count {
	if count.Err != nil {
		return snapshot.Count{Reason: count.Err.Error()}
	}
	return snapshot.Count{Objects: &count.Objects, Method: snapshot.CountMethod}
}

// countTenants adds up the counts of a collection's active tenants. It is exact
// only where all tenants are known, active and counted.
func countTenants(list tenantList, targets []weaviate.CountTarget, counts []weaviate.Count) snapshot.Count {
	if list.err != nil {
		return snapshot.Count{Reason: list.err.Error()}
	}
	var sum int64
	var reasons []string
	failed := 0
	for i, count := range counts {
		if count.Err == nil {
			sum += count.Objects
			continue
		}
		if failed == 0 {
			reasons = append(reasons, fmt.Sprintf("tenant %s: %v", targets[i].Tenant, count.Err))
		}
		failed++
	}
	if failed > 1 {
		reasons = append(reasons, words.Count(failed-1, "more tenant"))
	}
	switch inactive := len(list.tenants) - len(counts); {
	case inactive == 1:
		reasons = append(reasons, fmt.Sprintf("1 of %d tenants is not active, and counting would wake it", len(list.tenants)))
	case inactive > 1:
		reasons = append(reasons, fmt.Sprintf("%d of %d tenants are not active, and counting would wake them", inactive, len(list.tenants)))
	}
	if list.hidden != "" {
		reasons = append(reasons, list.hidden)
	}
	switch reason := strings.Join(reasons, "; "); {
	case reason != "" && failed == len(counts):
		// "At least 0" would pass off a failure as a number.
		return snapshot.Count{Reason: reason}
	case reason != "":
		return snapshot.Count{AtLeast: &sum, Method: snapshot.CountMethod, Reason: reason}
	}
	return snapshot.Count{Objects: &sum, Method: snapshot.CountMethod}
}

// warnOfCounts says once, not per collection, what could not be counted.
func (r *run) warnOfCounts() {
	unknown := 0
	example := ""
	for _, saved := range r.saved {
		if saved.Count.Objects == nil {
			unknown++
			if example == "" {
				example = fmt.Sprintf("%s: %s", saved.Name, saved.Count.Reason)
			}
		}
	}
	text := fmt.Sprintf("the objects of %d of %d collections could not be counted; %s", unknown, len(r.saved), example)
	switch {
	case unknown == 0:
	case r.options.StableNames: // whose files hold no counts
		r.log.Info(text)
	default:
		r.log.Warn(text)
	}
}
