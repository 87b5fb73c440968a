package schema

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Collection is the definition of one collection: the server's bytes, and what
// is understood of them.
type Collection struct {
	// Name is the value of "class".
	Name string
	// Raw is the definition as the server sent it.
	Raw jsontext.Value
	// Properties is the number of properties, nested ones not counted.
	Properties int
	// PropertyNames are theirs, in their order.
	PropertyNames []string
	// Vectors describes each vector: "name (index type)" for a named vector,
	// the index type alone for the unnamed one of older collections.
	Vectors []string
	// ReplicationFactor is the number of replicas of each shard; 0 where the
	// definition does not say.
	ReplicationFactor int
	// MultiTenant says whether the objects are kept by tenant.
	MultiTenant bool
	// References are the cross-references of its properties, in their order,
	// one for each target.
	References []Reference

	// description is a part of Raw: any text, and it may be most of the definition.
	description jsontext.Value
}

// describedAs says whether text is the description, which is for people.
func (c Collection) describedAs(text string) bool {
	const longestEscape = len(`\u0000`)
	if len(c.description) > 2+longestEscape*len(text) {
		return false
	}
	unquoted, err := jsontext.AppendUnquote(nil, c.description)
	return err == nil && string(unquoted) == text
}

// Reference is a property that points to objects of another collection, or of
// its own.
type Reference struct{ Property, Target string }

// Parse reads the definition of one collection. Raw of the result is raw
// itself.
func Parse(raw []byte) (Collection, error) {
	if err := Validate(raw); err != nil {
		return Collection{}, err
	}
	return ParseValid(raw)
}

// ParseValid is [Parse] for bytes that have gone through [Validate], or are a part
// of such.
func ParseValid(raw []byte) (Collection, error) {
	c := Collection{Raw: raw}
	s := scanner{raw: raw}
	if err := s.open('{'); err != nil {
		return Collection{}, err
	}
	for s.more() {
		key, err := s.key()
		if err != nil {
			return Collection{}, err
		}
		if err := c.parseMember(&s, key); err != nil {
			return Collection{}, fmt.Errorf("%s: %w", key, err)
		}
	}
	if c.Name == "" {
		return Collection{}, errors.New(`no "class", the name of the collection`)
	}
	return c, nil
}

// parseMember takes what is understood of the value that begins here, and goes
// behind it.
func (c *Collection) parseMember(s *scanner, key []byte) error {
	if string(key) == "properties" { // most of a definition, which is gone over once
		return c.parseProperties(s)
	}
	value, _, err := s.value()
	if err != nil {
		return err
	}
	switch string(key) {
	case "class":
		c.Name, err = text(value)
	case "description":
		err = c.parseDescription(value)
	case "vectorIndexType":
		err = c.parseIndexType(value)
	case "vectorConfig":
		err = c.parseVectors(value)
	case "replicationConfig":
		c.ReplicationFactor, err = member(value, "factor", number)
	case "multiTenancyConfig":
		c.MultiTenant, err = member(value, "enabled", boolean)
	}
	return err
}

func (c *Collection) parseDescription(raw jsontext.Value) error {
	switch raw.Kind() {
	case 'n':
	case '"':
		c.description = raw
	default:
		return fmt.Errorf("%s where a string is expected", kindName(raw.Kind()))
	}
	return nil
}

func (c *Collection) parseProperties(s *scanner) error {
	if jsontext.Value(s.raw[s.at:]).Kind() == 'n' {
		_, _, err := s.value()
		return err
	}
	if err := s.open('['); err != nil {
		return err
	}
	for s.more() {
		if err := c.parseProperty(s); err != nil {
			return err
		}
	}
	s.skip(']')
	return nil
}

func (c *Collection) parseProperty(s *scanner) error {
	if err := s.open('{'); err != nil {
		return err
	}
	var name string
	var types []string
	for s.more() {
		key, err := s.key()
		if err != nil {
			return err
		}
		value, _, err := s.value()
		if err != nil {
			return err
		}
		switch {
		case string(key) == "name":
			name, err = text(value)
		case string(key) == "dataType" && value.Kind() != 'n':
			types, err = texts(value)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	s.skip('}')
	c.Properties++
	c.PropertyNames = append(c.PropertyNames, name)
	for _, t := range types {
		if isReference(t) {
			c.References = append(c.References, Reference{Property: name, Target: t})
		}
	}
	return nil
}

// isReference says whether a data type is the name of a collection: those start
// with a capital (entities/schema/data_types.go, v1.39.0).
func isReference(dataType string) bool {
	return dataType != "" && dataType[0] >= 'A' && dataType[0] <= 'Z'
}

// parseIndexType takes the index of the vector that has no name.
func (c *Collection) parseIndexType(raw jsontext.Value) error {
	indexType, err := text(raw)
	if indexType != "" {
		c.Vectors = append(c.Vectors, indexType)
	}
	return err
}

func (c *Collection) parseVectors(raw jsontext.Value) error {
	if raw.Kind() == 'n' {
		return nil
	}
	var named []string
	err := Members(raw, func(name string, value jsontext.Value) error {
		indexType, err := member(value, "vectorIndexType", text)
		if err != nil {
			return err
		}
		named = append(named, fmt.Sprintf("%s (%s)", name, indexType))
		return nil
	})
	slices.Sort(named)
	c.Vectors = append(c.Vectors, named...)
	return err
}

// member reads one member of an object; the zero value where the object, or
// the member, is absent or null.
func member[T any](object jsontext.Value, key string, read func(jsontext.Value) (T, error)) (T, error) {
	var result T
	if object.Kind() == 'n' {
		return result, nil
	}
	err := Members(object, func(name string, value jsontext.Value) error {
		if name != key || value.Kind() == 'n' {
			return nil
		}
		var err error
		result, err = read(value)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	return result, err
}

func text(value jsontext.Value) (string, error) {
	unquoted, err := textBytes(value)
	return string(unquoted), err
}

// textBytes is text, a part of value where it is spelled plainly.
func textBytes(value jsontext.Value) ([]byte, error) {
	if value.Kind() != '"' {
		return nil, fmt.Errorf("%s where a string is expected", kindName(value.Kind()))
	}
	if len(value) > 1 && bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1], nil
	}
	return jsontext.AppendUnquote(nil, value)
}

func texts(value jsontext.Value) ([]string, error) {
	var all []string
	err := Elements(value, func(element jsontext.Value) error {
		t, err := text(element)
		all = append(all, t)
		return err
	})
	return all, err
}

func number(value jsontext.Value) (int, error) {
	n, err := strconv.Atoi(string(value))
	if err != nil {
		return 0, fmt.Errorf("%s where a whole number is expected", value)
	}
	return n, nil
}

func boolean(value jsontext.Value) (bool, error) {
	switch value.Kind() {
	case 't':
		return true, nil
	case 'f':
		return false, nil
	default:
		return false, fmt.Errorf("%s where true or false is expected", kindName(value.Kind()))
	}
}

// Property gives the bytes of a property; nil where there is none.
func (c Collection) Property(name string) (jsontext.Value, error) {
	list, err := member(c.Raw, "properties", func(value jsontext.Value) (jsontext.Value, error) { return value, nil })
	if err != nil || list.Kind() != '[' {
		return nil, err
	}
	properties, err := propertiesByName(list)
	return properties[name], err
}
