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
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/snapshot"
	"github.com/weaviate-backup/weaviate-backup-action/internal/verify"
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

// readSides reads both sides at once: a server takes its time to answer, and files
// are read meanwhile. Where both can't be read, the error is that of the base.
func (r *runner) readSides(ctx context.Context) (sides, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := sides{files: make(map[string]file)}
	var names []string
	haveNames := make(chan struct{})
	expected := func() []string {
		<-haveNames
		return names
	}
	var reading sync.WaitGroup
	var againstErr error
	reading.Go(func() { s.against, againstErr = r.readAgainst(ctx, expected) })
	baseErr := r.readBase(ctx, &s)
	if baseErr != nil {
		cancel()
	}
	for _, c := range s.base.Collections {
		names = append(names, c.Name)
	}
	close(haveNames)
	reading.Wait()
	if err := cmp.Or(baseErr, againstErr); err != nil {
		return sides{}, err
	}
	diff.ShareDigests(s.base, s.against)
	return s, nil
}

// readBase reads the first side: files or, without a path, the server.
func (r *runner) readBase(ctx context.Context, s *sides) error {
	if r.inputs.BackupPath == "" {
		var err error
		s.base, err = r.liveSide(ctx, r.inputs.Server, func() []string { return nil })
		return err
	}
	checked, err := r.readFiles(ctx, "backup-path", r.inputs.BackupPath)
	if err != nil {
		return err
	}
	for _, loaded := range checked.Snapshots {
		s.files[loaded.Metadata.Collection] = file{loaded.Path, loaded.Data}
	}
	s.base, err = fileSide(checked)
	return err
}

// readAgainst reads the second side. expected waits for the names of the first.
func (r *runner) readAgainst(ctx context.Context, expected func() []string) (diff.Side, error) {
	if r.inputs.Against == "" {
		return r.liveSide(ctx, r.otherServer(), expected)
	}
	checked, err := r.readFiles(ctx, "against", r.inputs.Against)
	if err != nil {
		return diff.Side{}, err
	}
	return fileSide(checked)
}

// otherServer is the one to compare with.
func (r *runner) otherServer() config.Server {
	server := r.inputs.Server
	if r.inputs.AgainstURL != nil {
		server = config.Server{
			URL: r.inputs.AgainstURL, APIKey: r.inputs.AgainstAPIKey, CACertificate: server.CACertificate,
			WaitForReady: server.WaitForReady, RequestTimeout: server.RequestTimeout, RetryMaxWait: server.RetryMaxWait, MaxAttempts: server.MaxAttempts,
		}
	}
	return server
}

// liveSide reads a server.
func (r *runner) liveSide(ctx context.Context, at config.Server, expected func() []string) (diff.Side, error) {
	server, err := r.connectTo(ctx, at)
	if err != nil {
		return diff.Side{}, err
	}
	defer server.Close()
	return diff.ReadLive(ctx, server, at.URL.String(), expected)
}

// fileSide is what files hold.
func fileSide(checked verify.Result) (diff.Side, error) {
	side := diff.Side{Label: checked.Path, Version: savedVersion(checked), Covers: covers(checked)}
	if checked.Run != nil {
		side.Label, side.Aliases = checked.Manifest, checked.Run.Aliases
	}
	for _, loaded := range checked.Snapshots {
		collection := diff.Collection{Collection: loaded.Definition, KnownDigest: loaded.Digest}
		var err error
		if collection.Tenants, err = tenantStates(loaded.Snapshot); err != nil {
			return diff.Side{}, fmt.Errorf("read %s: %w", loaded.Path, err)
		}
		side.Collections = append(side.Collections, collection)
	}
	return side, nil
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
