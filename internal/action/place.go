package action

import (
	"errors"
	"path/filepath"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// place is the workspace as the inputs need it or, where that is nil, why there is
// none: help and --json need none.
type place struct {
	workspace *files.Workspace
	err       error
}

func (p place) close() {
	if p.workspace != nil {
		_ = p.workspace.Close()
	}
}

// readFile reads a file that an input names. Without a workspace the error is the text
// of that one alone: it is not this file that does not exist.
func (p place) readFile(path string) ([]byte, error) {
	if p.workspace == nil {
		return nil, errors.New(p.err.Error())
	}
	return p.workspace.ReadFile(path)
}

// inside is an error for a path that is not in the workspace.
func (p place) inside(path string) error {
	if p.workspace == nil {
		return nil
	}
	_, err := p.workspace.Relative(path)
	return err
}

// plain says whether the file of outputs-file can hold a path that is inside.
func (p place) plain(path string) bool {
	if p.workspace == nil {
		return true
	}
	relative, err := p.workspace.Relative(path)
	return err != nil || ci.IsPlain(relative)
}

// isOfBackup says whether a path has the name of a file of a backup.
func isOfBackup(path string) bool {
	return snapshot.ParseName(filepath.Base(path)).Kind != snapshot.Other
}
