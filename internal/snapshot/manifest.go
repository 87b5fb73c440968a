package snapshot

import (
	"errors"
	"fmt"
	"time"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// TypeManifest is the type of a manifest.
const TypeManifest = "manifest"

// Manifest lists what one run wrote. It is written last: a run without a
// manifest is one that did not end.
type Manifest struct {
	Version string `json:"version"`
	Type    string `json:"type"`
	// Timestamp is when the run began; zero in a stable file, see stable.go.
	Timestamp time.Time `json:"timestamp"`
	Source    Source    `json:"source"`
	// Completeness says what the files leave out.
	Completeness Completeness `json:"completeness"`
	// Snapshots are sorted by collection.
	Snapshots []Entry `json:"snapshots"`
	// Aliases are collections by alias; nil where they were not saved.
	Aliases map[string]string `json:"aliases"`
	Tool    string            `json:"tool"`
	// Checksum is over the manifest without this key, written by RFC 8785.
	Checksum string `json:"checksum,omitempty"`
}

// Source is the server that was read.
type Source struct {
	// URL is scheme, host, port and base path, without credentials.
	URL string `json:"url"`
	// WeaviateVersion and Modules are from GET /v1/meta.
	WeaviateVersion string   `json:"weaviate_version"`
	Modules         []string `json:"modules"`
}

// Completeness is how much of the server's schema the files hold.
type Completeness struct {
	// Selection is what was asked for.
	Selection Selection `json:"selection"`
	// Rights is how it is known that the server left nothing out, or that it is
	// not known.
	Rights string `json:"rights,omitempty"`
	// NotSaved are sentences: what is not in the files, and why.
	NotSaved []string `json:"not_saved"`
}

// Selection is the choice of collections that a run was given.
type Selection struct {
	Collections []string `json:"collections"`
	Excluded    []string `json:"exclude_collections"`
}

// Entry is one snapshot file of a run.
type Entry struct {
	Collection string `json:"collection"`
	// File is its name, in the folder of the manifest.
	File string `json:"file"`
	// Bytes is its size.
	Bytes int64 `json:"bytes"`
	// SHA256 is of its bytes, in the spelling of [schema.SHA256].
	SHA256       string `json:"sha256"`
	SchemaDigest string `json:"schema_digest"`
	Count
}

// Encode writes the manifest with its checksum.
func (m Manifest) Encode() ([]byte, error) {
	m.Checksum = ""
	unsigned, err := marshal(m.layout())
	if err != nil {
		return nil, fmt.Errorf("encode the manifest: %w", err)
	}
	if m.Checksum, err = checksum(unsigned); err != nil {
		return nil, fmt.Errorf("encode the manifest: %w", err)
	}
	signed, err := marshal(m.layout())
	if err != nil {
		return nil, fmt.Errorf("encode the manifest: %w", err)
	}
	return indent(signed)
}

// DecodeManifest reads a manifest and proves it by its checksum, which covers
// keys that this version does not know too.
func DecodeManifest(data []byte) (Manifest, error) {
	var m Manifest
	if err := decode(data, &m); err != nil {
		return Manifest{}, fmt.Errorf("not a manifest: %w", err)
	}
	switch {
	case m.Type != TypeManifest:
		return Manifest{}, fmt.Errorf("not a manifest: its type is %q", m.Type)
	case m.Version != Version:
		return Manifest{}, fmt.Errorf("version %q of the manifest format is not known, only %s", m.Version, Version)
	case m.Checksum == "":
		return Manifest{}, errors.New("the manifest has no checksum")
	}
	sum, err := checksum(data)
	if err != nil {
		return Manifest{}, err
	}
	if sum != m.Checksum {
		return Manifest{}, fmt.Errorf("the manifest does not have the checksum that was written with it: %s, not %s", sum, m.Checksum)
	}
	return m, nil
}

// checksum is over the manifest in data, which is good JSON, without its key
// "checksum".
func checksum(data []byte) (string, error) {
	rest, err := schema.Without(data, "checksum")
	if err != nil {
		return "", fmt.Errorf("not a manifest: %w", err)
	}
	if err := rest.Canonicalize(); err != nil {
		return "", fmt.Errorf("canonical form of the manifest: %w", err)
	}
	return schema.SHA256(rest), nil
}
