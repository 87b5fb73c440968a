package action

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

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

// readSides reads both sides: files first, so that a server can be asked for
// the collections that they name.
func (r *runner) readSides(ctx context.Context) (sides, error) {
	s := sides{files: make(map[string]file)}
	var err error
	if r.inputs.BackupPath != "" {
		checked, err := r.readFiles(ctx, "backup-path", r.inputs.BackupPath)
		if err != nil {
			return sides{}, err
		}
		if s.base, err = fileSide(checked); err != nil {
			return sides{}, err
		}
		for _, loaded := range checked.Snapshots {
			s.files[loaded.Metadata.Collection] = file{loaded.Path, loaded.Data}
		}
	} else if s.base, err = r.liveSide(ctx, r.inputs.Server, nil); err != nil {
		return sides{}, err
	}
	names := make([]string, len(s.base.Collections))
	for i, c := range s.base.Collections {
		names[i] = c.Name
	}
	if r.inputs.Against != "" {
		checked, err := r.readFiles(ctx, "against", r.inputs.Against)
		if err != nil {
			return sides{}, err
		}
		s.against, err = fileSide(checked)
		return s, err
	}
	s.against, err = r.liveSide(ctx, r.otherServer(), names)
	return s, err
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
func (r *runner) liveSide(ctx context.Context, at config.Server, expected []string) (diff.Side, error) {
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
		collection := diff.Collection{Collection: loaded.Definition}
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
