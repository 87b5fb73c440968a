package schema

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Destination is how a definition changes on its way to another server, or to a
// place beside the original.
type Destination struct {
	// Names are new names of collections by old ones. References follow; a name
	// that is not in it stays.
	Names map[string]string
	// ReplicationFactor replaces that of the definition; 0 leaves it.
	ReplicationFactor int
}

// For gives the definition to create the collection with: under its new name,
// and without what a server computes itself and refuses or ignores on input (see
// [Collection.Canonical]). All else is the bytes of Raw.
//
// A multi-tenant collection loses its shardingConfig: servers show one of zeros,
// and refuse it with "cannot have both shardingConfig and multiTenancyConfig"
// (1.27.0 to 1.39.0).
func (c Collection) For(d Destination) (Collection, error) {
	var out bytes.Buffer
	out.Grow(len(c.Raw))
	factor := false
	err := rewriteObject(&out, c.Raw, func(name string, value jsontext.Value) (jsontext.Value, error) {
		switch name {
		case "class":
			return d.name(value)
		case "shardingConfig":
			if c.MultiTenant {
				return nil, nil
			}
			return Without(value, serverOwned[name]...)
		case "replicationConfig":
			factor = true
			return d.replication(value)
		case "properties":
			return d.properties(value)
		default:
			return value, nil
		}
	})
	if err != nil {
		return Collection{}, err
	}
	raw := out.Bytes()
	if d.ReplicationFactor > 0 && !factor {
		raw = slices.Concat(raw[:len(raw)-1], []byte(`,"replicationConfig":{"factor":`+strconv.Itoa(d.ReplicationFactor)+`}}`))
	}
	return Parse(raw)
}

// name gives the new name of the collection that value names.
func (d Destination) name(value jsontext.Value) (jsontext.Value, error) {
	old, err := text(value)
	if err != nil {
		return nil, err
	}
	if renamed, ok := d.Names[old]; ok && isReference(old) {
		return jsontext.AppendQuote(nil, renamed)
	}
	return value, nil
}

// replication gives replicationConfig with the factor that is asked for.
func (d Destination) replication(value jsontext.Value) (jsontext.Value, error) {
	if d.ReplicationFactor == 0 {
		return value, nil
	}
	if value.Kind() == 'n' {
		value = jsontext.Value("{}")
	}
	return replaceMember(value, "factor", jsontext.Value(strconv.Itoa(d.ReplicationFactor)))
}

// properties gives the properties without what the server owns, and with
// references that follow the new names.
func (d Destination) properties(list jsontext.Value) (jsontext.Value, error) {
	return rewriteArray(list, func(property jsontext.Value) (jsontext.Value, error) {
		if property.Kind() != '{' {
			return property, nil
		}
		var out bytes.Buffer
		err := rewriteObject(&out, property, func(key string, value jsontext.Value) (jsontext.Value, error) {
			switch {
			case slices.Contains(serverOwned["properties"], key):
				return nil, nil
			case key == "nestedProperties":
				return d.properties(value)
			case key == "dataType":
				return rewriteArray(value, d.dataType)
			default:
				return value, nil
			}
		})
		return out.Bytes(), err
	})
}

// dataType gives one data type: the new name of a collection, or what it was.
func (d Destination) dataType(value jsontext.Value) (jsontext.Value, error) {
	if value.Kind() != '"' {
		return value, nil
	}
	return d.name(value)
}

// rewriteArray gives the array with the elements that change gives instead;
// what is no array stays as it is. A nil element is left out.
func rewriteArray(list jsontext.Value, change func(jsontext.Value) (jsontext.Value, error)) (jsontext.Value, error) {
	if list.Kind() != '[' {
		return list, nil
	}
	out := append(make([]byte, 0, len(list)), '[')
	err := Elements(list, func(value jsontext.Value) error {
		value, err := change(value)
		if err != nil || value == nil {
			return err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, value...)
		return nil
	})
	return append(out, ']'), err
}

// replaceMember gives the object with one member's value replaced, or added at
// its end; a nil value leaves the member out.
func replaceMember(object jsontext.Value, key string, value jsontext.Value) (jsontext.Value, error) {
	var out bytes.Buffer
	found := false
	err := rewriteObject(&out, object, func(name string, old jsontext.Value) (jsontext.Value, error) {
		if name != key {
			return old, nil
		}
		found = true
		return value, nil
	})
	if err != nil || found || value == nil {
		return out.Bytes(), err
	}
	return addMember(out.Bytes(), key, value)
}

// addMember gives the object, which it may change, with one member more at its end.
func addMember(object jsontext.Value, key string, value jsontext.Value) (jsontext.Value, error) {
	quoted, err := jsontext.AppendQuote(nil, key)
	if err != nil {
		return nil, err
	}
	body := object[:len(object)-1]
	if len(body) > 1 {
		body = append(body, ',')
	}
	return slices.Concat(body, quoted, []byte{':'}, value, []byte{'}'}), nil
}

// Apply gives the definition with the After of each difference in place. It is
// for members of objects and properties that both sides have, and for named
// vectors to add: what else is to be added to a list is not in the result.
func (c Collection) Apply(changes []Difference) (Collection, error) {
	if len(changes) == 0 {
		return c, nil
	}
	all := make([]replacement, len(changes))
	for i, change := range changes {
		all[i] = replacement{change.Path, change.After}
	}
	raw, err := replaceAll(nil, c.Raw, all)
	if err != nil {
		return Collection{}, err
	}
	return Parse(raw)
}

// replacement is a value for what stands at the path; nil leaves it out.
type replacement struct {
	path Path
	with jsontext.Value
}

// replaceAll replaces parts of the value at the path, in one walk over it. Their
// paths start there, and none leads into another.
func replaceAll(at Path, value jsontext.Value, all []replacement) (jsontext.Value, error) {
	if len(all[0].path) == 0 {
		return all[0].with, nil
	}
	below := make(map[string][]replacement)
	for _, r := range all {
		below[r.path[0]] = append(below[r.path[0]], replacement{r.path[1:], r.with})
	}
	replace := func(name string, old jsontext.Value) (jsontext.Value, error) {
		if inside, ok := below[name]; ok {
			return replaceAll(at.child(name), old, inside)
		}
		return old, nil
	}
	if at.isProperties() {
		return rewriteArray(value, func(property jsontext.Value) (jsontext.Value, error) {
			name, err := propertyName(property)
			if err != nil {
				return nil, err
			}
			return replace(name, property)
		})
	}
	if value.Kind() != '{' {
		return value, nil
	}
	var out bytes.Buffer
	found := make(map[string]bool)
	err := rewriteObject(&out, value, func(name string, old jsontext.Value) (jsontext.Value, error) {
		found[name] = true
		return replace(name, old)
	})
	result := jsontext.Value(out.Bytes())
	for _, r := range all {
		if err == nil && len(r.path) == 1 && r.with != nil && !found[r.path[0]] {
			result, err = addMember(result, r.path[0], r.with)
		}
	}
	return result, err
}
