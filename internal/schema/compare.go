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
	if SameValue(before.Raw, after.Raw) {
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

// SameValue says whether two texts of good JSON, such as those of two definitions, are
// the same but for the white space between their tokens and the order of the keys in
// their objects, and so have one digest. It is what most collections come to. False
// tells nothing: one number or string may be spelled in two ways, the order of
// properties is none, and keys more than 8 levels deep are taken in the order they have.
func SameValue(a, b []byte) bool {
	if len(a) == len(b) && len(a) > 0 && &a[0] == &b[0] {
		return true
	}
	s, other := scanner{raw: a, at: skipSpace(a, 0)}, scanner{raw: b, at: skipSpace(b, 0)}
	return s.sameValue(&other, 8) && skipSpace(a, s.at) == len(a) && skipSpace(b, other.at) == len(b)
}

// sameValue compares the values that begin here and, where they are the same, goes
// behind them. The keys of so many levels may be in another order: a limit, since
// each level of those is gone over once more than the one around it.
func (s *scanner) sameValue(other *scanner, levels int) bool {
	if levels > 0 && s.at < len(s.raw) && s.raw[s.at] == '{' {
		return s.sameMembers(other, levels)
	}
	return s.sameText(other)
}

// sameText is sameValue where all keys are in one order.
func (s *scanner) sameText(other *scanner) bool {
	for depth := 0; s.at < len(s.raw) && other.at < len(other.raw); {
		switch c := s.raw[s.at]; c {
		case '{', '[', '}', ']', ',', ':':
			if other.raw[other.at] != c {
				return false
			}
			switch c {
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			s.at, other.at = s.at+1, other.at+1
		default:
			if !s.sameToken(other) {
				return false
			}
		}
		if depth == 0 {
			return true
		}
		s.at, other.at = skipSpace(s.raw, s.at), skipSpace(other.raw, other.at)
	}
	return false
}

// sameToken compares the strings, numbers or words that begin here and, where they
// are the same, goes behind them.
func (s *scanner) sameToken(other *scanner) bool {
	end := s.at + tokenLength(s.raw, s.at)
	otherEnd := other.at + end - s.at
	if otherEnd > len(other.raw) || !bytes.Equal(s.raw[s.at:end], other.raw[other.at:otherEnd]) {
		return false
	}
	// A string ends at its quote, whatever follows. The others may go on.
	if s.raw[s.at] != '"' && tokenLength(other.raw, other.at) != end-s.at {
		return false
	}
	s.at, other.at = end, otherEnd
	return true
}

// tokenLength is the length of the string, the number or the word that begins at from.
func tokenLength(raw []byte, from int) int {
	if raw[from] == '"' {
		return min(closingQuote(raw, from)+1, len(raw)) - from
	}
	for at := from; at < len(raw); at++ {
		switch raw[at] {
		case ',', '}', ']', ':', ' ', '\n', '\t', '\r':
			return at - from
		}
	}
	return len(raw) - from
}

// sameMembers is sameValue for two objects: key by key while the keys are the same,
// which most are.
func (s *scanner) sameMembers(other *scanner, levels int) bool {
	if s.open('{') != nil || other.open('{') != nil {
		return false
	}
	for s.more() && other.more() {
		at, otherAt := s.at, other.at
		if !s.sameToken(other) {
			s.at, other.at = at, otherAt
			return s.sameMembersUnordered(other, levels)
		}
		s.skip(':')
		other.skip(':')
		if !s.sameValue(other, levels-1) {
			return false
		}
	}
	if s.more() || other.more() {
		return false
	}
	s.skip('}')
	other.skip('}')
	return true
}

// memberAt is a key, and the offset at which its value begins.
type memberAt struct {
	key   []byte
	start int
}

// startOf is where the value of the key begins, and -1 where there is none.
func startOf(members []memberAt, key []byte) int {
	for _, m := range members {
		if bytes.Equal(m.key, key) {
			return m.start
		}
	}
	return -1
}

// sameMembersUnordered compares what is left of two objects, whatever the order of
// the keys.
func (s *scanner) sameMembersUnordered(other *scanner, levels int) bool {
	members := make([]memberAt, 0, 32) // enough for most, and on the stack then
	for other.more() {
		key, err := other.key()
		start := other.at
		if err == nil {
			_, _, err = other.value()
		}
		if err != nil {
			return false
		}
		members = append(members, memberAt{key, start})
	}
	count := 0
	for s.more() {
		key, err := s.key()
		value := scanner{raw: other.raw, at: startOf(members, key)}
		if err != nil || value.at < 0 || !s.sameValue(&value, levels-1) {
			return false
		}
		count++
	}
	s.skip('}')
	other.skip('}')
	return count == len(members)
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
