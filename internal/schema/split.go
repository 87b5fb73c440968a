package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/parallel"
)

// Split cuts the answer of GET /v1/schema into its collections, sorted by
// name: the server's own order is random (seen on 1.27, 1.35 and 1.39). The
// Raw bytes of each collection are a part of body, which must not be changed
// afterwards.
//
// It reads the whole of body: an answer that is cut short, is not JSON, holds
// a key twice in one object, lacks "classes", or has a collection without a
// name or two of one name is an error, so that half an answer never passes for
// a schema. Names are compared without case, as the server does.
func Split(body []byte) ([]Collection, error) {
	all, err := split(body)
	if err != nil {
		if err := Validate(body); err != nil { // it tells where the JSON itself is wrong
			return nil, err
		}
		return nil, err
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name }) // without a copy of the algorithm for the type, 25 KB
	seen := make(map[string]string, len(all))
	for _, c := range all {
		lower := strings.ToLower(c.Name)
		if other, ok := seen[lower]; ok {
			return nil, fmt.Errorf("collections %q and %q have one name", other, c.Name)
		}
		seen[lower] = c.Name
	}
	return all, nil
}

// split is Split without order. It validates the collections side by side, and the
// rest of the answer with a 0 in place of each: if all of them are good JSON, so is
// the whole.
func split(body []byte) ([]Collection, error) {
	var classes jsontext.Value
	first := 0
	err := eachPart(body, func(name string, value jsontext.Value, start int) error {
		if name == "classes" {
			classes, first = value, start
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if classes == nil {
		return nil, errors.New(`no "classes" in it`)
	}
	var values []jsontext.Value
	var rest []byte
	copied := 0
	err = eachElement(classes, func(value jsontext.Value, start int) error {
		values = append(values, value)
		rest = append(append(rest, body[copied:first+start]...), '0')
		copied = first + start + len(value)
		return nil
	})
	if err == nil {
		err = Validate(append(rest, body[copied:]...))
	}
	if err != nil {
		return nil, fmt.Errorf("classes: %w", err)
	}
	return parseAll(values)
}

// parseAll is [Parse] for each value, several at a time.
func parseAll(values []jsontext.Value) ([]Collection, error) {
	all := make([]Collection, len(values))
	err := parallel.Try(len(values), func(i int) error {
		var err error
		if all[i], err = Parse(values[i]); err != nil {
			return fmt.Errorf("classes: collection %d: %w", i+1, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// maxDepth is how deep objects and lists may lie in one another: a thousand
// properties within properties.
const maxDepth = 2500

// Validate accepts one JSON value: whole, with unique keys, good UTF-8, at most
// 2500 levels deep, and nothing behind it, none of which encoding/json insists on.
// One that is cut short is an io.ErrUnexpectedEOF.
//
// All other functions of this package walk over bytes that went through it once,
// and do not check this again.
func Validate(raw []byte) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if _, err := dec.ReadValue(); err != nil {
		return fault(err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more text after its end at byte %d", dec.InputOffset())
	}
	if countBrackets(raw) <= maxDepth {
		return nil // they are counted many times as fast as followed
	}
	if levels, _ := extent(raw); levels > maxDepth {
		return fmt.Errorf("objects and lists in it are %d levels deep, and at most %d are read", levels, maxDepth)
	}
	return nil
}

func countBrackets(raw []byte) int {
	return bytes.Count(raw, []byte("{")) + bytes.Count(raw, []byte("["))
}

// IndentedWithin says whether good JSON has at most so many bytes when each of its
// values has a line that begins with two blanks for each level: where many values lie
// deep, that is a thousand times as many as they have now. It never says so of JSON
// that has more.
func IndentedWithin(raw []byte, most int) bool {
	if len(raw)*2*(countBrackets(raw)+1) <= most {
		return true // which is seen many times as fast
	}
	_, indented := extent(raw)
	return indented <= most
}

// extent gives the number of levels of objects and lists in good JSON, and the most
// bytes that it has when it is indented, however much white space is in it now.
func extent(raw []byte) (deepest, indented int) {
	levels, inString := 0, false
	line := func() { indented += len("\n") + len("  ")*levels }
	for i := 0; i < len(raw); i++ {
		indented++
		switch c := raw[i]; {
		case c == '"':
			inString = !inString
		case inString && c == '\\':
			i++ // the next byte is of the string, whatever it is
			indented++
		case inString:
		case c == '{' || c == '[':
			levels++
			deepest = max(deepest, levels)
			line()
		case c == '}' || c == ']':
			levels--
			line()
		case c == ',':
			line()
		case c == ':':
			indented += len(" ")
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			indented--
		}
	}
	return deepest, indented
}

// fault turns the library's errors into plain words: an end that comes too
// soon is the most common fault on a bad network and is named as such.
func fault(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the JSON ends too soon: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("not good JSON: %w", err)
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "an array"
	default:
		return "a " + kind.String()
	}
}
