package schema

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner walks over the parts of one object or list. Its bytes are good JSON, by
// [Validate]: it looks for the ends of values and checks nothing again, which makes
// it ten times as fast as a decoder, and a definition is walked over level by
// level. Bytes that are no good JSON give an error or wrong parts, never parts that
// are not of them.
type scanner struct {
	raw []byte
	at  int
}

// Members calls f for each member of the JSON object in raw, in order. The value is
// a part of raw, which has gone through [Validate]. What is no object is an error.
func Members(raw []byte, f func(name string, value jsontext.Value) error) error {
	return eachPart(raw, func(name string, value jsontext.Value, _ int) error { return f(name, value) })
}

// eachPart is [Members] with the offset of the value in raw.
func eachPart(raw []byte, f func(name string, value jsontext.Value, start int) error) error {
	s := scanner{raw: raw}
	if err := s.open('{'); err != nil {
		return err
	}
	for s.more() {
		name, err := s.name()
		if err != nil {
			return err
		}
		value, start, err := s.value()
		if err != nil {
			return err
		}
		if err := f(name, value, start); err != nil {
			return err
		}
	}
	return nil
}

// Elements calls f for each element of the JSON array in raw, as [Members]
// does for objects.
func Elements(raw []byte, f func(value jsontext.Value) error) error {
	return eachElement(raw, func(value jsontext.Value, _ int) error { return f(value) })
}

// eachElement is [Elements] with the offset of the value in raw.
func eachElement(raw []byte, f func(value jsontext.Value, start int) error) error {
	s := scanner{raw: raw}
	if err := s.open('['); err != nil {
		return err
	}
	for s.more() {
		value, start, err := s.value()
		if err != nil {
			return err
		}
		if err := f(value, start); err != nil {
			return err
		}
	}
	return nil
}

// open goes behind the bracket that the value begins with.
func (s *scanner) open(bracket jsontext.Kind) error {
	kind := jsontext.Value(s.raw[s.at:]).Kind()
	if kind != bracket {
		return fmt.Errorf("%s where %s is expected", kindName(kind), kindName(bracket))
	}
	s.skip(byte(bracket))
	return nil
}

// more goes to the next part. It says whether there is one.
func (s *scanner) more() bool {
	s.skip(',')
	return s.at < len(s.raw) && s.raw[s.at] != '}' && s.raw[s.at] != ']'
}

// skip goes behind white space, and the byte where it is the next.
func (s *scanner) skip(c byte) {
	s.at = skipSpace(s.raw, s.at)
	if s.at < len(s.raw) && s.raw[s.at] == c {
		s.at = skipSpace(s.raw, s.at+1)
	}
}

// name gives the name of a member, and goes to its value.
func (s *scanner) name() (string, error) {
	key, err := s.key()
	return string(key), err
}

// key is name, without a copy where it is spelled plainly.
func (s *scanner) key() ([]byte, error) {
	quoted, _, err := s.value()
	if err != nil {
		return nil, err
	}
	key, err := textBytes(quoted)
	if err != nil {
		return nil, fault(err)
	}
	s.skip(':')
	return key, nil
}

// value gives the value that begins here, goes behind it, and tells where it began.
func (s *scanner) value() (value jsontext.Value, start int, err error) {
	start, depth := s.at, 0
	for i := start; i < len(s.raw); i++ {
		switch s.raw[i] {
		case '"':
			if i = closingQuote(s.raw, i); depth == 0 {
				return s.cut(start, i+1)
			}
		case '{', '[':
			depth++
		case '}', ']':
			switch depth--; depth {
			case 0:
				return s.cut(start, i+1)
			case -1:
				return s.cut(start, i)
			}
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return s.cut(start, i)
			}
		}
	}
	return s.cut(start, len(s.raw)+1)
}

// cut is the part from start to end, which the scanner goes to.
func (s *scanner) cut(start, end int) (jsontext.Value, int, error) {
	if end > len(s.raw) || end == start {
		return nil, start, fault(io.ErrUnexpectedEOF)
	}
	s.at = end
	return s.raw[start:end:end], start, nil
}

// closingQuote is the offset of the quote that ends the string whose first quote is
// at from; the length of raw where there is none.
func closingQuote(raw []byte, from int) int {
	for i := from + 1; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			return i
		case '\\':
			i++ // the next byte is of the string, whatever it is
		}
	}
	return len(raw)
}

// Compact gives JSON that has gone through [Validate] without the white space
// between its tokens.
func Compact(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	copied := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = closingQuote(raw, i)
		case ' ', '\n', '\t', '\r':
			out = append(out, raw[copied:i]...)
			copied = skipSpace(raw, i)
			i = copied - 1
		}
	}
	return append(out, raw[copied:]...)
}
