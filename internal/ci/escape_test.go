package ci_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"plain", "read schema: 12 collections", "read schema: 12 collections"},
		{"other scripts", "Größe 大きさ שלום 🎉", "Größe 大きさ שלום 🎉"},
		{"combining mark", "e\u0301", "e\u0301"},
		{"line breaks and tab", "a\nb\r\nc\td", `a\nb\r\nc\td`},
		{"ANSI", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"NUL, DEL and C1", "\x00\x7f\u0085", `\x00\x7f\u0085`},
		{"bidi", "a\u202eb\u2066c\u200f", `a\u202eb\u2066c\u200f`},
		{"line separators", "a\u2028b\u2029", `a\u2028b\u2029`},
		{"shapeless", "a\u200bb\ufeffc\u00add\ufe0f\u3164", `a\u200bb\ufeffc\u00add\ufe0f\u3164`},
		{"tag character", "a\U000e0041", `a\U000e0041`},
		{"not UTF-8", "a\xff\xfeb", "a\ufffd\ufffdb"},
		{"command", "::error::x", `\x3a:error::x`},
		{"command after blanks", "  \u00a0\u3000::error::x", "  \u00a0\u3000" + `\x3a:error::x`},
		{"command after a mark", "\u0301::error::x", "\u0301" + `\x3a:error::x`},
		{"command with a mark inside", ":\u0301:error::x", `\x3a` + "\u0301:error::x"},
		{"command behind a shapeless character", "\u200d::error::x", `\u200d::error::x`},
		{"command in a second line", "a\n::error::x", `a\n::error::x`},
		{"colons elsewhere", "std::string ::x::", "std::string ::x::"},
		{"one colon", ":8080", ":8080"},
		{"old command", "a ##[error]x", `a ##\x5berror]x`},
		{"old command with a mark inside", "##\u0301[error]x", "##\u0301" + `\x5berror]x`},
		{"many number signs", "####[error]", `####\x5berror]`},
		{"Azure's command", "a ##vso[task.complete]x", `a ##vso\x5btask.complete]x`},
		{"Azure's command with marks inside", "#\u0301#v\u0301so\u0301[a.b]x", "#\u0301#v\u0301so\u0301" + `\x5ba.b]x`},
		{"TeamCity's command", "a ##teamcity[a 'b']", `a ##teamcity\x5ba 'b']`},
		{"a hidden letter in a command", "##vs\u3164o[a.b]x", `##vs\u3164o[a.b]x`},
		{"number sign elsewhere", "#1 [x] # [y] ##vso [z] #2[w]", "#1 [x] # [y] ##vso [z] #2[w]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tc.want, ci.Escape(tc.text))
		})
	}
}

func FuzzEscape(f *testing.F) {
	for _, seed := range []string{
		"", "plain", "::error::x", " \t::add-mask::x", "##[error]x", "a##[group]b", "\u200d::debug::x", "#\u00ad#[error]x",
		"a ##vso[task.setvariable variable=a]b", "##v\u0301so[a.b]c", "##teamcity[a]",
		"\x1b]0;t\a", "a\r\n::error::b", "\xff::x::", ":\u0301:x::", "\u20dd::error::", "\u202e", "::", ":::", "\\x3a:",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		escaped := ci.Escape(text)
		assertSafeLine(t, escaped)
		assert.Equal(t, escaped, ci.Escape(escaped), "escaping twice changes the text")
		if utf8.ValidString(text) && isPlain(text) {
			assert.Equal(t, text, escaped, "plain text is changed")
		}
	})
}

// isPlain tells whether text needs no escape: ASCII that can be printed, without
// the characters of a command prefix.
func isPlain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || r == ':' || r == '#' })
}

// assertSafeLine checks what [ci.Escape] promises.
func assertSafeLine(tb testing.TB, line string) {
	tb.Helper()
	assert.True(tb, utf8.ValidString(line), "not UTF-8: %q", line)
	for _, r := range line {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp, unicode.Cf) {
			assert.Fail(tb, "hidden character", "%U in %q", r, line)
		}
	}
	assert.False(tb, runsCommand(line), "a runner takes it for a command: %q", line)
	assert.False(tb, runsCommand(weighted(line)), "a culture-sensitive runner takes it for a command: %q", line)
}

// runsCommand is the rule of all runners, for commands of any name: "::name…::"
// after leading white space, or "##[name…]", "##vso[name…]" and the like anywhere
// in the line (ActionCommand.cs, TryParseV2 and TryParse; Azure's Command.cs).
func runsCommand(line string) bool {
	if rest, ok := strings.CutPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::"); ok && strings.Contains(rest, "::") {
		return true
	}
	return bracketed.MatchString(line)
}

var bracketed = regexp.MustCompile(`##\pL*\[.*\]`)

// weighted drops the characters that a culture-sensitive comparison may skip.
func weighted(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsMark(r) || !unicode.IsGraphic(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) {
			return -1
		}
		return r
	}, line)
}

func TestEscapeJSON(t *testing.T) {
	t.Parallel()
	const text = "#[##[a]#\u0300[ ##vso[b] \u202e\u200b\U000e0001\ufe0f é 漢 😀 [1] \u00ad\u2028"
	data, err := json.MarshalIndent(map[string]string{"a": text}, "", "  ")
	require.NoError(t, err)
	escaped := ci.EscapeJSON(string(data))
	assert.Equal(t, "{\n  \"a\": \"#\\u005b##\\u005ba]#\u0300\\u005b ##vso\\u005bb] \\u202e\\u200b\\udb40\\udc01\\ufe0f é 漢 😀 [1] \\u00ad\\u2028\"\n}", escaped)
	var back map[string]string
	require.NoError(t, json.Unmarshal([]byte(escaped), &back))
	assert.Equal(t, text, back["a"])
}
