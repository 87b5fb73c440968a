package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// ErrInTheWay is a file under a stable name that no run can be proven to have
// written, so that it is not replaced or removed.
var ErrInTheWay = errors.New("files are in the way of stable names")

// stableName is what the stable name of a snapshot looks like.
var stableName = regexp.MustCompile(`^[A-Z][0-9A-Za-z_-]*_schema\.json$`)

// writeStable replaces the files of the earlier run with stable names, and
// removes those of collections that are not chosen any more.
func (r *run) writeStable(ctx context.Context) error {
	batch, err := r.batch()
	if err != nil {
		return err
	}
	if err := r.checkInTheWay(); err != nil {
		return errors.Join(err, batch.Discard())
	}
	written, err := batch.Stage(ctx, r.items())
	if err != nil {
		return err
	}
	manifest, err := batch.Stage(ctx, r.manifestItem(batch, written))
	if err != nil {
		return err
	}
	if err := batch.Replace(ctx, r.removed.files); err != nil {
		return err
	}
	r.directory, r.manifest = batch.Path(""), batch.Path(manifest[0].Name)
	if err := batch.Close(); err != nil { // only what is temporary is left to discard
		return errors.Join(fmt.Errorf("the files are complete and stay, but: %w", err), batch.Discard())
	}
	return nil
}

// checkInTheWay looks, before anything is written, at all files that have stable
// names. It notes those to remove: snapshots of the earlier run, as its manifest
// lists them, of collections that are not in this one. What can't be proven to be an
// earlier run's is an error.
func (r *run) checkInTheWay() error {
	directory := r.options.OutputDirectory
	names, err := r.workspace.List(directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("output-directory: %w", err)
	}
	own := make(map[string]*Saved)
	for i := range r.saved {
		name, err := snapshot.FileName(r.saved[i].Name, time.Time{}, 1)
		if err != nil {
			return err
		}
		own[name] = &r.saved[i]
	}
	var problems []string
	sums := make(map[string]string) // of the earlier run's files
	if name := snapshot.ManifestName(time.Time{}, 1); slices.Contains(names, name) {
		earlier, err := r.readManifest(name)
		if err == nil && !earlier.Timestamp.IsZero() {
			err = errors.New("it is of a run with timestamped names")
		}
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", name, err))
		}
		r.removed.choice = earlier.Completeness.Selection
		for _, entry := range earlier.Snapshots {
			sums[entry.File] = entry.SHA256
		}
	}
	for _, name := range names {
		if !stableName.MatchString(name) {
			continue
		}
		if problem := r.inTheWay(name, own[name], sums[name]); problem != "" {
			problems = append(problems, name+": "+problem)
		} else if own[name] == nil {
			r.removed.files = append(r.removed.files, name)
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("%w in %s, and nothing was written; restore them from git, move them away or remove them: %s",
			ErrInTheWay, directory, strings.Join(problems, "; "))
	}
	return nil
}

// inTheWay says why a file may not be replaced, or where it has no own collection
// in this run, removed; empty where it may. sum is what the earlier manifest says
// of it; empty where it is not listed.
func (r *run) inTheWay(name string, own *Saved, sum string) string {
	data, err := r.workspace.Read(path.Join(r.options.OutputDirectory, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it is a link to nothing, or another run has just removed it"
	case err != nil:
		return err.Error()
	case own == nil && sum == "":
		return "it is neither of a collection of this run nor of the earlier one"
	case own == nil && schema.SHA256(data) != sum:
		return "its collection is not in this run, so it would be removed, but it is not as the earlier run wrote it"
	case own == nil:
		return ""
	}
	s, err := snapshot.Decode(data)
	if err != nil {
		return err.Error()
	}
	if !s.Metadata.Timestamp.IsZero() {
		return "it is a snapshot of a run with timestamped names"
	}
	if wanted, err := snapshot.FileName(s.Metadata.Collection, time.Time{}, 1); err != nil || wanted != name {
		return fmt.Sprintf("it is a snapshot of %q", s.Metadata.Collection)
	}
	if isCurrent(s, data, *own) {
		own.earlier = data
	}
	return ""
}

// isCurrent tells a file that this program wrote, of the same definition, the
// same tenants and the same aliases. It may differ from what would be written now
// in the order of keys and properties, which would only be noise in git.
func isCurrent(s snapshot.Snapshot, data []byte, saved Saved) bool {
	again, err := s.Encode()
	if err != nil || !bytes.Equal(again, data) || s.Metadata.Version != snapshot.Version {
		return false
	}
	collection, err := s.Definition()
	if err != nil {
		return false
	}
	digest, err := collection.Digest()
	return err == nil && digest == saved.Digest && s.Metadata.SchemaDigest == digest &&
		sameTenants(s, saved) && (s.Aliases == nil) == (saved.Aliases == nil) && slices.Equal(s.Aliases, saved.Aliases)
}
