package backup

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/files"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// name is the writing of a dry run: it finds out which names the files would
// get, were they written now, and whether they could be.
func (r *run) name() error {
	directory, err := r.workspace.Relative(r.options.OutputDirectory)
	if err != nil {
		return fmt.Errorf("output-directory: %w", err)
	}
	if err := r.workspace.CheckFolder(directory); err != nil {
		return fmt.Errorf("output-directory: %w", err)
	}
	r.directory = directory
	if r.options.StableNames {
		if err := r.checkInTheWay(); err != nil {
			return err
		}
	}
	for i := range r.saved {
		name, err := snapshot.FileName(r.saved[i].Name, r.stamp(), 1)
		if err != nil {
			return err
		}
		r.saved[i].Path = path.Join(directory, name)
	}
	r.progress.Stage("looking for credentials", len(r.saved))
	for _, item := range r.items() {
		if _, err := item.Data(); err != nil {
			return err
		}
	}
	return nil
}

// write writes the snapshots, and when all of them are there, the manifest. The
// manifest holds the snapshots' names, which are certain only then: another run
// may take a name at any time.
func (r *run) write(ctx context.Context) error {
	if r.options.StableNames {
		return r.writeStable(ctx)
	}
	batch, err := r.batch()
	if err != nil {
		return err
	}
	written, err := batch.Write(ctx, r.items())
	if err != nil {
		return err
	}
	manifest, err := batch.Write(ctx, r.manifestItem(batch, written))
	if err != nil {
		return err
	}
	r.directory, r.manifest = batch.Path(""), batch.Path(manifest[0].Name)
	if err := batch.Close(); err != nil {
		return errors.Join(fmt.Errorf("close %s: %w", r.directory, err), batch.Discard())
	}
	return nil
}

// stamp is the time in the names of the files and in the files: none where the
// names are stable.
func (r *run) stamp() time.Time {
	if r.options.StableNames {
		return time.Time{}
	}
	return r.options.Started
}

func (r *run) batch() (*files.Batch, error) {
	r.progress.Stage("writing snapshots", len(r.saved))
	open := r.workspace.Batch
	if r.options.StableNames {
		open = r.workspace.BatchAlone
	}
	batch, err := open(r.options.OutputDirectory)
	if err != nil {
		return nil, fmt.Errorf("output-directory: %w", err)
	}
	for _, note := range batch.Notes() {
		r.log.Info(note)
	}
	if r.options.WithoutSync {
		batch.WithoutSync()
	}
	return batch, nil
}

func (r *run) items() []files.Item {
	items := make([]files.Item, len(r.saved))
	for i := range r.saved {
		saved := &r.saved[i]
		items[i] = files.Item{
			Name: func(try int) (string, error) { return snapshot.FileName(saved.Name, r.stamp(), try) },
			Data: func() ([]byte, error) {
				defer r.progress.Step(1)
				if saved.earlier != nil {
					return r.checked(saved.Name, func() ([]byte, error) { return saved.earlier, nil })
				}
				return r.checked(saved.Name, r.newSnapshot(saved).Encode)
			},
		}
	}
	return items
}

// manifestItem notes what was written, and is the manifest that lists it.
func (r *run) manifestItem(batch *files.Batch, written []files.Written) []files.Item {
	entries := make([]snapshot.Entry, len(written))
	for i, file := range written {
		saved := &r.saved[i]
		saved.Path, saved.Bytes = batch.Path(file.Name), file.Bytes
		entries[i] = snapshot.Entry{
			Collection:   saved.Name,
			File:         file.Name,
			Bytes:        file.Bytes,
			SHA256:       file.SHA256,
			SchemaDigest: saved.Digest,
			Count:        saved.Count,
		}
	}
	return []files.Item{{
		Name: func(try int) (string, error) { return snapshot.ManifestName(r.stamp(), try), nil },
		Data: func() ([]byte, error) { return r.checked("the manifest", r.newManifest(entries).Encode) },
	}}
}

// ErrCredential is a credential of this run in what the server sent.
var ErrCredential = errors.New("it holds a credential that was given to this run, which a file would give away; " +
	"take it out of the schema, or give the run another credential; nothing was written")

// checked encodes a file, and refuses one that would give a credential away: the
// server's words are not changed.
func (r *run) checked(what string, encode func() ([]byte, error)) ([]byte, error) {
	data, err := encode()
	if err == nil && r.options.Holds != nil && r.options.Holds(data) {
		return nil, fmt.Errorf("save %s: %w", what, ErrCredential)
	}
	return data, err
}

func (r *run) newSnapshot(saved *Saved) snapshot.Snapshot {
	s := snapshot.Snapshot{
		Metadata: snapshot.Metadata{
			Version:         snapshot.Version,
			Timestamp:       r.stamp(),
			Collection:      saved.Name,
			WeaviateVersion: r.meta.Version,
			Type:            snapshot.TypeSchemaOnly,
			Count:           saved.Count,
			SchemaDigest:    saved.Digest,
			Tool:            r.options.Tool,
		},
		Schema:  saved.Raw,
		Aliases: saved.Aliases,
	}
	if saved.Tenants != nil {
		s.Tenants = make([]jsontext.Value, len(saved.Tenants))
		for i, tenant := range saved.Tenants {
			s.Tenants[i] = tenant.Raw
		}
	}
	return s
}

func (r *run) newManifest(entries []snapshot.Entry) snapshot.Manifest {
	return snapshot.Manifest{
		Version:   snapshot.Version,
		Type:      snapshot.TypeManifest,
		Timestamp: r.stamp(),
		Source: snapshot.Source{
			URL:             r.options.Source,
			WeaviateVersion: r.meta.Version,
			Modules:         r.meta.Modules,
		},
		Completeness: snapshot.Completeness{
			Selection: snapshot.Selection{Collections: notNil(r.options.Collections), Excluded: notNil(r.options.Exclude)},
			Rights:    r.options.Scrub(r.rights.text),
			NotSaved:  r.completeness(),
		},
		Snapshots: entries,
		Aliases:   r.aliases,
		Tool:      r.options.Tool,
	}
}

// notNil makes an absent list an empty one: [] in JSON, not null.
func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
