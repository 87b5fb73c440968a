package snapshot

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

//go:embed snapshot.schema.json
var snapshotSchema []byte

//go:embed manifest.schema.json
var manifestSchema []byte

// CheckShape holds a snapshot file against snapshot.schema.json, and gives every
// place where it differs, in order.
func CheckShape(data []byte) ([]string, error) { return checkShape(snapshotShape, data) }

// CheckManifestShape is [CheckShape] for a manifest and manifest.schema.json.
func CheckManifestShape(data []byte) ([]string, error) { return checkShape(manifestShape, data) }

// The JSON Schemas are read once: a backup has many files.
var (
	snapshotShape = sync.OnceValues(func() (shape, error) { return readShape(snapshotSchema) })
	manifestShape = sync.OnceValues(func() (shape, error) { return readShape(manifestSchema) })
)

// shape is the part of JSON Schema (draft 2020-12) that the two files are
// written in. A library for all of it would be a good part of the program.
type shape struct {
	Schema      string           `json:"$schema"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Defs        map[string]shape `json:"$defs"`
	Ref         string           `json:"$ref"`

	Type                 oneOrMore           `json:"type"`
	Const                any                 `json:"const"`
	Format               string              `json:"format"`
	Pattern              string              `json:"pattern"`
	MinLength            int                 `json:"minLength"`
	Minimum              *float64            `json:"minimum"`
	MaxItems             *int                `json:"maxItems"`
	Required             []string            `json:"required"`
	DependentRequired    map[string][]string `json:"dependentRequired"`
	Properties           map[string]shape    `json:"properties"`
	AdditionalProperties *shape              `json:"additionalProperties"`
	Items                *shape              `json:"items"`
}

// oneOrMore is a string, or a list of strings.
type oneOrMore []string

// UnmarshalJSON takes both forms.
func (o *oneOrMore) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(o))
}

func readShape(schemaFile []byte) (shape, error) {
	decoder := json.NewDecoder(strings.NewReader(string(schemaFile)))
	decoder.DisallowUnknownFields() // a word that nothing checks
	var root shape
	if err := decoder.Decode(&root); err != nil {
		return shape{}, fmt.Errorf("read the JSON Schema: %w", err)
	}
	return root, nil
}

func checkShape(read func() (shape, error), data []byte) ([]string, error) {
	root, err := read()
	if err != nil {
		return nil, err
	}
	var value any
	if err := decode(data, &value); err != nil {
		return nil, err
	}
	c := shapeCheck{defs: root.Defs}
	c.check(root, "", value)
	return c.problems, nil
}

// shapeCheck collects what is wrong.
type shapeCheck struct {
	defs     map[string]shape
	problems []string
}

func (c *shapeCheck) problem(path, format string, args ...any) {
	if path == "" {
		path = "the file"
	}
	c.problems = append(c.problems, path+" "+fmt.Sprintf(format, args...))
}

func (c *shapeCheck) check(s shape, path string, value any) {
	if s.Ref != "" {
		s = c.defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
	}
	if len(s.Type) > 0 && !slices.ContainsFunc(s.Type, func(name string) bool { return isOfType(name, value) }) {
		c.problem(path, "is not of type %s", strings.Join(s.Type, " or "))
		return
	}
	if s.Const != nil && s.Const != value {
		c.problem(path, "is not %v", s.Const)
	}
	switch value := value.(type) {
	case string:
		c.checkText(s, path, value)
	case float64:
		if s.Minimum != nil && value < *s.Minimum {
			c.problem(path, "is below %v", *s.Minimum)
		}
	case []any:
		if s.MaxItems != nil && len(value) > *s.MaxItems {
			c.problem(path, "has more than %d items", *s.MaxItems)
		}
		for i, item := range value {
			if s.Items != nil {
				c.check(*s.Items, fmt.Sprintf("%s/%d", path, i), item)
			}
		}
	case map[string]any:
		c.checkObject(s, path, value)
	}
}

func (c *shapeCheck) checkText(s shape, path, text string) {
	if utf8.RuneCountInString(text) < s.MinLength {
		c.problem(path, "is shorter than %d", s.MinLength)
	}
	if s.Pattern != "" {
		if pattern, err := regexp.Compile(s.Pattern); err != nil || !pattern.MatchString(text) {
			c.problem(path, "does not match %s", s.Pattern)
		}
	}
	if s.Format == "date-time" {
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			c.problem(path, "is no date and time of RFC 3339")
		}
	}
}

func (c *shapeCheck) checkObject(s shape, path string, object map[string]any) {
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			c.problem(path, "lacks %q", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.DependentRequired)) {
		if _, ok := object[name]; !ok {
			continue
		}
		for _, needed := range s.DependentRequired[name] {
			if _, ok := object[needed]; !ok {
				c.problem(path, "lacks %q, which %q needs", needed, name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if property, ok := s.Properties[name]; ok {
			c.check(property, path+"/"+name, object[name])
		} else if s.AdditionalProperties != nil {
			c.check(*s.AdditionalProperties, path+"/"+name, object[name])
		}
	}
}

// isOfType says whether value has the type of that name. A number without a
// fraction is an integer, however it is spelled.
func isOfType(name string, value any) bool {
	switch value := value.(type) {
	case nil:
		return name == "null"
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && value == float64(int64(value))
	case []any:
		return name == "array"
	default:
		return name == "object"
	}
}

// Laid says whether JSON is laid out as this project's files are: two spaces, a
// line feed at the end. The checksum of a manifest does not see white space.
func Laid(data []byte) bool {
	out, err := indent(slices.Clone(data))
	return err == nil && string(out) == string(data)
}
