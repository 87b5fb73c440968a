package restore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// plan decides what becomes of each collection. All that stands against it comes
// as one ErrPlan.
func (r *run) plan(ctx context.Context) error {
	r.progress.Stage("planning", 0)
	if err := r.choose(); err != nil {
		return err
	}
	if err := r.readTarget(ctx); err != nil {
		return err
	}
	for _, i := range r.items {
		if i.source.IsStub() {
			r.problem(adviceStub, "%s: the backup has only the empty collection that an unfinished restore put in its place", i.name())
		}
		if err := r.decide(i); err != nil {
			return fmt.Errorf("compare %s: %w", i.name(), err)
		}
	}
	r.order()
	for _, i := range r.items {
		if i.plan == report.PlanSkip {
			continue
		}
		if err := r.checkFeatures(i); err != nil {
			return fmt.Errorf("plan %s: %w", i.name(), err)
		}
		if err := r.planTenants(i); err != nil {
			return fmt.Errorf("plan the tenants of %s: %w", i.name(), err)
		}
	}
	r.checkReplicas()
	r.planAliases()
	r.noteLeftOut()
	r.checkRights()
	return r.planError()
}

// decide picks what the run does with a collection.
func (r *run) decide(i *item) error {
	taken, isAlias := r.target.has(i.name())
	if taken == "" {
		return nil
	}
	if complaint, advice := r.inTheWay(i, taken, isAlias); complaint != "" {
		i.outcome = report.OutcomeThereAlready
		r.problem(advice, "%s: %s", i.name(), complaint)
		return nil
	}
	i.live = r.target.collections[taken]
	differences, err := schema.Compare(i.wanted, i.live)
	if err != nil {
		return err
	}
	i.differences, i.allowed = schema.Judge(differences, r.target.meta.Version)
	if r.options.OnExisting == OnExistingSkip {
		i.plan = report.PlanSkip
		return r.compareTenants(i)
	}
	i.plan = report.PlanUpdate
	return r.planUpdate(i)
}

// inTheWay says why a collection or an alias of that name keeps the collection
// from being restored, and what to do; empty where it does not.
func (r *run) inTheWay(i *item, taken string, isAlias bool) (complaint, advice string) {
	switch {
	case isAlias:
		return fmt.Sprintf("the server has an alias %s, of %s, and no collection can have its name", taken, r.target.aliases[taken]), adviceAlias
	case taken != i.name():
		return fmt.Sprintf("the server has a collection %s, and names are the same for it whatever the case", taken), adviceTaken
	case r.options.OnExisting == OnExistingFail:
		return "the server has it already", adviceExisting
	default:
		return "", ""
	}
}

// order sets the steps that create what is to be created, and finds references
// that lead nowhere.
func (r *run) order() {
	var toCreate []schema.Collection
	ours := make(map[string]bool)
	for _, i := range r.items {
		ours[i.name()] = true
		if i.plan == report.PlanCreate {
			toCreate = append(toCreate, i.wanted)
		}
	}
	for _, i := range r.items {
		if i.plan == report.PlanSkip {
			continue
		}
		for _, reference := range i.wanted.References {
			_, there := r.target.collections[reference.Target]
			if !ours[reference.Target] && !there {
				r.checkDangling(i, reference)
			}
		}
	}
	r.steps = schema.Order(toCreate, func(name string) bool {
		_, there := r.target.collections[name]
		return there
	})
	r.dropLeftovers(ours)
}

// dropLeftovers takes away the stubs that a killed run left for references to
// collections that are not to be restored.
func (r *run) dropLeftovers(ours map[string]bool) {
	for _, i := range r.items {
		for _, reference := range i.wanted.References {
			drop := schema.Step{Action: schema.DropStub, Name: reference.Target}
			_, left := r.target.stubs[reference.Target]
			if left && !ours[reference.Target] && !slices.Contains(r.steps, drop) {
				r.steps = append(r.steps, drop)
			}
		}
	}
}

// checkDangling judges a reference to a collection that is neither to be
// restored nor on the server. One that led nowhere when it was saved is restored
// as it was.
func (r *run) checkDangling(i *item, reference schema.Reference) {
	saved := slices.ContainsFunc(r.backup.Snapshots, func(s snapshot.Snapshot) bool { return s.Metadata.Collection == reference.Target })
	taken, _ := r.target.has(reference.Target)
	switch {
	case saved:
		r.problem(adviceRefer, "%s: its property %s refers to %s, which is in the backup but not chosen, and not on the server", i.name(), reference.Property, reference.Target)
	case !r.backup.Complete:
		r.problem(adviceRefer, "%s: its property %s refers to %s, which is neither in the backup nor on the server", i.name(), reference.Property, reference.Target)
	case taken != "":
		r.problem(adviceRefer, "%s: its property %s refers to %s, which did not exist when it was saved, and whose name is taken by %s now", i.name(), reference.Property, reference.Target, taken)
	case i.plan == report.PlanUpdate:
		// only adding the property would need it; the server says so then
	default:
		r.note("%s: its property %s refers to %s, which did not exist when it was saved; the reference leads nowhere here too", i.name(), reference.Property, reference.Target)
	}
}

// checkFeatures looks for what the server would drop or refuse: features that it
// is too old for, and modules that it lacks.
func (r *run) checkFeatures(i *item) error {
	uses, err := i.wanted.NotIn(r.target.meta.Version)
	if err != nil {
		return err
	}
	for _, use := range uses {
		fate := "lose"
		if use.Refused {
			fate = "refuse"
		}
		r.problem(adviceOld, "%s: Weaviate %s would %s its %s", i.name(), r.target.meta.Version, fate, use)
	}
	modules, err := i.wanted.Modules()
	if err != nil {
		return err
	}
	for _, module := range modules {
		switch {
		case slices.Contains(r.target.meta.Modules, module.Name):
		case module.Vectorizer:
			r.problem(adviceModule, "%s: the server lacks the module %s, which %s needs", i.name(), module.Name, module.At)
		default:
			r.note("%s: the server lacks the module %s of %s; the setting is restored, and does nothing without it", i.name(), module.Name, module.At)
		}
	}
	return nil
}

// checkReplicas looks for replication factors that the cluster is too small for.
func (r *run) checkReplicas() {
	if r.target.nodes == 0 {
		return
	}
	for _, i := range r.items {
		if i.plan == report.PlanCreate && i.wanted.ReplicationFactor > r.target.nodes {
			other := "; replication-factor sets another"
			if r.options.ReplicationFactor > 0 {
				other = ", so replication-factor is too high"
			}
			r.problem(adviceReplicas, "%s: its replication factor is %d, and the server has %s%s",
				i.name(), i.wanted.ReplicationFactor, words.Count(r.target.nodes, "healthy node"), other)
		}
	}
}

// planAliases finds the aliases to create.
func (r *run) planAliases() {
	if !r.options.Aliases {
		return
	}
	names := make(map[string]bool, len(r.items))
	for _, i := range r.items {
		names[strings.ToLower(i.name())] = true
	}
	for _, i := range r.items {
		for _, alias := range i.saved.Aliases {
			if r.target.aliases == nil {
				r.problem(adviceNoAlias, "%s: the server has no aliases (before 1.32), so %s can't be one", i.name(), alias)
				continue
			}
			taken, isAlias := r.target.has(alias)
			switch {
			case !schema.ValidName(alias):
				r.problem(adviceNoAlias, "%s: %q is not a name that Weaviate gives to aliases", i.name(), alias)
			case names[strings.ToLower(alias)]:
				r.problem(adviceAlias, "%s: its alias %s is the name of a collection to restore", i.name(), alias)
			case taken == "" && i.plan == report.PlanSkip && !r.target.seesAliases():
				r.note("%s: its alias %s was not compared: the key may not read all aliases", i.name(), alias)
			case taken == "" && i.plan == report.PlanSkip:
				i.differences = append(i.differences, schema.Difference{Path: schema.Path{"aliases", alias}, Before: schema.Quote(i.name())})
			case taken == "":
				i.aliases = append(i.aliases, alias)
			case isAlias && r.target.aliases[taken] == i.name():
				// it is there already
			case isAlias:
				r.problem(adviceAlias, "%s: its alias %s is one of %s on the server", i.name(), alias, r.target.aliases[taken])
			default:
				r.problem(adviceAlias, "%s: its alias %s is the name of a collection on the server", i.name(), alias)
			}
		}
	}
}

// noteLeftOut tells what the backup has of the chosen collections, and the inputs leave
// out; and what they ask for, and it has not.
func (r *run) noteLeftOut() {
	tenants, aliases, unknown := 0, 0, 0
	for _, i := range r.items {
		tenants += len(i.saved.Tenants)
		aliases += len(i.saved.Aliases)
		if i.saved.Aliases == nil {
			unknown++
		}
	}
	if tenants > 0 && !r.options.Tenants {
		r.leaveOut("restore-tenants: false leaves out %s of the backup", words.Count(tenants, "tenant"))
	}
	if aliases > 0 && !r.options.Aliases {
		r.leaveOut("restore-aliases: false leaves out %s of the backup", words.Count(aliases, "alias"))
	}
	if unknown > 0 && r.options.Aliases {
		r.warn("the aliases of %s are not in the backup, so none of them was restored", words.Count(unknown, "collection"))
	}
}

// maxNames is how many collections a problem names.
const maxNames = 10

// lacking are the collections for which the key lacks a permission, by that.
type lacking map[string][]string

// needs are collections that a permission is needed for; those for which the key lacks
// it are kept.
func (l lacking) needs(rights weaviate.Rights, permission string, names ...string) {
	for _, name := range names {
		if !rights.May(permission, name) {
			l[permission] = append(l[permission], name)
		}
	}
}

// each tells the permissions, and some of the collections of each.
func (l lacking) each(tell func(permission, names string)) {
	for _, permission := range slices.Sorted(maps.Keys(l)) {
		names := slices.Compact(slices.Sorted(slices.Values(l[permission])))
		tell(permission, words.Few(names, maxNames, ", "))
	}
}

// checkRights looks for what the key may surely not do.
func (r *run) checkRights() {
	rights := r.target.rights
	if !rights.Known {
		return
	}
	restoring, cleanUp := make(lacking), make(lacking)
	for _, step := range r.steps {
		switch step.Action {
		case schema.Create:
			restoring.needs(rights, "read_collections", step.Name)
			restoring.needs(rights, "create_collections", step.Name)
			cleanUp.needs(rights, "delete_collections", step.Name)
			cleanUp.needs(rights, "read_data", step.Name)
		case schema.AddStub:
			restoring.needs(rights, "create_collections", step.Name)
		case schema.DropStub:
			restoring.needs(rights, "delete_collections", step.Name)
		}
	}
	for _, i := range r.items {
		if len(i.changes) > 0 {
			restoring.needs(rights, "update_collections", i.name())
		}
		if len(i.tenants) > 0 {
			restoring.needs(rights, "create_tenants", i.name())
			if !r.target.seesTenants(i.name()) { // they are read back
				restoring["read_tenants"] = append(restoring["read_tenants"], i.name())
			}
		}
		if len(i.aliases) > 0 {
			restoring.needs(rights, "create_aliases", i.name())
			restoring.needs(rights, "read_aliases", i.name())
			cleanUp.needs(rights, "delete_aliases", i.name())
		}
	}
	restoring.each(func(permission, names string) {
		r.problem(adviceRights, "the key lacks the permission %s on %s", permission, names)
	})
	var all []string
	cleanUp.each(func(permission, names string) { all = append(all, permission+" on "+names) })
	if len(all) > 0 && !r.options.KeepPartial {
		r.note("what a run that fails has created could not all be removed again: the key lacks %s", strings.Join(all, "; "))
	}
}
