package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/weaviate-backup/weaviate-backup-action/internal/config"
	"github.com/weaviate-backup/weaviate-backup-action/internal/diff"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
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
	base, err := r.readBase(ctx, verify.Options{})
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
	counterpart := sync.OnceValue(func() diff.Counterpart {
		<-haveBase
		return base.Counterpart()
	})
	var reading sync.WaitGroup
	var against diff.Side
	var againstErr error
	reading.Go(func() {
		against, againstErr = r.liveSide(ctx, r.otherServer(), counterpart)
		if againstErr != nil && r.inputs.AgainstURL != nil {
			againstErr = secondError{againstErr}
		}
	})
	base, err := r.readBase(ctx, verify.Options{HashOnly: true})
	if err != nil {
		cancel()
	}
	close(haveBase)
	reading.Wait()
	if err := cmp.Or(err, againstErr); err != nil {
		return sides{}, err
	}
	if err := base.Decode(against); err != nil {
		return sides{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return sides{base: base.Side, against: against, files: base.files}, nil
}

// secondError is an error of the server of against-url.
type secondError struct{ error }

func (e secondError) Unwrap() error { return e.error }

// baseSide is the first side.
type baseSide struct {
	diff.Side
	files map[string]file
}

// readBase reads the first side: files, as the options say, or, without a path, the
// server.
func (r *runner) readBase(ctx context.Context, options verify.Options) (baseSide, error) {
	if r.inputs.BackupPath == "" {
		side, err := r.liveSide(ctx, r.inputs.Server, func() diff.Counterpart { return diff.Counterpart{} })
		return baseSide{Side: side}, err
	}
	options.Path, options.Input = r.inputs.BackupPath, "backup-path"
	checked, err := r.readFiles(ctx, options)
	if err != nil {
		return baseSide{}, err
	}
	b := baseSide{files: make(map[string]file)}
	for _, loaded := range checked.Snapshots {
		b.files[loaded.Metadata.Collection] = file{loaded.Path, loaded.Data}
	}
	for _, u := range checked.Undecoded {
		b.files[u.Collection] = file{u.Path, u.Data}
	}
	b.Side, err = fileSide(checked)
	return b, err
}

// liveSide reads a server, and looks for the chosen collections: those of the other
// side, and those that were asked for by their names.
func (r *runner) liveSide(ctx context.Context, at config.Server, counterpart func() diff.Counterpart) (diff.Side, error) {
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
		side, err = diff.ReadLive(ctx, server, at.URL.String(), func() diff.Counterpart {
			other := counterpart()
			names := append(slices.Clone(other.Names), slices.DeleteFunc(slices.Clone(r.inputs.Collections), schema.IsGlob)...)
			slices.Sort(names)
			other.Names, _ = schema.Select(slices.Compact(names), r.inputs.Collections, r.inputs.ExcludeCollections)
			return other
		})
		return err
	})
	return side, err
}

// fileSide is what files hold.
func fileSide(checked verify.Result) (diff.Side, error) {
	b := diff.Backup{
		Label: checked.Path, Version: savedVersion(checked), Run: checked.Run, Snapshots: checked.Snapshots, Undecoded: checked.Undecoded,
	}
	if b.Run != nil {
		b.Label = checked.Manifest
	}
	return b.Side()
}

// leaderOnly is a server whose leader is asked, whoever else could answer.
type leaderOnly struct{ diff.Server }

func (leaderOnly) LocalSchema(context.Context) ([]schema.Collection, error) {
	return nil, weaviate.ErrNotAlone
}
