package restore

import (
	"fmt"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// planUpdate finds the changes that bring what the server has to what is wanted.
// What can't be done in place is a problem of the plan: nothing is done then.
func (r *run) planUpdate(i *item) error {
	reversed := make([]schema.Difference, len(i.differences))
	for n, d := range i.differences {
		reversed[n] = schema.Difference{Path: d.Path, Before: d.After, After: d.Before}
	}
	changes, err := schema.Classify(i.live, reversed, r.target.meta.Version)
	if err != nil {
		return err
	}
	for _, change := range changes {
		switch change.Class {
		case schema.InPlace, schema.Additive:
			i.changes = append(i.changes, change)
		case schema.NoEffect:
			r.note("%s: %s stays as the server has it: %s", i.name(), change.Path, change.Reason)
		case schema.IndexTask:
			r.problem(adviceUpdate, "%s: %s takes a task on the index of the property (%s), which restore does not start", i.name(), change.Path, change.Reason)
		case schema.Recreate:
			if change.Consequence {
				continue // the problem is what it goes with
			}
			r.problem(adviceUpdate, "%s: %s can't be changed on a collection that exists: %s", i.name(), change.Path, change.Reason)
		}
	}
	return nil
}

// describe tells a change in words.
func describe(c schema.Change) string {
	switch {
	case c.IsNewProperty():
		return fmt.Sprintf("add the property %s", c.Path[1])
	case c.Class == schema.Additive:
		return fmt.Sprintf("add %s", c.Path)
	case c.Removed():
		return fmt.Sprintf("remove %s", c.Path)
	default:
		return fmt.Sprintf("change %s", c.Path)
	}
}
