package files

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	folderMode = 0o755
	fileMode   = 0o644
)

// ErrOutside is a path that leads out of the workspace.
var ErrOutside = errors.New("the path leads out of the workspace")

// Error is something that could not be done to a path in the workspace.
type Error struct {
	// Doing is a verb such as "write".
	Doing string
	// Path is relative to the workspace.
	Path string
	Err  error
}

// Error says what was being done to which path.
func (e *Error) Error() string { return fmt.Sprintf("%s %s: %v", e.Doing, e.Path, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Workspace is the folder that the program may read and write.
type Workspace struct {
	path string // absolute
	root *os.Root
	own  owner
}

// owner is who gets what is made in the workspace; change is false where that
// is the process's own user anyway, or where only root could change it.
type owner struct {
	uid, gid int
	change   bool
}

// Open opens the workspace at path.
func Open(path string) (*Workspace, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open workspace %s: %w", path, err)
	}
	root, err := os.OpenRoot(absolute)
	if err != nil {
		return nil, fmt.Errorf("open workspace %s: %w", path, withoutPath(err))
	}
	info, err := root.Stat(".")
	if err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("open workspace %s: %w", path, withoutPath(err))
	}
	w := &Workspace{path: absolute, root: root}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		w.own = owner{uid: int(stat.Uid), gid: int(stat.Gid), change: os.Geteuid() == 0 && stat.Uid != 0}
	}
	return w, nil
}

// Close closes the workspace. Batches of it must not be used afterwards.
func (w *Workspace) Close() error { return w.root.Close() }

// Relative gives the path relative to the workspace, with / between its parts
// and no leading ./, as it is valid on the host of a container too. An absolute
// path must begin with the workspace's own. It does not look at the disk.
func (w *Workspace) Relative(path string) (string, error) {
	relative := filepath.Clean(path)
	if filepath.IsAbs(path) {
		var err error
		if relative, err = filepath.Rel(w.path, path); err != nil {
			return "", fmt.Errorf("%s: %w", path, ErrOutside)
		}
	}
	if !filepath.IsLocal(relative) {
		return "", fmt.Errorf("%s: %w (%s)", path, ErrOutside, w.path)
	}
	return filepath.ToSlash(relative), nil
}

// makeFolder makes the folder at the relative path, parents too, and gives the
// folders that were not there before, outermost first.
func (w *Workspace) makeFolder(relative string) (made []string, err error) {
	parts := strings.Split(relative, "/")
	for i := range parts {
		folder := strings.Join(parts[:i+1], "/")
		err := w.root.Mkdir(folder, folderMode)
		if errors.Is(err, os.ErrExist) {
			if err := w.standsAsFolder(folder); err != nil {
				return made, err
			}
			continue
		}
		if err != nil {
			return made, explain("make folder", folder, err)
		}
		made = append(made, folder)
		if err := w.giveFolder(folder); err != nil {
			return made, explain("make folder", folder, err)
		}
	}
	return made, nil
}

// standsAsFolder is an error where what stands at the relative path can't be used as a
// folder.
func (w *Workspace) standsAsFolder(relative string) error {
	info, err := w.root.Stat(relative)
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return explain("make folder", relative, err)
	}
	return nil
}

// CheckFolder is an error where a file could not be made in the folder at the relative
// path, or the folder itself, as far as that can be told without trying.
func (w *Workspace) CheckFolder(relative string) error {
	deepest := "."
	parts := strings.Split(relative, "/")
	for i := range parts {
		folder := strings.Join(parts[:i+1], "/")
		if _, err := w.root.Lstat(folder); errors.Is(err, os.ErrNotExist) {
			break // it would be made
		}
		if err := w.standsAsFolder(folder); err != nil {
			return err
		}
		deepest = folder
	}
	const writeAndEnter = 2 | 1 // W_OK and X_OK of access(2)
	if err := syscall.Access(filepath.Join(w.path, deepest), writeAndEnter); err != nil {
		return explain("write to folder", deepest, err)
	}
	return nil
}

func (w *Workspace) giveFolder(folder string) error {
	opened, err := w.root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(w.own.give(opened, folderMode), opened.Close())
}

// give sets owner and mode of what was just made. The mode is set again because
// the process's umask may have cut it. A root without the capability to change
// owners (docker run --cap-drop) keeps its files: they are as good.
func (o owner) give(file *os.File, mode os.FileMode) error {
	if err := file.Chmod(mode); err != nil {
		return err
	}
	if !o.change {
		return nil
	}
	if err := file.Chown(o.uid, o.gid); err != nil && !errors.Is(err, syscall.EPERM) {
		return err
	}
	return nil
}

// explain says what was being done to which path, once, in plain words.
func explain(doing, path string, err error) error {
	// os.Root has no exported error for this (internal/poll and os, Go 1.26).
	if strings.Contains(err.Error(), "path escapes from parent") {
		return &Error{Doing: doing, Path: path, Err: fmt.Errorf("%w, by a symbolic link", ErrOutside)}
	}
	return &Error{Doing: doing, Path: path, Err: withoutPath(err)}
}

// withoutPath takes off the layers in which package os repeats operation and
// path.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

// Hint is what someone can do about an error of this package; empty where
// nothing better is known than the error itself. What others could not write,
// such as standard output, and connections that were not permitted, have the
// same causes, and none of these hints.
func Hint(err error) string {
	if errors.Is(err, ErrOutside) {
		return "Paths must stay inside the workspace, so that later steps and artifact uploads can reach the files."
	}
	if errors.Is(err, ErrBusy) {
		return "Stable names take one run at a time: give each job a folder of its own, or keep them apart, on GitHub by concurrency."
	}
	if _, half := errors.AsType[*ReplaceError](err); half {
		return "Every file is whole, but they are of two runs. Remove the cause and run the backup again: it replaces the rest."
	}
	failed, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return ""
	case failed.Doing == "read" && errors.Is(err, os.ErrNotExist):
		return "Nothing has that path in the workspace. Check the path, and that an earlier step put the files there."
	case failed.Doing == "read":
		return ""
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return "The disk is full. Free some space, or choose an output-directory on another disk. Nothing of this run was left behind."
	case errors.Is(err, syscall.EROFS) || errors.Is(err, os.ErrPermission):
		return "The folder can't be written to. Check its owner and mode, and that the workspace is not mounted read-only."
	case errors.Is(err, syscall.ENOTDIR):
		return "A file stands where a folder is needed. Choose another output-directory."
	default:
		return ""
	}
}
