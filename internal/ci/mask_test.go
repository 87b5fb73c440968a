package ci_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
)

func TestScrub(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		secrets    []string
		text, want string
	}{
		{"no secret", nil, "text", "text"},
		{"value", []string{"wv-key-1234"}, "key wv-key-1234, again wv-key-1234.", "key ***, again ***."},
		{"short values stay", []string{"true", "", "1234567"}, "true 1234567", "true 1234567"},
		{"eight bytes", []string{"12345678"}, "a12345678b", "a***b"},
		{"one holds the other", []string{"secret-1", "secret-1-long"}, "secret-1-long secret-1", "*** ***"},
		{"overlapping", []string{"abcdefgh", "efghijklmn"}, "<abcdefghijklmn>", "<***>"},
		{"overlapping itself", []string{"aaaaaaaa"}, "<aaaaaaaaaaaaa>", "<***>"},
		{"lines", []string{"first-line-1\r\n  second-line-2\n"}, "x first-line-1 y second-line-2", "x *** y ***"},
		{"PEM frame stays", []string{"-----BEGIN KEY-----\nMIIEvQIBADAN\n-----END KEY-----"}, "-----BEGIN KEY----- MIIEvQIBADAN", "-----BEGIN KEY----- ***"},
		{"surrounding blanks", []string{" wv-key-1234\n"}, "wv-key-1234", "***"},
		{"bearer value", []string{"Bearer wv-key-1234"}, "token wv-key-1234", "token ***"},
		{"bearer header of a short value", []string{"k123"}, "k123 Bearer k123", "k123 ***"},
		{"cut", []string{"wv-key-1234"}, "wv-key-…, wv-k …, wv-…, wv-x…, wv-key-1234…", "***…, ***…, wv-…, wv-x…, ***…"},
		{"cut after a false start", []string{"abababac1"}, "<ababababa…", "<ab***…"},
		{"password of Basic", []string{"Basic bWU6d3Yta2V5LTEyMzQ="}, "me:wv-key-1234 wv-key-1234 bWU6d3Yta2V5LTEyMzQ=", "*** *** ***"},
		{"quoted twice", []string{`wv-"key"<1234>`}, `"a \"wv-\\\"key\\\"<1234>\" wv-\\\"key\\\"\\u003c1234\\u003e"`, `"a \"***\" ***"`},
		{"text without it", []string{"wv-key-1234"}, "WV-KEY-1234", "WV-KEY-1234"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.Mask(tc.secrets...)
			assert.Equal(t, tc.want, w.Scrub(tc.text))
		})
	}
}

func TestScrubSpelled(t *testing.T) {
	t.Parallel()
	c := ci.New(ci.Options{Spell: func(text string) string { return strings.ReplaceAll(text, "<", "&lt;") }})
	c.Mask(`key<1234"`)
	assert.Equal(t, "*** *** key", c.Scrub(`key&lt;1234" key&lt;1234\" key`))

	c = ci.New(ci.Options{Spell: func(string) string { return "" }})
	c.Mask("key-1234")
	assert.Equal(t, "*** *** ke… a", c.Scrub("key-1234 key-1234 ke… a"), "a spelling that is too short is none")
}

func TestHolds(t *testing.T) {
	t.Parallel()
	const secret = "wv-key<0123456789>"
	for text, want := range map[string]bool{
		"": false, "wv-key": false, "a " + secret: true, `{"a":"wv-key\u003c0123456789\u003e"}`: true,
		base64.StdEncoding.EncodeToString([]byte(secret)): true, "password": false,
		`{"a":"\u0077v-key<0123456\u003789>"}`: true, `{"wv-key\u003c0123456789>":1}`: true, `{"a":"\u0061 wv-key"}`: false, `{"n":1e999,"a":"\u0077v-key<0123456789>"}`: true,
		`"{\"k\":\"\\u0077v-key<0123456789>\"}"`: true, `"\/\u0077v-key\u003C0123456789>\n"`: true, `"\ud83d\ude00\u00zz\u12`: false, `"\u0041\`: false,
	} {
		assert.Equal(t, want, ci.Holds([]byte(text), "password", secret), text)
	}
}

func TestScrubForms(t *testing.T) {
	t.Parallel()
	const secret = "p\"w ö/+&<\\>?~1\t%"
	quoted, err := json.Marshal(secret)
	require.NoError(t, err)
	w := newWorld(t, nil)
	w.Mask(secret)
	for name, form := range map[string]string{
		"base64":      base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64, raw": base64.RawStdEncoding.EncodeToString([]byte(secret)),
		"base64, URL": base64.URLEncoding.EncodeToString([]byte(secret)),
		"query":       url.QueryEscape(secret),
		"path":        url.PathEscape(secret),
		"header":      "Bearer " + secret,
		"JSON":        strings.Trim(string(quoted), `"`),
		"Go":          strings.Trim(strconv.Quote(secret), `"`),
		"escaped":     ci.Escape(secret),
	} {
		assert.Equal(t, "[***]", w.Scrub("["+form+"]"), name)
	}
}

func TestScrubLeavesNoSecret(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.StringMatching(`[ab]{8,12}`)
		secrets := rapid.SliceOfN(word, 1, 4).Draw(rt, "secrets")
		text := rapid.StringMatching(`[abc]{0,80}`).Draw(rt, "text")
		w := newWorld(t, nil)
		w.Mask(secrets...)
		scrubbed := w.Scrub(text)
		for _, secret := range secrets {
			assert.NotContains(rt, scrubbed, secret)
			if strings.Contains(text, secret) {
				assert.Contains(rt, scrubbed, "***")
			}
		}
		for part := range strings.SplitSeq(scrubbed, "***") {
			assert.Contains(rt, text, part)
		}
	})
}

func TestMaskCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onGitHub())
	w.Mask("", "short", "wv-key-12%34", "line-one-1\nline-two-2")
	out := w.stdout.String()
	for _, line := range lines(out) {
		value, ok := strings.CutPrefix(line, "::add-mask::")
		assert.True(t, ok, line)
		assert.GreaterOrEqual(t, len(value), 8, line)
	}
	assert.Contains(t, out, "::add-mask::wv-key-12%2534\n")
	assert.Contains(t, out, "::add-mask::line-one-1\n")
	assert.Contains(t, out, "::add-mask::line-two-2\n")
	assert.NotContains(t, out, "%0A")

	w.stdout.Reset()
	w.Mask("wv-key-12%34")
	assert.Empty(t, w.stdout.String(), "masked a second time")
}

func TestMaskPrintsNothingOffGitHub(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.Mask("wv-key-1234")
	assert.Empty(t, w.stdout.String()+w.stderr.String())
}

func TestNoDoorLeaksASecret(t *testing.T) {
	t.Parallel()
	const secret = "wv-key \"1234\""
	for name, env := range map[string]map[string]string{"on GitHub": onGitHub(), "elsewhere": {"RUNNER_DEBUG": "1"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, env)
			w.Mask(secret)
			w.stdout.Reset() // the mask commands themselves
			log := w.Logger().With("with", secret)
			log.Debug("debug "+secret, "key", secret)
			log.Info("info "+secret, "key", secret)
			log.Warn("warn "+secret, "key", secret)
			log.Error("error "+secret, "key", secret)
			w.Group("group " + secret)()
			w.Failure("title "+secret, "message\n"+secret, "hint "+secret)
			printed := w.stdout.String() + w.stderr.String()
			assert.NotContains(t, printed, "1234")
			assert.Contains(t, printed, "***")
		})
	}
}

func TestUseByManyGoroutines(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onGitHub())
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			w.Mask("secret-of-" + strconv.Itoa(i))
			end := w.Group("group")
			w.Logger().Info("line", "secret", "secret-of-"+strconv.Itoa(i))
			w.Logger().Warn("line")
			end()
			end()
			w.Failure("title", "message", "")
		})
	}
	wg.Wait()
	out := w.stdout.String()
	assert.Equal(t, strings.Count(out, "::group::"), strings.Count(out, "::endgroup::"))
	assert.Equal(t, 9, strings.Count(out, "::warning "))
	assert.Equal(t, 1, strings.Count(out, "::error "))
	assert.Equal(t, 20, strings.Count(out, "line secret=***\n"))
}
