package restore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

const (
	// undoWhenStopped is the time that is left to clean up after a signal: a
	// runner kills what is still there 10 seconds after it asked (7.5 for SIGINT).
	undoWhenStopped = 5 * time.Second
	// undoWhenFailed is the time after any other failure.
	undoWhenFailed = 2 * time.Minute
)

// made is a collection that this run created, or may have created.
type made struct {
	name string
	stub bool
	// wanted is what was sent; live what was read back.
	wanted, live schema.Collection
	// unsure: it is not known whether the collection of this name is ours.
	unsure bool
}

// created is what a run has to answer for, in the order of its making.
type created struct {
	collections []made
	aliases     []madeAlias
}

// madeAlias is an alias that this run created, or may have created.
type madeAlias struct {
	alias, collection string
	unsure            bool
}

func (c *created) add(m made) { c.collections = append(c.collections, m) }

func (c *created) remove(name string) {
	c.collections = slices.DeleteFunc(c.collections, func(m made) bool { return m.name == name })
}

// sure notes that the collection is this run's own, as it was read back.
func (c *created) sure(name string, live schema.Collection) {
	for i := range c.collections {
		if c.collections[i].name == name {
			c.collections[i].unsure, c.collections[i].live = false, live
		}
	}
}

// undo removes what this run created, last first, as far as it is still as it
// was created and empty. What stays is told.
func (r *run) undo(ctx context.Context) {
	ctx, cancel := outlive(ctx, r.options.Stopped)
	defer cancel()
	r.progress.Stage("cleaning up", len(r.created.collections))
	if r.options.KeepPartial {
		r.keepAliases(ctx)
	} else {
		if len(r.created.collections)+len(r.created.aliases) > 0 {
			r.log.Info("removing what this run has created")
		}
		r.undoAliases(ctx)
	}
	r.leftUpdates()
	if len(r.created.collections) == 0 {
		return
	}
	all, err := r.server.SteadySchema(ctx)
	if err != nil {
		for _, m := range r.created.collections {
			r.left(m, WhyUnseen, err)
		}
		return
	}
	live := make(map[string]schema.Collection, len(all))
	for _, c := range all {
		live[c.Name] = c
	}
	for _, m := range slices.Backward(r.created.collections) {
		c, there := live[m.name]
		var err error
		if !there { // before it is said to be gone
			c, there, err = r.server.Collection(ctx, m.name)
		}
		switch {
		case err != nil:
			r.left(m, WhyUnseen, err)
		case !there && m.unsure:
			r.left(m, WhyNotYetThere, nil)
		case !there:
			r.settle(m, report.OutcomeRemovedAgain)
		case r.options.KeepPartial && !m.stub:
			r.keep(m, c)
		default:
			r.remove(ctx, m, c)
		}
		r.progress.Step(1)
	}
}

// outlive gives the clean-up its time: undoWhenFailed, or undoWhenStopped from the moment
// in which the run is stopped, before it or meanwhile. The context of a run that took too
// long is done already, and does not tell of a signal any more.
func outlive(ctx context.Context, stopped <-chan struct{}) (context.Context, context.CancelFunc) {
	tooLong := func(limit time.Duration) error { return fmt.Errorf("the clean-up took more than %v", limit) }
	timed, cancelTimed := context.WithTimeoutCause(context.WithoutCancel(ctx), undoWhenFailed, tooLong(undoWhenFailed))
	cleaning, cancel := context.WithCancelCause(timed)
	go func() {
		select {
		case <-stopped:
			time.AfterFunc(undoWhenStopped, func() { cancel(tooLong(undoWhenStopped)) })
		case <-cleaning.Done():
		}
	}()
	return cleaning, func() {
		cancel(nil)
		cancelTimed()
	}
}

// keep tells of a collection that stays because that was asked for.
func (r *run) keep(m made, live schema.Collection) {
	if m.unsure && !r.isOurs(m, live) {
		r.left(m, WhyNotAsSent, nil)
		return
	}
	m.unsure = false
	r.left(m, WhyAsked, nil)
}

// remove deletes one collection, if that is safe.
func (r *run) remove(ctx context.Context, m made, live schema.Collection) {
	if !r.isOurs(m, live) {
		r.left(m, WhyNotAsMade, nil)
		return
	}
	empty, err := r.isEmpty(ctx, live)
	switch {
	case err != nil:
		r.left(m, WhyUncounted, err)
		return
	case !empty:
		r.left(m, WhyInUse, nil)
		return
	}
	if err := r.delete(ctx, m.name); err != nil {
		r.left(m, WhyUndeleted, err)
		return
	}
	r.settle(m, report.OutcomeRemovedAgain)
}

// delete deletes a collection and looks whether it is gone: a server that
// panicked answers with success too (1.39.0).
func (r *run) delete(ctx context.Context, name string) error {
	if err := r.server.DeleteCollection(ctx, name); err != nil {
		return err
	}
	_, found, err := r.server.Collection(ctx, name)
	switch {
	case err != nil:
		return fmt.Errorf("look whether it is gone: %w", err)
	case found:
		return errors.New("the server answered with success, and has it still")
	}
	return nil
}

// isOurs says whether a live collection is, to the letter, what this run created.
func (r *run) isOurs(m made, live schema.Collection) bool {
	if m.stub {
		return live.IsStub()
	}
	made, judge := m.live, schema.Judge
	if m.unsure {
		made, judge = m.wanted, schema.JudgeFresh
	}
	differences, err := schema.Compare(made, live)
	if err != nil {
		return false
	}
	counting, _ := judge(differences, r.target.meta.Version)
	return len(counting) == 0
}

// settle sets the outcome of a collection. A stub is none of the backup's, though
// it has the name of one: it only counts where it stays.
func (r *run) settle(m made, outcome report.Outcome) {
	switch {
	case m.stub && outcome != report.OutcomeKept:
		return
	case m.stub:
		outcome = report.OutcomeStubKept
	}
	for _, i := range r.items {
		if i.name() == m.name {
			i.outcome = outcome
		}
	}
}

// left notes that a collection stays on the server. err is the cause; may be nil.
func (r *run) left(m made, why Why, err error) {
	l := Leftover{Kind: LeftCollection, Name: m.name, Unsure: m.unsure, Why: why, Cause: err}
	if m.stub {
		l.Kind = LeftStub
	}
	r.leftovers = append(r.leftovers, l)
	if !m.unsure {
		r.settle(m, report.OutcomeKept)
	}
}

// undoAliases deletes the aliases that are as this run created them.
func (r *run) undoAliases(ctx context.Context) {
	if len(r.created.aliases) == 0 {
		return
	}
	live, readErr := r.server.Aliases(ctx)
	for _, made := range slices.Backward(r.created.aliases) {
		err := readErr
		at, there := live[made.alias]
		switch {
		case err != nil:
		case at == made.collection:
			err = r.deleteAlias(ctx, made)
		case !there && !r.target.seesAliases():
			err = errHidden
		case !there && made.unsure:
			r.leftAlias(made, WhyNotYetThere, nil)
		}
		if err != nil {
			r.leftAlias(made, WhyNotDeleted, err)
		}
	}
}

// keepAliases tells of the aliases that stay because that was asked for.
func (r *run) keepAliases(ctx context.Context) {
	if len(r.created.aliases) == 0 {
		return
	}
	live, err := r.server.Aliases(ctx)
	for _, made := range r.created.aliases {
		at, there := live[made.alias]
		switch {
		case err != nil:
			r.leftAlias(made, WhyUnseen, err)
		case at == made.collection:
			r.leftAlias(made, WhyAsked, nil)
		case !there && !r.target.seesAliases():
			r.leftAlias(made, WhyUnseen, errHidden)
		case !there && made.unsure:
			r.leftAlias(made, WhyNotYetThere, nil)
		}
	}
}

// errHidden is an alias that may be there, and that the server would not list.
var errHidden = errors.New("the key may not read all aliases")

// leftAlias notes that an alias stays on the server: by itself or, of a collection that
// was there before, among the changes of that. err is the cause; may be nil.
func (r *run) leftAlias(made madeAlias, why Why, err error) {
	l := Leftover{Kind: LeftAlias, Name: made.alias, Of: made.collection, Unsure: made.unsure, Why: why, Cause: err}
	for _, i := range r.items {
		if i.name() == l.Of && i.plan == report.PlanUpdate && !l.Unsure {
			i.changed(fmt.Sprintf("create the alias %s (%s)", l.Name, l.reason()))
			return
		}
	}
	r.leftovers = append(r.leftovers, l)
}

// deleteAlias deletes an alias and looks whether it is gone, as delete does.
func (r *run) deleteAlias(ctx context.Context, made madeAlias) error {
	if err := r.server.DeleteAlias(ctx, made.alias); err != nil {
		return err
	}
	live, err := r.server.Aliases(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("look whether it is gone: %w", err)
	case live[made.alias] == made.collection:
		return errors.New("the server answered with success, and has it still")
	}
	return nil
}

// leftUpdates notes what was changed on collections that were there before: that is
// not undone.
func (r *run) leftUpdates() {
	for _, i := range r.items {
		if i.plan == report.PlanUpdate && len(i.done)+len(i.maybe) > 0 {
			r.leftovers = append(r.leftovers, Leftover{Kind: LeftUpdate, Name: i.name(), Changed: i.done, Maybe: i.maybe})
		}
	}
}
