package schema

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// FuzzScan holds the scanner against a decoder: it finds the same parts, all the
// way down, and the same text without white space. Of bytes that are no good JSON it
// gives an error or parts of them.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":[true,null,{"c":"}\\"}],"\u0063":-1.5e+3}`, " [ 1 , \"[\\\"\" ,\n{ } , [ ] ]\t", `{"a":{"b":{}},"":""}`,
		`{"a"`, `{"a":`, `{"a":1`, `{"a":"\`, `[1`, `[,]`, `{1:2}`, `{]`, `{"a":}`, `{"a" 1 2}`, `{:}`, `[}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if Validate(raw) == nil {
			requireSameParts(t, raw)
			requireSameCompact(t, raw)
			requireExtent(t, raw)
			return
		}
		within := func(value jsontext.Value, start int) {
			require.True(t, bytes.Equal(value, raw[start:start+len(value)]))
		}
		_ = eachPart(raw, func(_ string, value jsontext.Value, start int) error { within(value, start); return nil })
		_ = eachElement(raw, func(value jsontext.Value, start int) error { within(value, start); return nil })
		_ = Compact(raw)
	})
}

// requireExtent holds the size that is reckoned with against the real one.
func requireExtent(t *testing.T, raw jsontext.Value) {
	t.Helper()
	_, most := extent(raw)
	indented := raw.Clone()
	require.NoError(t, indented.Indent(jsontext.WithIndent("  ")))
	require.LessOrEqual(t, len(indented), most)
}

// requireSameCompact compares with the library's way to leave out white space.
func requireSameCompact(t *testing.T, raw jsontext.Value) {
	t.Helper()
	compact := raw.Clone()
	require.NoError(t, compact.Compact())
	require.Equal(t, string(compact), string(Compact(raw)))
}

// requireSameParts walks over good JSON by a decoder and by the scanner.
func requireSameParts(t *testing.T, raw jsontext.Value) {
	t.Helper()
	kind := raw.Kind()
	if kind != '{' && kind != '[' {
		return
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(raw))
	_, err := decoder.ReadToken()
	require.NoError(t, err)
	same := func(value jsontext.Value, start int) {
		want, err := decoder.ReadValue()
		require.NoError(t, err)
		require.Equal(t, string(want), string(value))
		require.Equal(t, string(want), string(raw[start:start+len(value)]))
		requireSameParts(t, value)
	}
	if kind == '[' {
		require.NoError(t, eachElement(raw, func(value jsontext.Value, start int) error { same(value, start); return nil }))
	} else {
		require.NoError(t, eachPart(raw, func(name string, value jsontext.Value, start int) error {
			token, err := decoder.ReadToken()
			require.NoError(t, err)
			require.Equal(t, token.String(), name)
			same(value, start)
			return nil
		}))
	}
	require.Contains(t, "}]", string(rune(decoder.PeekKind())), "no part is left out")
}
