package files

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// staged is a file that has no name yet.
type staged struct {
	temporary string
	Written
}

// ReplaceError is a replacement that ended half way: some files are new, and the
// others are as they were.
type ReplaceError struct {
	// Folder is relative to the workspace.
	Folder string
	// New and Removed are names in it.
	New, Removed []string
	Err          error
}

// Error says what has changed and what has not.
func (e *ReplaceError) Error() string {
	text := fmt.Sprintf("%v; in %s these files are new: %s", e.Err, e.Folder, list(e.New))
	if len(e.Removed) > 0 {
		text += "; removed: " + list(e.Removed)
	}
	return text + "; every other file is as it was"
}

// Unwrap gives the cause.
func (e *ReplaceError) Unwrap() error { return e.Err }

// list writes names, not too many of them.
func list(names []string) string {
	const shown = 10
	if len(names) == 0 {
		return "none"
	}
	return words.Few(names, shown, ", ")
}

// Stage writes items under temporary names, to get their first names by Replace.
// Result i is item i. After an error the batch is discarded.
func (b *Batch) Stage(ctx context.Context, items []Item) ([]Written, error) {
	written, temporary, err := b.stageAll(ctx, items)
	for i := 0; i < len(items) && err == nil; i++ {
		if written[i].Name, err = items[i].Name(1); err == nil {
			b.staged = append(b.staged, staged{temporary[i], written[i]})
		}
	}
	if err != nil {
		return nil, errors.Join(err, b.Discard())
	}
	return written, nil
}

// Replace gives all that was staged its names, in the order of staging, in the
// place of the files that have them. Before the last one, which may tell of all
// the others, the files named gone are removed. Then all are read back.
//
// After an error the batch is discarded, and either every file is as it was, or
// the error is a *ReplaceError. The end of ctx does not stop what has begun.
func (b *Batch) Replace(ctx context.Context, gone []string) error {
	if err := b.replace(ctx, gone); err != nil {
		return errors.Join(err, b.Discard())
	}
	return nil
}

func (b *Batch) replace(ctx context.Context, gone []string) error {
	for _, file := range b.staged {
		if err := b.replaceable(file.Name); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	state := &ReplaceError{Folder: b.relative}
	for i, file := range b.staged {
		if i == len(b.staged)-1 {
			state.Err = b.removeAll(gone, state)
		}
		if state.Err == nil {
			state.Err = b.rename(file)
		}
		if state.Err != nil {
			return state.orCause()
		}
		state.New = append(state.New, file.Name)
	}
	written := make([]Written, len(b.staged))
	for i, file := range b.staged {
		written[i] = file.Written
	}
	state.Err = errors.Join(b.flush(), b.compareAll(written))
	return state.orCause()
}

// orCause is the error; its cause alone where no file has changed, and nil where
// there is none.
func (e *ReplaceError) orCause() error {
	if e.Err == nil || len(e.New)+len(e.Removed) == 0 {
		return e.Err
	}
	return e
}

// replaceable refuses names of what is no regular file.
func (b *Batch) replaceable(name string) error {
	info, err := b.folder.Lstat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return explain("replace", b.Path(name), err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("replace %s: not a regular file", b.Path(name))
	}
	return nil
}

// rename gives a staged file its name.
func (b *Batch) rename(file staged) error {
	if err := b.folder.Rename(file.temporary, file.Name); err != nil {
		return explain("replace", b.Path(file.Name), err)
	}
	b.files = slices.DeleteFunc(b.files, func(name string) bool { return name == file.temporary })
	return nil
}

// removeAll removes files, and makes that and the renames before it last: a
// crash must not leave only what comes afterwards.
func (b *Batch) removeAll(names []string, state *ReplaceError) error {
	for _, name := range names {
		if err := b.remove(name); err != nil {
			return explain("remove", b.Path(name), err)
		}
		state.Removed = append(state.Removed, name)
	}
	return b.flush()
}
