package schema

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"

	"github.com/go-json-experiment/json/jsontext"
)

// serverOwned are the members that the server computes and that no client can
// set, by the object that holds them. They are left out of the canonical form.
// (Observed by round trips through 1.27.0, 1.35.2 and 1.39.0.)
//
// replicationConfig.asyncEnabled is not among them: since 1.38 the server
// derives it, but before that it was a setting, and a digest must never hide
// a setting.
var serverOwned = map[string][]string{
	// recomputed from desiredCount and virtualPerPhysical, input is ignored
	"shardingConfig": {"actualCount", "actualVirtualCount", "desiredVirtualCount"},
	// bucketGeneration counts rebuilds of an index since 1.38;
	// searchableBlockmax is cleared on input by 1.39
	"properties": {"bucketGeneration", "searchableBlockmax"},
}

// Canonical gives the form of a collection's definition that is the same on
// every read: server-owned members are left out, properties and nested
// properties are sorted by name (a PUT re-orders them, even one that the
// server refuses: seen on 1.35.2 and 1.39.0), an empty textAnalyzer is as if
// absent, the all-zero shardingConfig that the server shows for a multi-tenant
// collection is dropped, and the rest is written by RFC 8785 (keys sorted,
// one spelling for each number and string).
//
// As RFC 8785 wants it, numbers are IEEE 754 doubles: integers beyond 2^53
// that differ by less than a double can tell have one canonical form. The
// server holds its own module settings as doubles too.
func (c Collection) Canonical() ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(c.Raw))
	err := rewriteObject(&out, c.Raw, func(name string, value jsontext.Value) (jsontext.Value, error) {
		switch name {
		case "shardingConfig":
			if c.MultiTenant {
				return nil, nil
			}
			return Without(value, serverOwned[name]...)
		case "properties":
			return canonicalProperties(value)
		default:
			return value, nil
		}
	})
	if err != nil {
		return nil, err
	}
	form := jsontext.Value(out.Bytes())
	if err := form.Canonicalize(); err != nil {
		return nil, fault(err)
	}
	return form, nil
}

// Digest is "sha256:" and the hash of the canonical form in hex.
func (c Collection) Digest() (string, error) {
	form, err := c.Canonical()
	if err != nil {
		return "", fmt.Errorf("collection %s: %w", c.Name, err)
	}
	return SHA256(form), nil
}

// SHA256 is "sha256:" and the hash of data in hex, the spelling of every
// checksum in this project's files.
func SHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// canonicalProperties sorts properties (or nested properties) by name and
// leaves out of each what the server owns.
func canonicalProperties(raw jsontext.Value) (jsontext.Value, error) {
	if raw.Kind() != '[' {
		return raw, nil
	}
	type property struct {
		name string
		raw  jsontext.Value
	}
	var all []property
	size := len(raw)
	err := Elements(raw, func(value jsontext.Value) error {
		name, value, err := canonicalProperty(value)
		all = append(all, property{name, value})
		return err
	})
	if err != nil {
		return nil, err
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].name < all[j].name }) // a generic sort adds 4 KB to the program

	out := append(make([]byte, 0, size), '[')
	for i, p := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, p.raw...)
	}
	return append(out, ']'), nil
}

// canonicalProperty gives the name of a property, and the property without what
// the server owns. Most have nothing of the kind and are given as they are.
func canonicalProperty(raw jsontext.Value) (name string, canonical jsontext.Value, err error) {
	drop := func(key string, value jsontext.Value) bool {
		return slices.Contains(serverOwned["properties"], key) || (key == "textAnalyzer" && isEmpty(value))
	}
	change := false
	err = Members(raw, func(key string, value jsontext.Value) error {
		if key == "name" && value.Kind() == '"' {
			var err error
			name, err = text(value)
			return err
		}
		change = change || key == "nestedProperties" || drop(key, value)
		return nil
	})
	if err != nil || !change {
		return name, raw, err
	}
	var out bytes.Buffer
	err = rewriteObject(&out, raw, func(key string, value jsontext.Value) (jsontext.Value, error) {
		switch {
		case key == "nestedProperties":
			return canonicalProperties(value)
		case drop(key, value):
			return nil, nil
		default:
			return value, nil
		}
	})
	return name, out.Bytes(), err
}

// rewriteObject writes the object in raw with the values that change gives
// instead; a nil value leaves the member out.
func rewriteObject(out *bytes.Buffer, raw []byte, change func(name string, value jsontext.Value) (jsontext.Value, error)) error {
	separator := byte('{')
	err := Members(raw, func(name string, value jsontext.Value) error {
		value, err := change(name, value)
		if err != nil || value == nil {
			return err
		}
		quoted, err := jsontext.AppendQuote(nil, name)
		if err != nil {
			return err
		}
		out.WriteByte(separator)
		out.Write(quoted)
		out.WriteByte(':')
		out.Write(value)
		separator = ','
		return nil
	})
	if separator == '{' {
		out.WriteByte('{')
	}
	out.WriteByte('}')
	return err
}

// Without gives the object in raw, which has gone through [Validate], without the
// named members. What is no object stays as it is.
func Without(raw jsontext.Value, names ...string) (jsontext.Value, error) {
	if raw.Kind() != '{' {
		return raw, nil
	}
	var out bytes.Buffer
	err := rewriteObject(&out, raw, func(name string, value jsontext.Value) (jsontext.Value, error) {
		if slices.Contains(names, name) {
			return nil, nil
		}
		return value, nil
	})
	return out.Bytes(), err
}

// isEmpty says whether value is {} or null.
func isEmpty(value jsontext.Value) bool {
	if value.Kind() == 'n' {
		return true
	}
	empty := value.Kind() == '{'
	if empty {
		// An object that is not good JSON is not called empty: the caller's own
		// pass over the bytes reports it.
		if err := Members(value, func(string, jsontext.Value) error { empty = false; return nil }); err != nil {
			return false
		}
	}
	return empty
}
