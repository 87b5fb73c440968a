package restore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// maxPaths is how many paths an error tells; the report has all.
const maxPaths = 5

// carryOut does what the plan says. When something fails it removes what was
// created.
func (r *run) carryOut(ctx context.Context) error {
	for _, i := range r.items {
		if i.plan == report.PlanSkip {
			i.outcome = report.OutcomeSkipped
		}
	}
	err := r.apply(ctx)
	if err != nil {
		r.undo(ctx)
		return err
	}
	return r.differs()
}

func (r *run) apply(ctx context.Context) error {
	if err := r.createAll(ctx); err != nil {
		return err
	}
	for _, part := range []func(*run, context.Context, *item) error{(*run).update, (*run).createTenants, (*run).createAliases} {
		for _, i := range r.items {
			if err := part(r, ctx, i); err != nil {
				i.outcome = report.OutcomeFailed
				return err
			}
		}
	}
	for _, i := range r.items {
		if i.plan == report.PlanUpdate && len(i.aliases) > 0 { // they stay, now that nothing can fail
			i.outcome = report.OutcomeUpdated
		}
	}
	return nil
}

// createAll takes the steps of the order.
func (r *run) createAll(ctx context.Context) error {
	byName := make(map[string]*item, len(r.items))
	for _, i := range r.items {
		byName[i.name()] = i
	}
	r.progress.Stage("creating collections", len(r.steps))
	for _, step := range r.steps {
		var err error
		switch step.Action {
		case schema.AddStub:
			err = r.addStub(ctx, step.Name)
		case schema.DropStub:
			err = r.dropStub(ctx, step.Name)
		case schema.Create:
			err = r.create(ctx, byName[step.Name])
		}
		if err != nil {
			return err
		}
		r.progress.Step(1)
	}
	return nil
}

func (r *run) addStub(ctx context.Context, name string) error {
	if _, left := r.target.stubs[name]; left {
		r.created.add(made{name: name, stub: true})
		return nil // by an earlier run; it does its work here too
	}
	stub, err := newStub(name)
	if err != nil {
		return err
	}
	r.created.add(made{name: name, stub: true, unsure: true})
	if _, err := r.server.CreateCollection(ctx, stub); err != nil {
		if !errors.Is(err, weaviate.ErrUnsettled) {
			r.created.remove(name) // what is there now, if anything, is not ours
		}
		return fmt.Errorf("create an empty %s for references to it: %w", name, err)
	}
	r.created.sure(name, stub)
	return nil
}

// dropStub deletes a stub, once it is certain that it is nothing else.
func (r *run) dropStub(ctx context.Context, name string) error {
	live, found, err := r.server.Collection(ctx, name)
	if err == nil && found {
		err = r.deleteStub(ctx, live)
	}
	if err != nil {
		return fmt.Errorf("remove the empty %s that stood in for references: %w", name, err)
	}
	r.created.remove(name)
	delete(r.target.stubs, name)
	return nil
}

func (r *run) deleteStub(ctx context.Context, live schema.Collection) error {
	if !live.IsStub() {
		return errors.New("it is not what this run created any more")
	}
	empty, err := r.isEmpty(ctx, live)
	if err != nil {
		return err
	}
	if !empty {
		return errors.New("it holds objects now")
	}
	return r.delete(ctx, live.Name)
}

// create creates a collection and compares what the server made of it.
func (r *run) create(ctx context.Context, i *item) error {
	if _, left := r.target.stubs[i.name()]; left {
		if err := r.dropStub(ctx, i.name()); err != nil {
			return err
		}
	}
	i.outcome = report.OutcomeFailed // until it is what was sent
	r.created.add(made{name: i.name(), wanted: i.wanted, unsure: true})
	settled, err := r.server.CreateCollection(ctx, i.wanted)
	if err != nil {
		if !errors.Is(err, weaviate.ErrUnsettled) {
			r.created.remove(i.name()) // what is there now, if anything, is not ours
		}
		return fmt.Errorf("create %s: %w", i.name(), err)
	}
	live, err := r.readBack(ctx, i)
	if err != nil {
		return err
	}
	if err := r.compare(i, live, schema.JudgeFresh); err != nil {
		// One whose answer was lost, and that is not what was sent, may be
		// somebody else's; then it stays unsure.
		if !settled {
			r.created.sure(i.name(), live)
		}
		return err
	}
	r.created.sure(i.name(), live)
	i.outcome = report.OutcomeCreated
	return nil
}

// readBack reads a collection that was just written.
func (r *run) readBack(ctx context.Context, i *item) (schema.Collection, error) {
	live, found, err := r.server.Collection(ctx, i.name())
	switch {
	case err != nil:
		return schema.Collection{}, fmt.Errorf("read %s back: %w", i.name(), err)
	case !found:
		return schema.Collection{}, fmt.Errorf("read %s back: the server answered with success, and has no such collection now", i.name())
	default:
		return live, nil
	}
}

// judge parts differences into those that count and those that do not: schema.Judge, or
// schema.JudgeFresh for what the server has just created.
type judge func(differences []schema.Difference, version string) (count, allowed []schema.Difference)

// compare compares what was read back with what was wanted.
func (r *run) compare(i *item, live schema.Collection, judge judge) error {
	differences, err := schema.Compare(i.wanted, live)
	if err != nil {
		return fmt.Errorf("compare %s with what was sent: %w", i.name(), err)
	}
	i.differences, i.allowed = judge(differences, r.target.meta.Version)
	if len(i.differences) > 0 {
		return fmt.Errorf("%s: the server answered with success, and made something else of it: %s", i.name(), paths(i.differences))
	}
	if !slices.Equal(i.wanted.PropertyNames, live.PropertyNames) {
		r.note("%s: its properties stand in another order on the server than in the backup", i.name())
	}
	return nil
}

// paths tells where differences are.
func paths(differences []schema.Difference) string {
	var all []string
	for _, d := range differences {
		verb := "changed"
		switch {
		case d.Removed():
			verb = "lost"
		case d.Added():
			verb = "added"
		}
		all = append(all, d.Path.String()+" "+verb)
	}
	return words.Few(all, maxPaths, ", ")
}

// update brings a collection that is there to what is wanted: settings and
// vectors in one PUT, then each new property.
func (r *run) update(ctx context.Context, i *item) error {
	if i.plan != report.PlanUpdate {
		return nil
	}
	i.outcome = report.OutcomeUnchanged
	if len(i.changes) == 0 {
		return nil
	}
	var inPlace []schema.Difference
	var describes []string
	for _, change := range i.changes {
		if !change.IsNewProperty() {
			inPlace = append(inPlace, change.Difference)
			describes = append(describes, describe(change))
		}
	}
	if len(inPlace) > 0 {
		changed, err := i.live.Apply(inPlace)
		if err != nil {
			return fmt.Errorf("change %s: %w", i.name(), err)
		}
		if err := r.server.UpdateCollection(ctx, changed); err != nil {
			r.afterRefusal(ctx, i, err, describes)
			return fmt.Errorf("change %s: %w", i.name(), err)
		}
		i.changed(describes...)
	}
	for _, change := range i.changes {
		if change.IsNewProperty() {
			if err := r.addProperty(ctx, i, change); err != nil {
				return err
			}
		}
	}
	live, err := r.readBack(ctx, i)
	if err != nil {
		return err
	}
	return r.compare(i, live, schema.Judge)
}

// afterRefusal finds out what a PUT that was refused has done: a server may change the
// definition first and refuse it then, as 1.27.0 to 1.39.3 do where a vector's skip is
// switched off.
func (r *run) afterRefusal(ctx context.Context, i *item, refusal error, changes []string) {
	unsettled := errors.Is(refusal, weaviate.ErrUnsettled)
	if api, ok := errors.AsType[*weaviate.APIError](refusal); !unsettled && (!ok || api.Status == 0) {
		return // the server never had it
	}
	var differences []schema.Difference
	live, found, err := r.server.Collection(ctx, i.name())
	if err == nil && found {
		differences, err = schema.Compare(i.live, live)
	}
	switch {
	case len(differences) > 0 && unsettled:
		i.changed(changes...)
	case len(differences) > 0:
		i.changed(strings.Join(changes, ", ") + " (which was refused, and yet the definition is another now)")
	case unsettled || err != nil || !found:
		i.maybe = append(i.maybe, changes...)
	}
}

func (r *run) addProperty(ctx context.Context, i *item, change schema.Change) error {
	name := change.Path[1]
	property, err := i.wanted.Property(name)
	if err == nil {
		err = r.server.AddProperty(ctx, i.name(), name, property)
	}
	if err != nil {
		if errors.Is(err, weaviate.ErrUnsettled) {
			i.maybe = append(i.maybe, describe(change))
		}
		return fmt.Errorf("add the property %s to %s: %w", name, i.name(), err)
	}
	i.changed(describe(change))
	return nil
}

func (r *run) createAliases(ctx context.Context, i *item) error {
	for _, alias := range i.aliases {
		err := r.server.CreateAlias(ctx, alias, i.name())
		if err == nil || errors.Is(err, weaviate.ErrUnsettled) {
			r.created.aliases = append(r.created.aliases, madeAlias{alias: alias, collection: i.name(), unsure: err != nil})
		}
		if err != nil {
			return fmt.Errorf("create the alias %s of %s: %w", alias, i.name(), err)
		}
	}
	if len(i.aliases) == 0 {
		return nil
	}
	live, err := r.server.Aliases(ctx)
	if err != nil {
		return fmt.Errorf("read the aliases of %s back: %w", i.name(), err)
	}
	var wrong []schema.Difference
	for _, alias := range i.aliases {
		if live[alias] != i.name() {
			wrong = append(wrong, schema.Difference{
				Path: schema.Path{"aliases", alias}, Before: schema.Quote(i.name()), After: quoteUnlessEmpty(live[alias]),
			})
		}
	}
	return i.confirm("aliases", wrong)
}

// confirm notes what of the tenants or aliases was read back and is not as it was sent,
// which is an error.
func (i *item) confirm(what string, wrong []schema.Difference) error {
	i.differences = append(i.differences, wrong...)
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s: the server answered with success, and its %s are not those that were sent: %s", i.name(), what, paths(wrong))
}

func quoteUnlessEmpty(text string) jsontext.Value {
	if text == "" {
		return nil
	}
	return schema.Quote(text)
}

// differs is the error of collections that were skipped and are not what the
// backup has.
func (r *run) differs() error {
	var names []string
	for _, i := range r.items {
		if i.plan != report.PlanSkip {
			continue
		}
		if len(i.differences) > 0 {
			names = append(names, i.name()+" ("+paths(i.differences)+")")
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrDiffers, words.Few(names, maxNames, "; "))
}
