package action

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/diff"
	"github.com/weaviate-backup/weaviate-backup-action/internal/parallel"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
	"github.com/weaviate-backup/weaviate-backup-action/internal/weaviate"
)

// sides are what a diff compares.
type sides struct {
	base, against diff.Side
	// files are those of the base, by collection; none where it is a server.
	files map[string]file
}

type file struct {
	path string
	data []byte
}

// readSides reads both sides.
func (r *runner) readSides(ctx context.Context) (sides, error) {
	if r.inputs.Against == "" {
		return r.readWithServer(ctx)
	}
	return r.readWithFiles(ctx)
}

// readWithFiles reads both sides where the second is files.
func (r *runner) readWithFiles(ctx context.Context) (sides, error) {
	base, err := r.readBase(ctx, false)
	if err != nil {
		return sides{}, err
	}
	checked, err := r.readFiles(ctx, verify.Options{Path: r.inputs.Against, Input: "against"})
	if err != nil {
		return sides{}, err
	}
	against, err := fileSide(checked)
	if err != nil {
		return sides{}, err
	}
	diff.ShareDigests(base.Side, against)
	return sides{base: base.Side, against: against, files: base.files}, nil
}

// readWithServer reads both sides at once: a server takes its time to answer, and
// files are read meanwhile. Where both can't be read, the error is that of the base.
func (r *runner) readWithServer(ctx context.Context) (sides, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var base baseSide
	haveBase := make(chan struct{})
	expected := sync.OnceValue(func() diff.Expected {
		<-haveBase
		return base.expected()
	})
	var reading sync.WaitGroup
	var against diff.Side
	var againstErr error
	reading.Go(func() {
		against, againstErr = r.liveSide(ctx, r.otherServer(), expected)
		if againstErr != nil && r.inputs.AgainstURL != nil {
			againstErr = secondError{againstErr}
		}
	})
	base, err := r.readBase(ctx, true)
	if err != nil {
		cancel()
	}
	close(haveBase)
	reading.Wait()
	if err := cmp.Or(err, againstErr); err != nil {
		return sides{}, err
	}
	err = base.look(against)
	return sides{base: base.Side, against: against, files: base.files}, err
}

// secondError is an error of the server of against-url.
type secondError struct{ error }

func (e secondError) Unwrap() error { return e.error }

// baseSide is the first side.
type baseSide struct {
	diff.Side
	files map[string]file
	// untouched are files that were not looked into yet.
	untouched []verify.Untouched
}

// readBase reads the first side: files or, without a path, the server.
func (r *runner) readBase(ctx context.Context, untouched bool) (baseSide, error) {
	if r.inputs.BackupPath == "" {
		side, err := r.liveSide(ctx, r.inputs.Server, func() diff.Expected { return diff.Expected{} })
		return baseSide{Side: side}, err
	}
	checked, err := r.readFiles(ctx, verify.Options{Path: r.inputs.BackupPath, Input: "backup-path", Untouched: untouched})
	if err != nil {
		return baseSide{}, err
	}
	b := baseSide{files: make(map[string]file), untouched: checked.Untouched}
	for _, loaded := range checked.Snapshots {
		b.files[loaded.Metadata.Collection] = file{loaded.Path, loaded.Data}
	}
	for _, u := range checked.Untouched {
		b.files[u.Collection] = file{u.Path, u.Data}
	}
	b.Side, err = fileSide(checked)
	return b, err
}

// expected is what a server would have if it had not changed.
func (b *baseSide) expected() diff.Expected {
	untouched := make(map[string]verify.Untouched, len(b.untouched))
	e := diff.Expected{Count: len(b.Collections) + len(b.untouched)}
	for _, c := range b.Collections {
		e.Names = append(e.Names, c.Name)
	}
	for _, u := range b.untouched {
		e.Names = append(e.Names, u.Collection)
		untouched[u.Collection] = u
	}
	e.Digest = func(c schema.Collection) string {
		if u, ok := untouched[c.Name]; ok && schema.SameValue(c.Raw, snapshot.CutDefinition(u.Data)) {
			return u.SchemaDigest
		}
		return ""
	}
	return e
}

// look takes what the server has for what is in a file that has the same definition,
// and looks into the others.
func (b *baseSide) look(server diff.Side) error {
	live := make(map[string]diff.Collection, len(server.Collections))
	for _, c := range server.Collections {
		live[c.Name] = c
	}
	collections := make([]diff.Collection, len(b.untouched))
	problems := make([]error, len(b.untouched))
	parallel.For(len(b.untouched), func(i int) {
		u := b.untouched[i]
		if c, ok := live[u.Collection]; ok && !c.MultiTenant && c.KnownDigest != "" {
			collections[i] = diff.Collection{Collection: c.Collection, KnownDigest: u.SchemaDigest}
			return
		}
		s, err := snapshot.Decode(u.Data)
		if err == nil && s.Metadata.Collection != u.Collection {
			err = fmt.Errorf("it is a snapshot of %q, not of %q as the manifest says", s.Metadata.Collection, u.Collection)
		}
		if err == nil {
			collections[i], err = savedCollection(s, u.SchemaDigest)
		}
		if err != nil {
			problems[i] = fmt.Errorf("%w: %s: %w", errDamaged, u.Path, err)
		}
	})
	b.Collections = append(b.Collections, collections...)
	return cmp.Or(problems...)
}

// liveSide reads a server, and looks for the chosen collections: those of the other
// side, which expected gives, and those that were asked for by their names.
func (r *runner) liveSide(ctx context.Context, at config.Server, expected func() diff.Expected) (diff.Side, error) {
	client, err := r.connectTo(ctx, at)
	if err != nil {
		return diff.Side{}, err
	}
	defer client.Close()
	var server diff.Server = client
	if r.inputs.BackupPath == "" {
		server = leaderOnly{client} // there are no files that a node's own copy could be held against
	}
	var side diff.Side
	err = client.Steady(ctx, func() error {
		var err error
		side, err = diff.ReadLive(ctx, server, at.URL.String(), func() diff.Expected {
			e := expected()
			names := append(slices.Clone(e.Names), slices.DeleteFunc(slices.Clone(r.inputs.Collections), schema.IsGlob)...)
			slices.Sort(names)
			e.Names, _ = schema.Select(slices.Compact(names), r.inputs.Collections, r.inputs.ExcludeCollections)
			return e
		})
		return err
	})
	return side, err
}

// fileSide is what files hold.
func fileSide(checked verify.Result) (diff.Side, error) {
	side := diff.Side{Label: checked.Path, Version: savedVersion(checked), Covers: covers(checked)}
	if checked.Run != nil {
		asked := checked.Run.Completeness.Selection.Collections
		side.Open = len(asked) == 0 || slices.ContainsFunc(asked, schema.IsGlob)
		side.Label, side.Aliases = checked.Manifest, checked.Run.Aliases
	} else {
		side.Aliases = savedAliases(checked.Snapshots)
	}
	for _, loaded := range checked.Snapshots {
		collection, err := savedCollection(loaded.Snapshot, loaded.Digest)
		if err != nil {
			return diff.Side{}, fmt.Errorf("read %s: %w", loaded.Path, err)
		}
		side.Collections = append(side.Collections, collection)
	}
	return side, nil
}

// leaderOnly is a server whose leader is asked, whoever else could answer.
type leaderOnly struct{ diff.Server }

func (leaderOnly) OwnSchema(context.Context) ([]schema.Collection, error) {
	return nil, weaviate.ErrNotAlone
}

// savedCollection is what a file holds.
func savedCollection(s snapshot.Snapshot, digest string) (diff.Collection, error) {
	collection, err := s.Definition()
	if err != nil {
		return diff.Collection{}, err
	}
	tenants, err := tenantStates(s)
	return diff.Collection{Collection: collection, KnownDigest: digest, Tenants: tenants}, err
}

// savedAliases are those of snapshots without a manifest, as a run would have listed
// them; nil where some snapshot does not know its own.
func savedAliases(snapshots []verify.Loaded) map[string]string {
	aliases := make(map[string]string)
	for _, s := range snapshots {
		if s.Aliases == nil {
			return nil
		}
		for _, alias := range s.Aliases {
			aliases[alias] = s.Metadata.Collection
		}
	}
	return aliases
}

// covers says which collections the files would have if they had been there: a
// manifest tells what its run was asked for, a snapshot alone speaks of itself.
func covers(checked verify.Result) func(string) bool {
	return func(name string) bool {
		if checked.Run == nil {
			return slices.Contains(checked.Collections, name)
		}
		asked := checked.Run.Completeness.Selection
		selected, _ := schema.Select([]string{name}, asked.Collections, asked.Excluded)
		return len(selected) == 1
	}
}

// tenantStates are the states of saved tenants; nil where none were saved.
func tenantStates(s snapshot.Snapshot) (map[string]string, error) {
	if s.Tenants == nil {
		return nil, nil
	}
	states := make(map[string]string, len(s.Tenants))
	for _, raw := range s.Tenants {
		var tenant struct {
			Name   string `json:"name"`
			Status string `json:"activityStatus"`
		}
		if err := json.Unmarshal(raw, &tenant); err != nil {
			return nil, err
		}
		states[tenant.Name] = tenant.Status
	}
	return states, nil
}
