package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/parallel"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
)

// Reader gives the files, several at a time. All paths are relative to the workspace. What is not
// there is an fs.ErrNotExist.
type Reader interface {
	// Relative cleans the path, or refuses one that leaves the workspace.
	Relative(path string) (string, error)
	IsFolder(path string) (bool, error)
	// List gives the names of the files in a folder, sorted.
	List(path string) ([]string, error)
	Read(path string) ([]byte, error)
	// IsTemporary says whether the name is that of a file that a run is still writing,
	// or was when it was killed.
	IsTemporary(name string) bool
}

// Server is the live schema.
type Server interface {
	// Schema gives the collections that the key may read.
	Schema(ctx context.Context) ([]schema.Collection, error)
	// CanReadAll says whether these are all that there are.
	CanReadAll(ctx context.Context) (bool, error)
	// Version is the server's, such as "1.39.0". It is only asked for where a
	// definition differs.
	Version(ctx context.Context) (string, error)
}

// Options is what a run is asked to check.
type Options struct {
	// Path is a snapshot, a manifest or a folder; Input names what gave it, for
	// errors.
	Path, Input string
	// HashOnly checks a manifest by its checksum only, and does not decode a file that has
	// the hash that the manifest lists: whoever wrote the manifest had read it back. Such
	// files are in Result.Undecoded, and not in Result.Snapshots.
	HashOnly bool
	// MaxAge is how old the backup may be at the time Now; 0: any age.
	MaxAge time.Duration
	Now    time.Time
	// Connect gives the server to compare with; nil where there is none. It is
	// called when the files have been checked.
	Connect func(ctx context.Context) (Server, error)
	// Source is its address for the report.
	Source string
}

// Run checks what the options name. An error means that it could not be checked;
// what was found until then is in the result all the same.
func Run(ctx context.Context, reader Reader, options Options) (Result, error) {
	place, err := reader.Relative(options.Path)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", options.Input, err)
	}
	r := &run{reader: reader, options: options, result: Result{Path: place}}
	isFolder, err := reader.IsFolder(place)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", options.Input, err)
	}
	r.folder = place
	if !isFolder {
		r.folder = path.Dir(place)
	}
	if r.names, err = reader.List(r.folder); err != nil {
		return Result{}, fmt.Errorf("%s: %w", options.Input, err)
	}
	if isFolder {
		err = r.checkFolder(ctx)
		r.lookBeside()
	} else {
		err = r.checkFile(ctx, path.Base(place))
	}
	if err == nil {
		r.result.Checked = true
		r.checkAge()
		err = r.compare(ctx)
	}
	if slices.ContainsFunc(r.result.Findings, Finding.Live) { // found before an error, too
		r.result.Source = options.Source
	}
	return r.sorted(), err
}

// run is the state of one Run.
type run struct {
	reader  Reader
	options Options
	folder  string
	names   []string // of the files in folder
	result  Result
	// manifest is the one that is checked; nil where there is none, or none that
	// can be relied on.
	manifest *snapshot.Manifest
	// aliases are those of the manifest by collection, sorted.
	aliases map[string][]string
	// good are the definitions of files that hold one.
	good []definition
}

// definition is a collection's definition and the file that it is from.
type definition struct {
	file       string
	collection schema.Collection
}

func (r *run) find(kind Kind, file, format string, args ...any) {
	r.result.Findings = append(r.result.Findings, Finding{Kind: kind, File: file, Text: fmt.Sprintf(format, args...)})
}

func (r *run) leaveOut(sentence string) { r.result.NotChecked = append(r.result.NotChecked, sentence) }

// read reads a file of the folder, unless the run is to end.
func (r *run) read(ctx context.Context, name string) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return r.reader.Read(path.Join(r.folder, name))
}

// checkFile checks the one file that was asked for: a manifest by its name or,
// where someone gave it another, by its content.
func (r *run) checkFile(ctx context.Context, name string) error {
	data, err := r.read(ctx, name)
	if err != nil {
		return err
	}
	if isManifestName(name) || (!isSnapshotName(name) && saysManifest(data)) {
		return r.checkManifest(ctx, name, data)
	}
	r.checkAlone(name, data)
	listed, err := r.checkListed(ctx, name, data)
	if err != nil {
		return err
	}
	if !listed {
		r.leaveOut("Size and SHA-256 of the file, its tenants, its object count and its aliases: only a manifest has what to compare them with.")
	}
	r.leaveOut("Whether the run that wrote the file is complete: give its manifest or its folder.")
	return nil
}

// checkFolder checks the manifest with the stable name or, where there is none,
// the newest.
func (r *run) checkFolder(ctx context.Context) error {
	if stable := snapshot.ManifestName(time.Time{}, 1); slices.Contains(r.names, stable) {
		data, err := r.read(ctx, stable)
		if err != nil {
			return err
		}
		return r.checkManifest(ctx, stable, data)
	}
	newest, damaged, err := r.manifests(ctx)
	switch {
	case err != nil:
		return err
	case newest.name == "" && len(damaged) == 0:
		return r.checkRemains(ctx)
	}
	stamp := "" // what is before it is of other runs
	if newest.name != "" {
		stamp = stampOf(snapshot.ManifestName(newest.manifest.Timestamp, 1))
	}
	for _, d := range damaged {
		if stampOf(d.name) < stamp {
			r.result.Warnings = append(r.result.Warnings, fmt.Sprintf("%s, of an earlier run, can't be relied on: %v", d.name, d.err))
		} else {
			r.find(Damaged, d.name, "%v", d.err)
		}
	}
	if last := len(damaged) - 1; newest.name == "" || last >= 0 && stampOf(damaged[last].name) > stamp {
		r.result.Manifest = path.Join(r.folder, damaged[last].name)
		r.leaveOut(withoutManifest)
		return nil
	}
	return r.checkRun(ctx, newest.name, newest.data, newest.manifest)
}

// manifestFile is a manifest in the folder, or why it can't be relied on.
type manifestFile struct {
	name     string
	data     []byte
	manifest snapshot.Manifest
	err      error
}

// isLater compares times, and of two at one time the numbers of their tries.
func (f manifestFile) isLater(other manifestFile) bool {
	if at := f.manifest.Timestamp.Compare(other.manifest.Timestamp); at != 0 {
		return at > 0
	}
	return snapshot.ParseName(f.name).Try > snapshot.ParseName(other.name).Try
}

// manifests gives the newest of those that can be relied on, by the time in it, and of
// two at one time that with the higher try; and those that can't be, sorted by name.
func (r *run) manifests(ctx context.Context) (newest manifestFile, damaged []manifestFile, err error) {
	for _, name := range r.names { // sorted
		if !isManifestName(name) {
			continue
		}
		f := manifestFile{name: name}
		if f.data, err = r.read(ctx, name); err != nil {
			return manifestFile{}, nil, err
		}
		f.manifest, f.err = snapshot.DecodeManifest(f.data)
		switch {
		case f.err != nil:
			damaged = append(damaged, f)
		case newest.name == "" || f.isLater(newest):
			newest = f
		}
	}
	return newest, damaged, nil
}

// ErrNoBackup is a folder with none of the files of a backup.
var ErrNoBackup = errors.New("there is no manifest and no snapshot")

const withoutManifest = "The snapshots: there is no manifest that can be relied on, so nothing says which files belong to the run and what is in them."

// checkRemains checks a folder without a manifest: its snapshots, one by one.
func (r *run) checkRemains(ctx context.Context) error {
	snapshots := slices.DeleteFunc(slices.Clone(r.names), func(name string) bool { return !isSnapshotName(name) })
	if len(snapshots) == 0 {
		return fmt.Errorf("%s: %w in %s", r.options.Input, ErrNoBackup, r.folder)
	}
	r.find(Missing, path.Base(r.folder), "no manifest is in the folder: the run did not end, or the manifest was lost")
	for _, name := range snapshots {
		data, err := r.read(ctx, name)
		if err != nil {
			return err
		}
		r.checkAlone(name, data)
	}
	r.leaveOut("Size and SHA-256 of the files, and which files belong to the run: only a manifest says so.")
	return nil
}

// checkManifest decodes a manifest and checks all that it lists.
func (r *run) checkManifest(ctx context.Context, name string, data []byte) error {
	m, err := snapshot.DecodeManifest(data)
	if err != nil {
		r.result.Manifest = path.Join(r.folder, name)
		r.find(Damaged, name, "%v", err)
		r.leaveOut(withoutManifest)
		return nil
	}
	return r.checkRun(ctx, name, data, m)
}

// checkRun checks a manifest and all that it lists.
func (r *run) checkRun(ctx context.Context, name string, data []byte, m snapshot.Manifest) error {
	r.result.Manifest = path.Join(r.folder, name)
	if err := r.checkLayout(name, data); err != nil {
		return err
	}
	if stampOf(name) != "" && !isOneOf(name, func(try int) (string, error) { return snapshot.ManifestName(m.Timestamp, try), nil }) {
		r.find(Mismatch, name, "the name is not that of a manifest of %s, the time in it", when(m.Timestamp))
	}
	r.manifest, r.result.Run = &m, &m
	r.checkAliases(name)
	r.checkTwice(name)
	files := r.inspectAll(ctx, m.Snapshots)
	for i, entry := range m.Snapshots {
		r.result.Collections = append(r.result.Collections, entry.Collection)
		if err := r.checkEntry(name, entry, files[i]); err != nil {
			return err
		}
	}
	return r.checkExtra(ctx)
}

// crlf is what is wrong with a file that is whole but for the ends of its lines.
const crlf = "its lines end in CRLF now, as git makes them: a line such as schema/** -text in .gitattributes, and a fresh checkout, keep them as they were written"

func withLineFeeds(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }

// checkLayout checks what the checksum of a manifest does not speak of: its format and its
// white space.
func (r *run) checkLayout(name string, data []byte) error {
	if r.options.HashOnly {
		return nil
	}
	problems, err := snapshot.CheckManifestShape(data)
	if err != nil {
		return fmt.Errorf("check %s: %w", name, err)
	}
	for _, problem := range problems {
		r.find(Malformed, name, "not of the manifest format: %s", problem)
	}
	switch {
	case snapshot.Laid(data):
	case snapshot.Laid(withLineFeeds(data)):
		r.find(Damaged, name, crlf)
	default:
		r.find(Damaged, name, "the white space is not as it was written")
	}
	return nil
}

// opened is a file that was read, or why it was not.
type opened struct {
	inspected
	// hashOnly says that it was not decoded, see Options.
	hashOnly bool
	err      error
}

// inspectAll reads the files of the entries whose names are safe, several at a
// time. Result i is entry i, so that what is told does not depend on which was
// first. It ends when all have, or the context does.
func (r *run) inspectAll(ctx context.Context, entries []snapshot.Entry) []opened {
	files := make([]opened, len(entries))
	parallel.For(len(entries), func(i int) {
		if isSafe(entries[i].File) {
			files[i] = r.open(ctx, entries[i])
		}
	})
	return files
}

// open reads one file that the manifest lists.
func (r *run) open(ctx context.Context, entry snapshot.Entry) opened {
	data, err := r.read(ctx, entry.File)
	if err != nil {
		return opened{err: err} // told with the entry, in its turn
	}
	if r.options.HashOnly && int64(len(data)) == entry.Bytes {
		if sum := schema.SHA256(data); sum == entry.SHA256 {
			return opened{inspected: inspected{data: data, sum: sum}, hashOnly: true}
		}
	}
	return opened{inspected: inspect(data)}
}

// checkEntry checks one file that the manifest lists.
func (r *run) checkEntry(manifest string, entry snapshot.Entry, file opened) error {
	if !isSafe(entry.File) {
		r.find(Unsafe, manifest, "it lists the file %q, which is not a plain name in its folder; it was not opened", entry.File)
		return nil
	}
	if !isNameOf(entry.File, entry.Collection, r.manifest.Timestamp) {
		r.find(Mismatch, manifest, "it lists %q for the collection %q, which is not the name that the run gives to its file", entry.File, entry.Collection)
	}
	if errors.Is(file.err, fs.ErrNotExist) {
		r.find(Missing, entry.File, "the manifest lists it, but it is not in the folder")
		return nil
	}
	if file.err != nil {
		return file.err
	}
	switch {
	case file.sum != entry.SHA256 && schema.SHA256(withLineFeeds(file.data)) == entry.SHA256:
		r.find(Damaged, entry.File, crlf)
	case int64(len(file.data)) != entry.Bytes:
		r.find(Damaged, entry.File, "%d bytes, not %d as the manifest says", len(file.data), entry.Bytes)
	case file.sum != entry.SHA256:
		r.find(Damaged, entry.File, "its SHA-256 is %s, not %s as the manifest says", file.sum, entry.SHA256)
	}
	if file.hashOnly {
		r.result.Undecoded = append(r.result.Undecoded, snapshot.Undecoded{Entry: entry, Path: path.Join(r.folder, entry.File), Data: file.data})
		return nil
	}
	if r.checkContent(entry.File, file.inspected) {
		r.compareEntry(entry, file.snapshot, file.digest)
	}
	return nil
}
