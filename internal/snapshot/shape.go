package snapshot

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

//go:embed snapshot.schema.json
var snapshotSchema []byte

//go:embed manifest.schema.json
var manifestSchema []byte

// CheckShape holds a snapshot file, which [Decode] has read, against
// snapshot.schema.json, and gives every place where it differs, in order.
func CheckShape(data []byte) ([]string, error) { return checkShape(snapshotShape, data) }

// CheckManifestShape is [CheckShape] for a manifest, which [DecodeManifest] has
// read, and manifest.schema.json.
func CheckManifestShape(data []byte) ([]string, error) { return checkShape(manifestShape, data) }

// The JSON Schemas are read once: a backup has many files.
var (
	snapshotShape = sync.OnceValues(func() (shape, error) { return readShape(snapshotSchema) })
	manifestShape = sync.OnceValues(func() (shape, error) { return readShape(manifestSchema) })
)

// shape is the part of JSON Schema (draft 2020-12) that the two files are
// written in. A library for all of it would be a good part of the program.
type shape struct {
	Schema      string            `json:"$schema"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Defs        map[string]*shape `json:"$defs"`
	Ref         string            `json:"$ref"`

	Type                 oneOrMore           `json:"type"`
	Const                string              `json:"const"`
	Format               string              `json:"format"`
	Pattern              pattern             `json:"pattern"`
	MinLength            int                 `json:"minLength"`
	Minimum              *float64            `json:"minimum"`
	MaxItems             *int                `json:"maxItems"`
	Required             []string            `json:"required"`
	DependentRequired    map[string][]string `json:"dependentRequired"`
	Properties           map[string]*shape   `json:"properties"`
	AdditionalProperties *shape              `json:"additionalProperties"`
	Items                *shape              `json:"items"`
}

// pattern is a regular expression, compiled once.
type pattern struct{ *regexp.Regexp }

// UnmarshalText compiles it.
func (p *pattern) UnmarshalText(text []byte) (err error) {
	p.Regexp, err = regexp.Compile(string(text))
	return err
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
	c := shapeCheck{defs: root.Defs}
	err = c.check(&root, data)
	slices.Sort(c.problems)
	return c.problems, err
}

// shapeCheck collects what is wrong. It looks no deeper than the JSON Schema has
// something to say.
type shapeCheck struct {
	defs     map[string]*shape
	path     []string // to the value that is looked at
	problems []string
}

func (c *shapeCheck) problem(format string, args ...any) {
	place := "the file"
	if len(c.path) > 0 {
		place = "/" + strings.Join(c.path, "/")
	}
	c.problems = append(c.problems, place+" "+fmt.Sprintf(format, args...))
}

// checkPart is check for a member or an element.
func (c *shapeCheck) checkPart(s *shape, name string, value jsontext.Value) error {
	c.path = append(c.path, name)
	err := c.check(s, value)
	c.path = c.path[:len(c.path)-1]
	return err
}

func (c *shapeCheck) check(s *shape, value jsontext.Value) error {
	if s.Ref != "" {
		s = c.defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
	}
	if len(s.Type) > 0 && !slices.ContainsFunc(s.Type, func(name string) bool { return isOfType(name, value) }) {
		c.problem("is not of type %s", strings.Join(s.Type, " or "))
		return nil
	}
	if s.Const != "" && !isText(value, s.Const) {
		c.problem("is not %s", s.Const)
	}
	switch value.Kind() {
	case '"':
		return c.checkText(s, value)
	case '0':
		if s.Minimum != nil && asNumber(value) < *s.Minimum {
			c.problem("is below %v", *s.Minimum)
		}
	case '[':
		return c.checkList(s, value)
	case '{':
		return c.checkObject(s, value)
	default:
	}
	return nil
}

func (c *shapeCheck) checkText(s *shape, value jsontext.Value) error {
	unquoted, err := jsontext.AppendUnquote(nil, value)
	if err != nil {
		return err
	}
	text := string(unquoted)
	if utf8.RuneCountInString(text) < s.MinLength {
		c.problem("is shorter than %d", s.MinLength)
	}
	if s.Pattern.Regexp != nil && !s.Pattern.MatchString(text) {
		c.problem("does not match %s", s.Pattern)
	}
	if s.Format == "date-time" {
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			c.problem("is no date and time of RFC 3339")
		}
	}
	return nil
}

func (c *shapeCheck) checkList(s *shape, value jsontext.Value) error {
	if s.MaxItems == nil && s.Items == nil {
		return nil
	}
	n := 0
	err := schema.Elements(value, func(item jsontext.Value) error {
		n++
		if s.Items == nil {
			return nil
		}
		return c.checkPart(s.Items, strconv.Itoa(n-1), item)
	})
	if s.MaxItems != nil && n > *s.MaxItems {
		c.problem("has more than %d items", *s.MaxItems)
	}
	return err
}

func (c *shapeCheck) checkObject(s *shape, value jsontext.Value) error {
	if len(s.Required)+len(s.DependentRequired)+len(s.Properties) == 0 && s.AdditionalProperties == nil {
		return nil
	}
	var names []string
	err := schema.Members(value, func(name string, value jsontext.Value) error {
		names = append(names, name)
		if property, ok := s.Properties[name]; ok {
			return c.checkPart(property, name, value)
		}
		if s.AdditionalProperties != nil {
			return c.checkPart(s.AdditionalProperties, name, value)
		}
		return nil
	})
	for _, name := range s.Required {
		if !slices.Contains(names, name) {
			c.problem("lacks %q", name)
		}
	}
	for name, others := range s.DependentRequired {
		if !slices.Contains(names, name) {
			continue
		}
		for _, needed := range others {
			if !slices.Contains(names, needed) {
				c.problem("lacks %q, which %q needs", needed, name)
			}
		}
	}
	return err
}

// isOfType says whether value has the type of that name. A number without a
// fraction is an integer, however it is spelled.
func isOfType(name string, value jsontext.Value) bool {
	switch value.Kind() {
	case 'n':
		return name == "null"
	case '"':
		return name == "string"
	case 't', 'f':
		return name == "boolean"
	case '0':
		n := asNumber(value)
		return name == "number" || name == "integer" && n == float64(int64(n))
	case '[':
		return name == "array"
	default:
		return name == "object"
	}
}

// isText says whether value is that text, however it is spelled.
func isText(value jsontext.Value, text string) bool {
	if value.Kind() != '"' {
		return false
	}
	unquoted, err := jsontext.AppendUnquote(nil, value)
	return err == nil && string(unquoted) == text
}

// asNumber is a number as every JSON parser can hold it.
func asNumber(value jsontext.Value) float64 {
	n, _ := strconv.ParseFloat(string(value), 64) // beyond its range it is infinite, which is no integer
	return n
}

// Laid says whether JSON is laid out as this project's files are: two spaces, a
// line feed at the end. The checksum of a manifest does not see white space.
func Laid(data []byte) bool {
	out, err := indent(slices.Clone(data))
	return err == nil && string(out) == string(data)
}
