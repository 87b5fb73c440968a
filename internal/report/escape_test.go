package report_test

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/report"
)

func TestEscapeMarkdown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"plain", "2 tenants are not active: 10.5 %, a-b (c)", "2 tenants are not active: 10.5 %, a-b (c)"},
		{"other scripts", "Größe 大きさ שלום 🎉", "Größe 大きさ שלום 🎉"},
		{"cell", "a|b", "a&#124;b"},
		{"code", "`a`", "&#96;a&#96;"},
		{"HTML", "<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"},
		{"link", "![a](b)", "!&#91;a&#93;(b)"},
		{"emphasis", "*a* _b_ ~c~ $d$", "&#42;a&#42; &#95;b&#95; &#126;c&#126; &#36;d&#36;"},
		{"backslash", `a\|b`, "a&#92;&#124;b"},
		{"mention and issue", "@octocat #12", "&#64;&#8203;octocat &#35;&#8203;12"},
		{"bare links", "http://a.b www.a.b WwW.a.b", "http&#8203;&#58;//a.b www&#8203;&#46;a.b WwW&#8203;&#46;a.b"},
		{"heading", "# a", "&#35;&#8203; a"},
		{"lists", "- a", "&#45; a"},
		{"list with plus", "+ a", "&#43; a"},
		{"numbered list", "1. a", "1&#46; a"},
		{"empty numbered list", "12)", "12&#41;"},
		{"version", "1.39.0", "1.39.0"},
		{"underline", "===", "&#61;=="},
		{"rule", "---", "&#45;--"},
		{"blanks", " \ta\r\nb\nc\rd\te\n", "a b c d e"},
		{"control", "\x1b[31m\x00", "&#92;x1b&#91;31m&#92;x00"},
		{"bidi and shapeless", "a\u202eb\u200bc\U000e0041", "a&#92;u202eb&#92;u200bc&#92;U000e0041"},
		{"not UTF-8", "a\xffb", "a\ufffdb"},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tc.want, report.EscapeMarkdown(tc.text))
		})
	}
}

var (
	// entities are those that EscapeMarkdown writes.
	entities = regexp.MustCompile(`&(?:amp|lt|gt|#\d+);`)
	// markup are the characters that begin or end something in Markdown or HTML.
	markup = regexp.MustCompile("[|`<>\\[\\]*_~$\\\\@#&\n\r\t]")
	// block is what makes a line a list item, a rule or an underline.
	block = regexp.MustCompile(`^(?:[-+=>#\s]|\d+[.)](?:\s|$))`)
	// links are what GitHub makes links of in rendered text.
	links = regexp.MustCompile(`(?i)@\w|#\w|\w://|www\.`)
)

func FuzzEscapeMarkdown(f *testing.F) {
	for _, seed := range []string{
		"", evil, "@a @b", "#1", "1.", "1)", "- a", "http://x", "www.www.x", "\u202e\x00", "\xff", "&#64;", "\u200b@", "a\r\nb", "...", "=-+", "a\fb",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		escaped := report.EscapeMarkdown(text)
		assert.True(t, utf8.ValidString(escaped), "%q", escaped)
		assert.False(t, strings.ContainsFunc(escaped, hides), "hidden character in %q", escaped)
		bare := entities.ReplaceAllString(escaped, "")
		assert.NotRegexp(t, markup, bare)
		assert.NotRegexp(t, block, escaped)
		shown := html.UnescapeString(escaped)
		assert.NotRegexp(t, links, shown)
		if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return hides(r) && !strings.ContainsRune("\t\n\r", r) }) {
			shown = strings.ReplaceAll(shown, "\u200b", "")
			assert.Equal(t, strings.Fields(text), strings.Fields(shown), "other text is shown")
		}
	})
}

// hides tells whether r may change what a reader sees of its neighbours, or can't
// be seen.
func hides(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Bidi_Control,
		unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) || !unicode.IsGraphic(r)
}
