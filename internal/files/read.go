package files

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"
)

const (
	// maxBackup is the largest file of a backup that [Workspace.Read] reads, in
	// bytes: as much as the largest answer that is ever taken from a server.
	maxBackup = 256 << 20
	// maxInput is the largest file that [Workspace.ReadFile] reads, in bytes:
	// certificates and keys are a few KiB.
	maxInput = 1 << 20
)

// IsFolder says whether path is a folder. It is an error where nothing is there.
func (w *Workspace) IsFolder(path string) (bool, error) {
	relative, err := w.Relative(path)
	if err != nil {
		return false, err
	}
	info, err := w.root.Stat(relative)
	if err != nil {
		return false, explain("read", relative, err)
	}
	return info.IsDir(), nil
}

// List gives the names in a folder that are no folders themselves, sorted.
func (w *Workspace) List(path string) ([]string, error) {
	relative, err := w.Relative(path)
	if err != nil {
		return nil, err
	}
	folder, err := w.root.Open(relative)
	if err != nil {
		return nil, explain("read", relative, err)
	}
	defer func() { _ = folder.Close() }()
	entries, err := folder.ReadDir(-1)
	if err != nil {
		return nil, explain("read", relative, err)
	}
	entries = slices.DeleteFunc(entries, fs.DirEntry.IsDir)
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	slices.Sort(names)
	return names, nil
}

// Read reads a file of a backup, at most 256 MiB. What is no regular file is
// refused, and never waited for, as the read of a named pipe would.
func (w *Workspace) Read(path string) ([]byte, error) { return w.read(path, maxBackup) }

// ReadFile reads a small file as [Workspace.Read] does, at most 1 MiB.
func (w *Workspace) ReadFile(path string) ([]byte, error) { return w.read(path, maxInput) }

func (w *Workspace) read(path string, most int64) ([]byte, error) {
	relative, err := w.Relative(path)
	if err != nil {
		return nil, err
	}
	file, err := w.root.OpenFile(relative, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, explain("read", relative, err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, explain("read", relative, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("read %s: not a regular file", relative)
	case info.Size() > most:
		return nil, fmt.Errorf("read %s: larger than the limit of %d MiB", relative, most>>20)
	}
	var data bytes.Buffer
	data.Grow(int(info.Size()) + bytes.MinRead) // so that the end is seen without a second, larger buffer
	if _, err := data.ReadFrom(io.LimitReader(file, most)); err != nil {
		return nil, explain("read", relative, err)
	}
	return data.Bytes(), nil
}
