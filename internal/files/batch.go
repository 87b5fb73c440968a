package files

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// writers is how many files are written at once. Flushing 1000 small files took
// 330 ms one by one and 109 ms by 16 (ext4).
const writers = 16

// Item is one file to write.
type Item struct {
	// Name gives the file's name in the folder; try counts from 1, and goes up
	// while names are taken.
	Name func(try int) (string, error)
	// Data gives the content. It is called once, from any goroutine.
	Data func() ([]byte, error)
}

// Written is one file that was written.
type Written struct {
	// Name is the file's name in the folder.
	Name string
	// Bytes is its size.
	Bytes int64
	// SHA256 is of its content, spelled as by schema.SHA256.
	SHA256 string
}

// Batch is the files of one run in one folder. It is not safe for concurrent
// use.
type Batch struct {
	workspace *Workspace
	relative  string   // of the folder
	folder    *os.Root // the same, open
	made      []string // folders that were not there before, outermost first
	files     []string // names that this batch gave, real and temporary
	staged    []staged // what Replace will give names to
	token     string   // in the names of its temporary files
	temporary int      // how many of these it has named
	lock      *os.File // the mark that says that it lives; nil where there is none
	leftovers leftovers
	rival     bool // another batch lives that wants to be alone
	sync      bool
}

// ErrBusy is a folder that another batch has for itself.
var ErrBusy = errors.New("another run writes to it at this moment")

// Batch makes the folder, where it is not there, and starts a batch in it.
func (w *Workspace) Batch(folder string) (*Batch, error) { return w.batch(folder, shared) }

// BatchAlone is Batch for files whose names stay from run to run: it is ErrBusy where
// another such batch is at work in the folder. Of two that start at once, one or both
// are refused. Where the file system has no locks, there is no telling.
func (w *Workspace) BatchAlone(folder string) (*Batch, error) {
	b, err := w.batch(folder, alone)
	if err == nil && b.rival {
		err = errors.Join(explain("write to", b.relative, ErrBusy), b.Discard())
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (w *Workspace) batch(folder, kind string) (*Batch, error) {
	relative, err := w.Relative(folder)
	if err != nil {
		return nil, err
	}
	b := &Batch{workspace: w, relative: relative, sync: true}
	b.made, err = w.makeFolder(relative)
	if err == nil {
		if b.folder, err = w.root.OpenRoot(relative); err != nil {
			err = explain("open folder", relative, err)
		}
	}
	if err != nil {
		return nil, errors.Join(err, b.Discard())
	}
	b.mark(kind)
	b.sweep()
	return b, nil
}

// WithoutSync makes the batch leave flushing to the system: a crash of the
// machine may then lose files. It is for what can be made again, and for measuring
// what flushing costs.
func (b *Batch) WithoutSync() { b.sync = false }

// Path gives the path of a file in the batch's folder, relative to the
// workspace.
func (b *Batch) Path(name string) string { return path.Join(b.relative, name) }

// Write writes all items or none: see the package's documentation for the
// steps. Result i is item i. After an error the batch is discarded, with all
// that earlier calls wrote.
func (b *Batch) Write(ctx context.Context, items []Item) ([]Written, error) {
	written, err := b.write(ctx, items)
	if err != nil {
		return nil, errors.Join(err, b.Discard())
	}
	return written, nil
}

func (b *Batch) write(ctx context.Context, items []Item) ([]Written, error) {
	written, temporary, err := b.stageAll(ctx, items)
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var err error
		if written[i].Name, err = b.publish(temporary[i], item); err != nil {
			return nil, err
		}
	}
	if err := b.flush(); err != nil {
		return nil, err
	}
	return written, b.compareAll(written)
}

// stageAll writes every item under a temporary name. The results have no Name
// yet.
func (b *Batch) stageAll(ctx context.Context, items []Item) (written []Written, temporary []string, err error) {
	written = make([]Written, len(items))
	temporary = make([]string, len(items))
	for i := range temporary {
		b.temporary++
		temporary[i] = temporaryOf(b.token, b.temporary)
	}

	made := make([]bool, len(items))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for i, item := range items {
		group.Go(func() error {
			if groupCtx.Err() != nil {
				return context.Cause(groupCtx)
			}
			data, err := b.dataOf(item)
			if err != nil {
				return err
			}
			written[i] = Written{Bytes: int64(len(data)), SHA256: schema.SHA256(data)}
			made[i], err = b.stage(temporary[i], data, item)
			return err
		})
	}
	err = group.Wait()
	for i, name := range temporary {
		if made[i] {
			b.files = append(b.files, name)
		}
	}
	return written, temporary, err
}

// dataOf gives what an item is to hold. More than [Workspace.Read] reads is refused:
// nobody could use that file.
func (b *Batch) dataOf(item Item) ([]byte, error) {
	data, err := item.Data()
	if err != nil || len(data) <= maxBackup {
		return data, err
	}
	name, err := item.Name(1)
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("write %s: it would have %d MiB, and no file of more than %d can be read again", b.Path(name), (len(data)-1)>>20+1, maxBackup>>20)
}

// stage writes a temporary file, and says whether there is one now, also when
// it is not whole. Its errors speak of the name that the file would have got.
func (b *Batch) stage(temporary string, data []byte, item Item) (made bool, err error) {
	name, err := item.Name(1)
	if err != nil {
		return false, err
	}
	file, err := b.folder.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return false, explain("write", b.Path(name), err)
	}
	_, err = file.Write(data)
	if err == nil {
		err = b.workspace.own.give(file, fileMode)
	}
	if err == nil && b.sync {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return true, explain("write", b.Path(name), err)
	}
	return true, nil
}

// publish gives a temporary file the first of its names that is free.
func (b *Batch) publish(temporary string, item Item) (string, error) {
	for try := 1; ; try++ {
		name, err := item.Name(try)
		if err != nil {
			return "", err
		}
		err = b.link(temporary, name)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", explain("write", b.Path(name), err)
		}
		// Before the temporary name goes: if that fails, Discard removes both.
		b.files = append(b.files, name)
		if err := b.remove(temporary); err != nil {
			return "", explain("remove temporary file", b.Path(temporary), err)
		}
		return name, nil
	}
}

// link gives the file a name without ever replacing another file. Where the file
// system has no hard links, the name is taken by an empty file first, which the
// content then replaces: there, and only there, a kill between the two leaves an
// empty file.
func (b *Batch) link(temporary, name string) error {
	err := b.folder.Link(temporary, name)
	if !errors.Is(err, syscall.EPERM) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	file, err := b.folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Close(), b.folder.Rename(temporary, name)); err != nil {
		return errors.Join(err, b.folder.Remove(name))
	}
	return nil
}

// flush makes the names in the folder, and the folders that were made, last
// through a crash of the machine.
func (b *Batch) flush() error {
	if !b.sync {
		return nil
	}
	folders := []string{b.relative}
	for _, made := range b.made {
		folders = append(folders, path.Dir(made))
	}
	for _, folder := range folders {
		opened, err := b.workspace.root.Open(folder)
		if err != nil {
			return explain("flush folder", folder, err)
		}
		if err := errors.Join(opened.Sync(), opened.Close()); err != nil {
			return explain("flush folder", folder, err)
		}
	}
	return nil
}

// compareAll reads files back.
func (b *Batch) compareAll(written []Written) error {
	readers := new(errgroup.Group)
	readers.SetLimit(writers)
	for _, file := range written {
		readers.Go(func() error { return b.compare(file) })
	}
	return readers.Wait()
}

// compare reads a file back, by its path, and not in the folder that was opened:
// that may have been moved away or replaced since.
func (b *Batch) compare(file Written) error {
	data, err := b.workspace.root.ReadFile(b.Path(file.Name))
	if err != nil {
		return explain("read back", b.Path(file.Name), err)
	}
	if int64(len(data)) != file.Bytes || schema.SHA256(data) != file.SHA256 {
		return fmt.Errorf("read back %s: it does not hold what was written", b.Path(file.Name))
	}
	return nil
}

// Discard removes all that the batch made. What can't be removed is named in the
// error.
func (b *Batch) Discard() error {
	var failures []error
	if b.folder != nil {
		for _, name := range slices.Backward(b.files) {
			if name == markOf(b.token) && len(failures) > 0 { // the last
				failures = append(failures, fmt.Errorf("%s stays too, so that the next run can remove what is temporary", b.Path(name)))
			} else if err := b.remove(name); err != nil {
				failures = append(failures, explain("remove", b.Path(name), err))
			}
		}
		b.close()
	}
	for _, folder := range slices.Backward(b.made) {
		// Not empty: another run uses it by now.
		err := b.workspace.root.Remove(folder)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) {
			failures = append(failures, explain("remove folder", folder, err))
		}
	}
	b.files, b.made, b.staged = nil, nil, nil
	return errors.Join(failures...)
}

// Close ends a batch whose files stay. After an error it can be discarded.
func (b *Batch) Close() error {
	if err := b.unmark(); err != nil {
		return err
	}
	b.close()
	return nil
}

// close gives up what is open. Nothing was written by it.
func (b *Batch) close() {
	if b.lock != nil {
		_ = b.lock.Close()
	}
	_ = b.folder.Close()
}
