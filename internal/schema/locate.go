package schema

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// maxLocated is how many keys of a path are looked for: in a file that is indented
// the deep places take long, and a line that far down helps nobody.
const maxLocated = 32

// Line is the line, from 1, on which the value at the path begins in a file that
// holds a definition under the key "schema"; that of the innermost part of the
// path which is there, where the whole is not, or is more than 32 keys deep.
func Line(file []byte, path Path) (int, error) {
	offset := 0
	err := eachPart(file, func(key string, value jsontext.Value, start int) error {
		if key != "schema" {
			return nil
		}
		inside, err := locate(nil, value, path[:min(len(path), maxLocated)])
		offset = start + inside
		return err
	})
	return 1 + bytes.Count(file[:offset], []byte{'\n'}), err
}

// locate gives the offset in value of what is at the rest of the path.
func locate(at Path, value jsontext.Value, rest Path) (int, error) {
	if len(rest) == 0 {
		return 0, nil
	}
	offset := 0
	visit := func(key string, part jsontext.Value, start int) error {
		if key != rest[0] {
			return nil
		}
		inside, err := locate(at.child(key), part, rest[1:])
		offset = start + inside
		return err
	}
	var err error
	switch {
	case value.Kind() == '{':
		err = eachPart(value, visit)
	case value.Kind() == '[' && at.isProperties():
		err = eachElement(value, func(property jsontext.Value, start int) error {
			name, err := member(property, "name", text)
			if err != nil {
				return err
			}
			return visit(name, property, start)
		})
	}
	return offset, err
}
