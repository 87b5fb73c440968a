package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// Version of both file formats that this package writes.
const Version = "1.0"

// maxFile is the largest file that is written, in bytes: as much as is read of one.
const maxFile = 256 << 20

// TypeSchemaOnly is the type of a snapshot that holds no objects.
const TypeSchemaOnly = "schema-only"

// CountMethod names how objects were counted: exactly, by GraphQL Aggregate.
const CountMethod = "graphql-aggregate"

// Snapshot is the definition of one collection as a server had it at one time.
type Snapshot struct {
	Metadata Metadata
	// Schema is the definition of the collection, as the server sent it but for white
	// space.
	Schema jsontext.Value
	// Tenants are those of a multi-tenant collection, each as the server sent
	// it; nil where there are none by nature, or where they were not saved.
	Tenants []jsontext.Value
	// Aliases of the collection, sorted; nil where they were not saved.
	Aliases []string

	definition schema.Collection // what Decode understood of Schema
}

// Definition is what is understood of Schema.
func (s Snapshot) Definition() (schema.Collection, error) {
	if s.definition.Name != "" {
		return s.definition, nil
	}
	return schema.Parse(s.Schema)
}

// Tenant is what is understood of a tenant.
type Tenant struct {
	Name   string `json:"name"`
	Status string `json:"activityStatus"`
}

// ParseTenants reads tenants as [Snapshot.Tenants] has them, in their order. Any name is
// good.
func ParseTenants(raw []jsontext.Value) ([]Tenant, error) {
	tenants := make([]Tenant, len(raw))
	for i, value := range raw {
		if err := json.Unmarshal(value, &tenants[i]); err != nil {
			return nil, err
		}
	}
	return tenants, nil
}

// Metadata is what is known of a snapshot beside the definition.
type Metadata struct {
	Version string `json:"version"`
	// Timestamp is when the run began; zero in a stable file, see stable.go.
	Timestamp  time.Time `json:"timestamp"`
	Collection string    `json:"collection"`
	// WeaviateVersion is that of the server.
	WeaviateVersion string `json:"weaviate_version,omitempty"`
	Type            string `json:"type"`
	Count
	// SchemaDigest is schema.Collection.Digest of the definition.
	SchemaDigest string `json:"schema_digest,omitempty"`
	// Tool is the name and version of the program that wrote the file.
	Tool string `json:"tool,omitempty"`
}

// Count is a number of objects, or why there is none.
type Count struct {
	// Objects is exact; nil is unknown, never none.
	Objects *int64 `json:"object_count"`
	// Method names how Objects was counted.
	Method string `json:"object_count_method,omitempty"`
	// Reason says why Objects is nil.
	Reason string `json:"object_count_reason,omitempty"`
	// AtLeast is a lower bound where Objects is nil: what could be counted.
	AtLeast *int64 `json:"object_count_at_least,omitempty"`
}

// Encode writes the file: UTF-8, indented by two spaces, one line feed at the
// end. Bytes of Schema and Tenants are kept but for the white space between
// tokens.
func (s Snapshot) Encode() ([]byte, error) {
	metadata, err := marshal(s.Metadata.layout())
	if err != nil {
		return nil, fmt.Errorf("encode the snapshot of %s: %w", s.Metadata.Collection, err)
	}
	aliases, err := marshal(s.Aliases)
	if err != nil {
		return nil, fmt.Errorf("encode the snapshot of %s: %w", s.Metadata.Collection, err)
	}
	out := append([]byte(`{"metadata":`), metadata...)
	out = append(append(out, `,"schema":`...), s.Schema...)
	if s.Tenants != nil {
		out = append(out, `,"tenants":[`...)
		for i, tenant := range s.Tenants {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, tenant...)
		}
		out = append(out, ']')
	}
	if s.Aliases != nil {
		out = append(append(out, `,"aliases":`...), aliases...)
	}
	data, err := indent(append(out, `,"objects":[]}`...))
	if err != nil {
		return nil, fmt.Errorf("encode the snapshot of %s: %w", s.Metadata.Collection, err)
	}
	return data, nil
}

// Decode reads a snapshot file, also one that elysiactl wrote, which lacks the
// additions. What it accepts is whole: all three keys, a version that it knows,
// an empty objects list, and a definition of the collection that the metadata
// name. Digests are not compared: that is for internal/verify.
func Decode(data []byte) (Snapshot, error) {
	layout, err := readLayout(data)
	if err != nil {
		return Snapshot{}, fmt.Errorf("not a snapshot: %w", err)
	}
	switch {
	case layout.metadata == nil:
		return Snapshot{}, errors.New(`not a snapshot: no "metadata"`)
	case layout.metadata.Version != Version:
		return Snapshot{}, fmt.Errorf("version %q of the snapshot format is not known, only %s", layout.metadata.Version, Version)
	case layout.metadata.Type != TypeSchemaOnly:
		return Snapshot{}, fmt.Errorf("type %q is not known, only %s", layout.metadata.Type, TypeSchemaOnly)
	case layout.metadata.Timestamp.IsZero() && layout.metadata.SchemaDigest == "":
		return Snapshot{}, errors.New("not a snapshot: neither a timestamp nor a schema digest")
	case layout.schema == nil:
		return Snapshot{}, errors.New(`not a snapshot: no "schema"`)
	case layout.objects == nil:
		return Snapshot{}, errors.New(`not a snapshot: no "objects"`)
	case len(layout.objects) > 0:
		return Snapshot{}, fmt.Errorf("%d objects in a snapshot of type %s", len(layout.objects), TypeSchemaOnly)
	}
	// Without the white space of the file, which may be most of it.
	definition, err := schema.ParseValid(schema.Compact(layout.schema))
	if err != nil {
		return Snapshot{}, fmt.Errorf("schema: %w", err)
	}
	if definition.Name != layout.metadata.Collection {
		return Snapshot{}, fmt.Errorf("the metadata are of collection %q, the schema of %q", layout.metadata.Collection, definition.Name)
	}
	return Snapshot{
		Metadata:   *layout.metadata,
		Schema:     definition.Raw,
		definition: definition,
		Tenants:    layout.tenants,
		Aliases:    layout.aliases,
	}, nil
}

// layout is a snapshot file, cut into its parts. What is absent, or null, is nil.
type layout struct {
	metadata         *Metadata
	schema           jsontext.Value
	tenants, objects []jsontext.Value
	aliases          []string
}

func readLayout(data []byte) (layout, error) {
	if err := schema.Validate(data); err != nil {
		return layout{}, err
	}
	var l layout
	return l, schema.Members(data, func(key string, value jsontext.Value) error {
		var err error
		switch key {
		case "metadata":
			err = json.Unmarshal(value, &l.metadata)
		case "schema":
			l.schema = value
		case "tenants":
			l.tenants, err = list(value)
		case "aliases":
			err = json.Unmarshal(value, &l.aliases)
		case "objects":
			l.objects, err = list(value)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
}

// CutDefinition cuts the text of the definition out of a snapshot file that [Decode]
// would read. It checks nothing: nil is a file without one.
func CutDefinition(data []byte) jsontext.Value {
	var definition jsontext.Value
	err := schema.Members(data, func(key string, value jsontext.Value) error {
		if key == "schema" {
			definition = value
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return definition
}

// list gives the elements of a list; nil for null.
func list(value jsontext.Value) ([]jsontext.Value, error) {
	if value.Kind() == 'n' {
		return nil, nil
	}
	all := []jsontext.Value{}
	return all, schema.Elements(value, func(element jsontext.Value) error {
		all = append(all, element)
		return nil
	})
}

// decode reads JSON. Unlike encoding/json alone it refuses keys that stand twice
// and bad UTF-8.
func decode(data []byte, value any) error {
	if len(data) == 0 {
		return errors.New("the file is empty, as a run that was killed or a machine that crashed may leave it")
	}
	if err := schema.Validate(data); err != nil {
		return err
	}
	return json.Unmarshal(data, value)
}

// marshal writes a value as JSON. Text is not escaped for HTML, so that it stays
// readable.
func marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), nil
}

// indent lays JSON out as this project's files have it: two spaces, a line feed
// at the end. It changes white space only.
func indent(data []byte) ([]byte, error) {
	if !schema.IndentedWithin(data, maxFile) {
		return nil, fmt.Errorf("it would have more than %d MiB, and could not be read again", maxFile>>20)
	}
	value := jsontext.Value(data)
	if err := value.Indent(jsontext.WithIndent("  ")); err != nil {
		return nil, err
	}
	return append(value, '\n'), nil
}
