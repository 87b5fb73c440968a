package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// rights is what is known of the key before anything is read.
type rights struct {
	// told is what the server said; told.Known is false where it said nothing.
	told weaviate.Rights
	// all says that a schema read with this key is whole.
	all bool
	// text says how that is known, for the manifest.
	text string
}

// ErrRights is a key that may not read what was asked for.
var ErrRights = errors.New("the key may not read everything that was asked for")

// checkRights finds out whether the server would leave something out, and
// refuses what could not be whole.
func (r *run) checkRights(ctx context.Context) error {
	told, err := r.server.Rights(ctx)
	if err != nil {
		return fmt.Errorf("read what the key may do: %w", err)
	}
	r.rights.told = told
	if r.rights.all, err = r.server.CanReadAll(ctx, told); err != nil {
		return fmt.Errorf("find out whether the key may read every collection: %w", err)
	}
	if told.Known {
		r.rights.text = fmt.Sprintf("user %q has read_collections on *", told.User)
	} else {
		r.rights.text = told.Reason + "; but it says of a collection that does not exist that it is not there, " +
			"which it says only to those who may read any"
	}
	if r.rights.all {
		return nil
	}
	if len(r.options.Collections) == 0 || slices.ContainsFunc(r.options.Collections, schema.IsGlob) {
		return fmt.Errorf("%w: all collections, or those that fit a pattern, need the permission read_collections on *, "+
			"because the server silently leaves out the others", ErrRights)
	}
	r.rights.text = "the key may not read every collection; only collections by their exact names were asked for, and all of them are here"
	return nil
}

// extra is a kind of things that are saved beside the definitions.
type extra struct {
	name string
	// permission is the one to read them, input the one that asks for them.
	permission, input string
}

// hidden is for those of which the key may not see all, because the server silently
// leaves out the others: it refuses them or, where the server has nothing to tell of the
// key, notes it.
func (r *run) hidden(things extra) error {
	if r.rights.told.Known {
		return fmt.Errorf("%w: %s need the permission %s on everything, because the server silently leaves out the others; "+
			"grant it, or set %s to false", ErrRights, things.name, things.permission, things.input)
	}
	r.leaveOut("%s that the key may not read, if there are any: the server does not tell (%s).", things.name, r.rights.told.Reason)
	return nil
}
