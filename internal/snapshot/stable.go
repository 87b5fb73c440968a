package snapshot

// A stable file is one whose run gave it no time. It lies under the same name
// from run to run, in git, so it holds only what follows from the schema, its
// tenants and its aliases, and from what was asked for: no time, no versions, no
// address, no counts. Encode leaves these out; a reader sees them as zero, and an
// object count as unknown.

// stableMetadata is [Metadata] of a stable file.
type stableMetadata struct {
	Version      string `json:"version"`
	Collection   string `json:"collection"`
	Type         string `json:"type"`
	SchemaDigest string `json:"schema_digest"`
}

// layout is what is written for the metadata.
func (m Metadata) layout() any {
	if !m.Timestamp.IsZero() {
		return m
	}
	return stableMetadata{Version: m.Version, Collection: m.Collection, Type: m.Type, SchemaDigest: m.SchemaDigest}
}

// stableManifest is [Manifest] of stable files.
type stableManifest struct {
	Version      string            `json:"version"`
	Type         string            `json:"type"`
	Completeness Completeness      `json:"completeness"`
	Snapshots    []stableEntry     `json:"snapshots"`
	Aliases      map[string]string `json:"aliases"`
	Checksum     string            `json:"checksum,omitempty"`
}

// stableEntry is [Entry] of a stable file.
type stableEntry struct {
	Collection   string `json:"collection"`
	File         string `json:"file"`
	Bytes        int64  `json:"bytes"`
	SHA256       string `json:"sha256"`
	SchemaDigest string `json:"schema_digest"`
}

// layout is what is written for the manifest.
func (m Manifest) layout() any {
	if !m.Timestamp.IsZero() {
		return m
	}
	m.Completeness.Rights = ""
	entries := make([]stableEntry, len(m.Snapshots))
	for i, e := range m.Snapshots {
		entries[i] = stableEntry{Collection: e.Collection, File: e.File, Bytes: e.Bytes, SHA256: e.SHA256, SchemaDigest: e.SchemaDigest}
	}
	return stableManifest{
		Version: m.Version, Type: m.Type, Completeness: m.Completeness, Snapshots: entries, Aliases: m.Aliases, Checksum: m.Checksum,
	}
}
