package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// runnerUser is the user and group that owns the workspace on a hosted runner.
const runnerUser = 1001

// workspace is a folder of the host that is mounted into containers. It belongs
// to runnerUser, or to the user who runs the checks, who can't give it away.
type workspace struct {
	dir      string
	uid, gid int
}

func newWorkspace() (workspace, error) {
	dir, err := os.MkdirTemp("", "weaviate-backup-workspace-")
	if err != nil {
		return workspace{}, err
	}
	w := workspace{dir: dir, uid: os.Geteuid(), gid: os.Getegid()}
	if w.uid == 0 {
		w.uid, w.gid = runnerUser, runnerUser
		err = os.Chown(dir, w.uid, w.gid)
	}
	return w, err
}

func (w workspace) remove() error { return os.RemoveAll(w.dir) }

// user is the workspace's owner as `docker run --user` takes it.
func (w workspace) user() string { return fmt.Sprintf("%d:%d", w.uid, w.gid) }

// empty is an error that names what is in the workspace, if anything is.
func (w workspace) empty() error {
	var found []string
	err := filepath.WalkDir(w.dir, func(path string, _ fs.DirEntry, err error) error {
		if path != w.dir {
			found = append(found, strings.TrimPrefix(path, w.dir+"/"))
		}
		return err
	})
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("left behind: %s", strings.Join(found, ", "))
	}
	return err
}

// holdsBackup is nil when the folder `backups` holds exactly the snapshots of
// what seed.sh inserted and their manifest, all owned by the workspace's owner.
func (w workspace) holdsBackup() error {
	backups := filepath.Join(w.dir, "backups")
	entries, err := os.ReadDir(backups)
	if err != nil {
		return err
	}
	errs := []error{w.owns(backups, 0o755)}
	var kinds []string
	for _, entry := range entries {
		path := filepath.Join(backups, entry.Name())
		errs = append(errs, w.owns(path, 0o644))
		kind, _, _ := strings.Cut(entry.Name(), "_")
		kinds = append(kinds, kind)
		if want := map[string]int64{"Article": 7, "Author": 3}[kind]; want > 0 {
			errs = append(errs, isSnapshot(path, kind, want))
		}
	}
	if want := []string{"Article", "Author", "manifest"}; !slices.Equal(kinds, want) {
		errs = append(errs, fmt.Errorf("files in backups: want one of each of %v, got %v", want, kinds))
	}
	return errors.Join(errs...)
}

// owns is an error when path has another owner or mode than it should.
func (w workspace) owns(path string, mode fs.FileMode) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	system, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("%s: owner unknown", path)
	}
	if int(system.Uid) != w.uid || int(system.Gid) != w.gid || info.Mode().Perm() != mode {
		return fmt.Errorf("%s: want owner %s and mode %o, got %d:%d and %o", path, w.user(), mode, system.Uid, system.Gid, info.Mode().Perm())
	}
	return nil
}

// isSnapshot is an error when the file is not a snapshot of the collection with
// that object count.
func isSnapshot(path, collection string, objects int64) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var got struct {
		Metadata struct {
			Type        string `json:"type"`
			ObjectCount *int64 `json:"object_count"`
		} `json:"metadata"`
		Schema struct {
			Class      string            `json:"class"`
			Properties []json.RawMessage `json:"properties"`
		} `json:"schema"`
	}
	if err := json.Unmarshal(data, &got); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if got.Metadata.Type != "schema-only" || got.Schema.Class != collection || len(got.Schema.Properties) == 0 ||
		got.Metadata.ObjectCount == nil || *got.Metadata.ObjectCount != objects {
		return fmt.Errorf("%s is no snapshot of %s with %d objects: %.300s", path, collection, objects, data)
	}
	return nil
}
