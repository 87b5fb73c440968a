package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"syscall"
)

// Single is one file with the same name in every run, which is there only if the
// run went well: [Single.Clear] is for the run's beginning, [Single.Write] for its
// end.
type Single struct {
	Workspace *Workspace
	// Path is that of the file.
	Path string
	// Check is given the content of a file that is there, and says why it may not be
	// replaced or removed.
	Check func(data []byte) error
}

// Clear removes the file of an earlier run, for good, and tries whether one can be
// made there; nothing of that stays. The notes are those of [Batch.Notes].
func (s Single) Clear(ctx context.Context) (notes []string, err error) {
	batch, name, err := s.batch()
	if err != nil {
		return nil, err
	}
	if err = s.remove(batch, name); err == nil {
		err = try(ctx, batch, name)
	}
	return batch.Notes(), errors.Join(err, batch.Discard())
}

// Write writes the file: all of it, or after an error nothing. A file that came
// there since Clear is replaced only if the check lets it.
func (s Single) Write(ctx context.Context, data []byte) error {
	batch, name, err := s.batch()
	if err != nil {
		return err
	}
	err = s.write(ctx, batch, name, data)
	if err == nil {
		err = batch.Close()
	}
	if err != nil {
		return errors.Join(err, batch.Discard())
	}
	return nil
}

func (s Single) batch() (batch *Batch, name string, err error) {
	relative, err := s.Workspace.Relative(s.Path)
	if err != nil {
		return nil, "", err
	}
	batch, err = s.Workspace.Batch(path.Dir(relative))
	return batch, path.Base(relative), err
}

func (s Single) remove(batch *Batch, name string) error {
	there, err := s.mine(batch, name)
	if err != nil || !there {
		return err
	}
	if err := batch.remove(name); err != nil {
		return explain("remove", batch.Path(name), err)
	}
	return batch.flush()
}

// mine says whether the file is there; it is an error if it may not be replaced.
func (s Single) mine(batch *Batch, name string) (there bool, err error) {
	info, err := batch.folder.Lstat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return false, nil
	case err != nil:
		return false, explain("replace", batch.Path(name), err)
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("replace %s: not a regular file, so it is left as it is", batch.Path(name))
	case info.Size() > maxInput:
		return false, fmt.Errorf("replace %s: larger than any such file of this program, so it is left as it is", batch.Path(name))
	}
	file, err := batch.folder.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false, explain("read", batch.Path(name), err)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxInput))
	if err := errors.Join(err, file.Close()); err != nil {
		return false, explain("read", batch.Path(name), err)
	}
	if err := s.Check(data); err != nil {
		return false, fmt.Errorf("replace %s: %w", batch.Path(name), err)
	}
	return true, nil
}

// try makes a temporary file, which the batch removes.
func try(ctx context.Context, batch *Batch, name string) error {
	_, _, err := batch.stageAll(ctx, []Item{{
		Name: func(int) (string, error) { return name, nil },
		Data: func() ([]byte, error) { return nil, nil },
	}})
	return err
}

func (s Single) write(ctx context.Context, batch *Batch, name string, data []byte) error {
	if _, err := s.mine(batch, name); err != nil {
		return err
	}
	written, err := batch.Stage(ctx, []Item{{
		Name: func(int) (string, error) { return name, nil },
		Data: func() ([]byte, error) { return data, nil },
	}})
	if err != nil {
		return err
	}
	if err := batch.rename(batch.staged[0]); err != nil {
		return err
	}
	batch.files = append(batch.files, name) // so that Discard removes it
	return errors.Join(batch.flush(), batch.compareAll(written))
}
