package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

func isManifestName(name string) bool { return snapshot.ParseName(name).Kind == snapshot.ManifestFile }

func isSnapshotName(name string) bool { return snapshot.ParseName(name).Kind == snapshot.SnapshotFile }

// stampOf is the time stamp in a name; empty where there is none, as in a stable
// name.
func stampOf(name string) string { return snapshot.ParseName(name).Stamp }

// isSafe says whether name is that of a file in the same folder and can be no
// path, on any system.
func isSafe(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\\\x00")
}

// isOneOf says whether name is the one that at gives for a first try, or for the try
// that stands in it.
func isOneOf(name string, at func(try int) (string, error)) bool {
	for _, try := range []int{1, snapshot.ParseName(name).Try} {
		if candidate, err := at(try); err == nil && candidate == name {
			return true
		}
	}
	return false
}

// isNameOf says whether the file has the name that a run at that time gives it.
// Without a time that is the stable name.
func isNameOf(name, collection string, timestamp time.Time) bool {
	return isOneOf(name, func(try int) (string, error) { return snapshot.FileName(collection, timestamp, try) })
}

// saysManifest says whether data call themselves a manifest.
func saysManifest(data []byte) bool {
	var head struct {
		Type string `json:"type"`
	}
	return json.Unmarshal(data, &head) == nil && head.Type == snapshot.TypeManifest
}

// inspected is what a snapshot file proves by itself.
type inspected struct {
	data       []byte
	sum        string // its SHA-256
	snapshot   snapshot.Snapshot
	collection schema.Collection
	digest     string
	// shape are places that are not of the format; shapeErr: it was not looked for.
	shape    []string
	shapeErr error
	// unread is why it can't be read as a snapshot, bad why its definition can't.
	unread, bad error
}

// inspect looks at the content of a file. It may be called from any goroutine.
func inspect(data []byte) inspected {
	i := inspected{data: data, sum: schema.SHA256(data)}
	if i.snapshot, i.unread = snapshot.Decode(data); i.unread != nil {
		return i
	}
	i.shape, i.shapeErr = snapshot.CheckShape(data)
	if i.collection, i.bad = i.snapshot.Definition(); i.bad == nil {
		i.digest, i.bad = i.collection.Digest()
	}
	return i
}

// checkContent tells what is wrong with a snapshot by itself. ok says whether it
// could be read.
func (r *run) checkContent(file string, i inspected) (ok bool) {
	if i.unread != nil {
		r.find(Malformed, file, "%v", i.unread)
		return false
	}
	if i.shapeErr != nil {
		r.find(Malformed, file, "%v", i.shapeErr)
	}
	for _, problem := range i.shape {
		r.find(Malformed, file, "not of the snapshot format: %s", problem)
	}
	if i.bad != nil {
		r.find(Malformed, file, "schema: %v", i.bad)
		return false
	}
	if said := i.snapshot.Metadata.SchemaDigest; said != "" && said != i.digest {
		r.find(Damaged, file, "the schema has the digest %s, not %s as its metadata say", i.digest, said)
	}
	if !schema.ValidName(i.collection.Name) {
		r.find(Malformed, file, "%q is not a name that Weaviate gives to collections", i.collection.Name)
	}
	r.good = append(r.good, definition{file: file, collection: i.collection})
	r.result.Snapshots = append(r.result.Snapshots, snapshot.File{Snapshot: i.snapshot, Path: path.Join(r.folder, file), Data: i.data, Digest: i.digest})
	return true
}

// checkAlone checks a snapshot that no manifest lists.
func (r *run) checkAlone(name string, data []byte) {
	content := inspect(data)
	if !r.checkContent(name, content) {
		return
	}
	s := content.snapshot
	r.result.Collections = append(r.result.Collections, s.Metadata.Collection)
	switch {
	case s.Metadata.SchemaDigest == "":
		r.result.Notes = append(r.result.Notes,
			fmt.Sprintf("%s has no digest, as files that elysiactl wrote: it can be read, but nothing proves its content", name))
		if isSnapshotName(name) && !strings.HasPrefix(name, s.Metadata.Collection+"_schema_") {
			r.find(Mismatch, name, "the name is not that of a file of %q, the collection in it", s.Metadata.Collection)
		}
	case !isSnapshotName(name):
		r.leaveOut(fmt.Sprintf("The name %q: it is not one that a run gives to a snapshot.", name))
	case stampOf(name) == "" && !s.Metadata.Timestamp.IsZero():
		r.leaveOut(fmt.Sprintf("The name %q: it is not the one that a run gave to this snapshot, which has a time.", name))
	case !isNameOf(name, s.Metadata.Collection, s.Metadata.Timestamp):
		r.find(Mismatch, name, "the name is not that of a file of %q at %s, the collection and the time in it",
			s.Metadata.Collection, when(s.Metadata.Timestamp))
	}
}

// checkListed compares a snapshot that was named by itself with the manifest of its run,
// if that is beside it, and says whether it is: the schema alone has a digest in the
// file. A manifest that is damaged proves nothing.
func (r *run) checkListed(ctx context.Context, name string, data []byte) (listed bool, err error) {
	if !isSnapshotName(name) {
		return false, nil
	}
	for _, other := range r.names {
		if !isManifestName(other) || stampOf(other) != stampOf(name) {
			continue
		}
		manifest, err := r.read(ctx, other)
		if err != nil {
			return false, err
		}
		m, err := snapshot.DecodeManifest(manifest)
		if err != nil {
			continue
		}
		for _, entry := range m.Snapshots {
			if entry.File != name {
				continue
			}
			if sum := schema.SHA256(data); int64(len(data)) != entry.Bytes || sum != entry.SHA256 {
				r.find(Damaged, name, "%d bytes with the SHA-256 %s, not %d with %s as %s says", len(data), sum, entry.Bytes, entry.SHA256, other)
			}
			return true, nil
		}
	}
	return false, nil
}

// compareEntry compares a snapshot with its entry in the manifest, and with what
// the manifest says of the whole run.
func (r *run) compareEntry(entry snapshot.Entry, s snapshot.Snapshot, digest string) {
	m, metadata := r.manifest, s.Metadata
	differ := func(what string, here, there any) {
		r.find(Mismatch, entry.File, "its %s is %v, not %v as the manifest says", what, here, there)
	}
	if metadata.Collection != entry.Collection {
		differ("collection", quote(metadata.Collection), quote(entry.Collection))
	}
	if digest != entry.SchemaDigest {
		differ("schema's digest", digest, entry.SchemaDigest)
	}
	if metadata.SchemaDigest == "" {
		r.find(Mismatch, entry.File, "it has no digest, but the manifest has one for it")
	}
	if !metadata.Timestamp.Equal(m.Timestamp) {
		differ("time", when(metadata.Timestamp), when(m.Timestamp))
	}
	if metadata.WeaviateVersion != m.Source.WeaviateVersion {
		differ("Weaviate version", quote(metadata.WeaviateVersion), quote(m.Source.WeaviateVersion))
	}
	if metadata.Tool != m.Tool {
		differ("tool", quote(metadata.Tool), quote(m.Tool))
	}
	if here, there := number(metadata.Objects), number(entry.Objects); here != there {
		differ("object count", here, there)
	}
	if here, there := number(metadata.AtLeast), number(entry.AtLeast); here != there {
		differ("lower bound of the object count", here, there)
	}
	if metadata.Method != entry.Method {
		differ("counting method", quote(metadata.Method), quote(entry.Method))
	}
	if metadata.Reason != entry.Reason {
		differ("reason for an unknown count", quote(metadata.Reason), quote(entry.Reason))
	}
	if here, there := names(s.Aliases), names(r.aliasesOf(entry.Collection)); here != there {
		differ("list of aliases", here, there)
	}
}

// aliasesOf gives the collection's aliases by the manifest, sorted; nil where
// they were not saved.
func (r *run) aliasesOf(collection string) []string {
	if r.manifest.Aliases == nil {
		return nil
	}
	return append([]string{}, r.aliases[collection]...)
}

// checkAliases sorts the aliases by collection, and looks for those of collections that
// the manifest does not list.
func (r *run) checkAliases(manifest string) {
	listed := make(map[string]bool, len(r.manifest.Snapshots))
	for _, entry := range r.manifest.Snapshots {
		listed[entry.Collection] = true
	}
	r.aliases = make(map[string][]string)
	for _, alias := range slices.Sorted(maps.Keys(r.manifest.Aliases)) {
		collection := r.manifest.Aliases[alias]
		r.aliases[collection] = append(r.aliases[collection], alias)
		if !listed[collection] {
			r.find(Mismatch, manifest, "the alias %q is of %q, which the manifest does not list", alias, collection)
		}
	}
}

// checkTwice looks for files and collections that the manifest lists twice. The
// server compares names of collections without case.
func (r *run) checkTwice(manifest string) {
	seen := make(map[string]bool)
	for _, entry := range r.manifest.Snapshots {
		for _, key := range []string{"the file " + quote(entry.File), "the collection " + quote(strings.ToLower(entry.Collection))} {
			if seen[key] {
				r.find(Mismatch, manifest, "it lists %s twice", key)
			}
			seen[key] = true
		}
	}
}

// checkExtra looks for files with the run's time stamp, or with stable names as
// the run's are, that no manifest lists. A second run within the same second has
// that stamp too, and a manifest.
func (r *run) checkExtra(ctx context.Context) error {
	stamp := stampOf(snapshot.ManifestName(r.manifest.Timestamp, 1))
	what, advice := "time stamp", "; a run of the same second that was killed leaves such files, which can be moved away"
	if stamp == "" {
		what, advice = "kind of name", ""
	}
	listed := make(map[string]bool)
	list := func(m snapshot.Manifest) {
		for _, entry := range m.Snapshots {
			listed[entry.File] = true
		}
	}
	list(*r.manifest)
	for _, name := range r.names {
		if name == path.Base(r.result.Manifest) || !isManifestName(name) || stampOf(name) != stamp {
			continue
		}
		data, err := r.read(ctx, name)
		if err != nil {
			return err
		}
		// One that is damaged proves nothing, and its files are then extra.
		if m, err := snapshot.DecodeManifest(data); err == nil {
			list(m)
		}
	}
	for _, name := range r.names {
		if isSnapshotName(name) && stampOf(name) == stamp && !listed[name] {
			r.find(Extra, name, "it carries the run's %s, but the manifest does not list it%s", what, advice)
		}
	}
	return nil
}

func quote(text string) string { return strconv.Quote(text) }

// when writes the time of a run.
func when(timestamp time.Time) string {
	if timestamp.IsZero() {
		return "no time"
	}
	return words.Time(timestamp)
}

// number writes a count.
func number(n *int64) string {
	if n == nil {
		return "unknown"
	}
	return strconv.FormatInt(*n, 10)
}

// names writes a list of names.
func names(list []string) string {
	if list == nil {
		return "not saved"
	}
	return fmt.Sprintf("%q", list)
}
