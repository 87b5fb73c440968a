package config

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden is what every printed form of a secret shows, an empty one too.
const hidden = "***"

// Secret is a text that no printed form shows: not fmt with any verb, not slog,
// not JSON. Only [Secret.Reveal] gives it.
type Secret string

// Reveal gives the text itself.
func (s Secret) Reveal() string { return string(s) }

// String gives ***.
func (s Secret) String() string { return hidden }

// GoString gives ***.
func (s Secret) GoString() string { return hidden }

// Format writes *** for every verb: with String alone, a verb that does not fit
// a string, such as %d, prints the text.
func (s Secret) Format(f fmt.State, _ rune) { writeHidden(f) }

// LogValue gives ***.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText gives ***, for JSON and every other encoding of text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// SecretBytes is a [Secret] for functions that take []byte, to which it can be
// assigned as it is.
type SecretBytes []byte

// String gives ***.
func (s SecretBytes) String() string { return hidden }

// GoString gives ***.
func (s SecretBytes) GoString() string { return hidden }

// Format writes *** for every verb.
func (s SecretBytes) Format(f fmt.State, _ rune) { writeHidden(f) }

// LogValue gives ***.
func (s SecretBytes) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText gives ***.
func (s SecretBytes) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// writeHidden drops the error: a fmt.Formatter has no way to return one.
func writeHidden(f fmt.State) { _, _ = io.WriteString(f, hidden) }
