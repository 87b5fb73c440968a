package schema

import (
	"bytes"
	"maps"

	"github.com/go-json-experiment/json/jsontext"
)

// Difference is one place at which two definitions differ.
type Difference struct {
	Path Path
	// Before and After are in the canonical form; nil where a side has nothing.
	Before, After jsontext.Value
}

// Added says that only the second definition has something there.
func (d Difference) Added() bool { return d.Before == nil }

// Removed says that only the first definition has something there.
func (d Difference) Removed() bool { return d.After == nil }

// Quote is a text as JSON.
func Quote(text string) jsontext.Value {
	quoted, err := jsontext.AppendQuote(nil, text)
	if err != nil { // bad UTF-8, which a decoded text never is
		return jsontext.Value(`""`)
	}
	return quoted
}

// Compare lists where two definitions differ in their canonical forms, sorted by
// path. What one side lacks as a whole (a property, a named vector) is one
// difference. Lists other than those of properties differ as a whole. A null in
// place of properties is a list of none, as servers write it.
//
// The names of the collections are compared too: give before another name first
// ([Collection.For]) where they are meant to differ.
func Compare(before, after Collection) ([]Difference, error) {
	if SameText(before.Raw, after.Raw) {
		return nil, nil
	}
	a, err := before.Canonical()
	if err != nil {
		return nil, err
	}
	b, err := after.Canonical()
	if err != nil {
		return nil, err
	}
	var found []Difference
	err = compare(nil, a, b, &found)
	return found, err
}

// SameText says whether the texts of two definitions are the same but for the white space between
// their tokens, and so have one digest. It is what most collections come to: a server
// gives the keys of a collection in one order.
func SameText(a, b []byte) bool {
	if len(a) == len(b) && len(a) > 0 && &a[0] == &b[0] {
		return true
	}
	return sameButSpace(a, b)
}

// sameButSpace says whether two texts of good JSON are the same but for the white
// space between their tokens.
func sameButSpace(a, b []byte) bool {
	i, j, inString := 0, 0, false
	for {
		if !inString {
			i, j = skipSpace(a, i), skipSpace(b, j)
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if a[i] != b[j] {
			return false
		}
		switch {
		case inString && a[i] == '\\':
			// The next byte is of the string, whatever it is.
			if i++; j+1 == len(b) || i == len(a) || a[i] != b[j+1] {
				return false
			}
			j++
		case a[i] == '"':
			inString = !inString
		}
		i++
		j++
	}
}

func skipSpace(text []byte, from int) int {
	for from < len(text) && (text[from] == ' ' || text[from] == '\n' || text[from] == '\t' || text[from] == '\r') {
		from++
	}
	return from
}

// compare adds the differences of two canonical values at path.
func compare(path Path, before, after jsontext.Value, found *[]Difference) error {
	if bytes.Equal(before, after) {
		return nil
	}
	a, err := parts(path, before)
	if err != nil {
		return err
	}
	b, err := parts(path, after)
	if err != nil {
		return err
	}
	if a == nil || b == nil {
		*found = append(*found, Difference{Path: path, Before: before, After: after})
		return nil
	}
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, key := range sortedKeys(keys) {
		if err := compare(path.child(key), a[key], b[key], found); err != nil {
			return err
		}
	}
	return nil
}

// parts are the members of an object, or the properties of a list by name; nil
// for a value that is compared as a whole.
func parts(path Path, value jsontext.Value) (map[string]jsontext.Value, error) {
	switch {
	case path.isProperties() && (value == nil || value.Kind() == 'n'):
		return map[string]jsontext.Value{}, nil // no list is as good as an empty one
	case value == nil:
		return nil, nil
	case value.Kind() == '{':
		all := make(map[string]jsontext.Value)
		return all, Members(value, func(key string, value jsontext.Value) error {
			all[key] = value
			return nil
		})
	case value.Kind() == '[' && path.isProperties():
		return propertiesByName(value)
	default:
		return nil, nil
	}
}

// propertiesByName gives each property under its name; nil where one has none,
// or two have the same.
func propertiesByName(list jsontext.Value) (map[string]jsontext.Value, error) {
	all := make(map[string]jsontext.Value)
	unnamed := false
	err := Elements(list, func(property jsontext.Value) error {
		name, err := propertyName(property)
		if _, twice := all[name]; twice || name == "" {
			unnamed = true
		}
		all[name] = property
		return err
	})
	if err != nil || unnamed {
		return nil, err
	}
	return all, nil
}

// propertyName is the name of a property; empty where it has none.
func propertyName(property jsontext.Value) (string, error) {
	if property.Kind() != '{' {
		return "", nil
	}
	return member(property, "name", func(name jsontext.Value) (string, error) {
		if name.Kind() != '"' {
			return "", nil
		}
		return text(name)
	})
}
