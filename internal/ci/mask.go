package ci

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	// minMask is the shortest form that is masked, in bytes. Masking "true" or
	// "8080" would wreck the log and make GitHub drop job outputs.
	minMask = 8
	// masked stands for a secret, as the runner prints it.
	masked = "***"
)

// maskSet holds the forms of all secrets. The zero value is empty.
type maskSet struct {
	spell func(string) string // Options.Spell; may be nil
	mu    sync.RWMutex
	forms []string
	known map[string]bool
}

// Mask hides secrets from now on: in everything this CI writes, and on GitHub in
// what the runner shows of the whole job. Hidden are the value, each line of it,
// the token of a "Bearer token" value, the password in a Basic one, and how these look in base64, in a URL, in
// JSON and in an Authorization header. A form shorter than 8 bytes is left alone.
func (c *CI) Mask(secrets ...string) {
	fresh := c.masks.add(secrets)
	if !c.onGitHub {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, form := range fresh {
		// The runner masks line by line; the lines of this form are forms too.
		if !strings.ContainsAny(form, "\r\n") {
			c.runner.AddMask(strings.ToValidUTF8(form, "\uFFFD"))
		}
	}
}

// Scrub replaces every masked value in text by ***, also the beginning of one that
// was cut, which an ellipsis tells. Values that overlap in text
// are covered together.
func (c *CI) Scrub(text string) string { return c.masks.scrub(text) }

// minHeld is the shortest form that [Holds] looks for, in bytes. What is shorter is
// a word that a schema may have by chance, such as "password".
const minHeld = 16

// Holds says whether data, which are JSON, hold a secret of 16 bytes or more, in any of
// the forms that [CI.Mask] hides, and however its characters are escaped: also in JSON
// that is a text of JSON.
func Holds(data []byte, secrets ...string) bool {
	var forms [][]byte
	for _, secret := range secrets {
		for _, form := range secretForms(secret) {
			if len(form) >= minHeld {
				forms = append(forms, []byte(form))
			}
		}
	}
	if len(forms) == 0 {
		return false
	}
	const levels = 3
	for level := 0; ; level++ {
		if slices.ContainsFunc(forms, func(form []byte) bool { return bytes.Contains(data, form) }) {
			return true
		}
		// The other escapes stand for what no secret has, or are in its forms.
		if level == levels || !bytes.Contains(data, []byte(`\u`)) && !bytes.Contains(data, []byte(`\/`)) {
			return false
		}
		if level == 0 {
			data = bytes.Clone(data)
		}
		data = unescape(data)
	}
}

// unescape puts in place of each escape of JSON what it stands for, in the same memory.
// Outside of texts JSON has none.
func unescape(data []byte) []byte {
	out := data[:0]
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' || i+1 == len(data) {
			out = append(out, data[i])
			continue
		}
		i++
		if data[i] == 'u' && i+4 < len(data) {
			if unit, err := strconv.ParseUint(string(data[i+1:i+5]), 16, 16); err == nil {
				out = utf8.AppendRune(out, rune(unit)) // never longer than \uXXXX; half of a pair is no secret's
				i += 4
				continue
			}
		}
		if at := strings.IndexByte("bfnrt", data[i]); at >= 0 {
			out = append(out, "\b\f\n\r\t"[at])
		} else {
			out = append(out, data[i])
		}
	}
	return out
}

// add takes in the forms of secrets and returns those that are new.
func (m *maskSet) add(secrets []string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = make(map[string]bool)
	}
	var fresh []string
	for _, secret := range secrets {
		for _, form := range secretForms(secret) {
			if len(form) < minMask || m.known[form] {
				continue
			}
			m.known[form] = true
			fresh = append(fresh, form)
		}
	}
	m.forms = append(m.forms, fresh...)
	m.addQuoted(fresh)
	return fresh
}

// addQuoted adds what the forms look like in a quotation, and in one of that: an
// error quotes a server's words, which may be a quotation, and a line of the log
// quotes the error. For most secrets all of these are the same. The caller holds
// mu.
func (m *maskSet) addQuoted(forms []string) {
	const times = 2
	for range times + 1 {
		var next []string
		for _, form := range forms {
			spellings := []string{strconv.Quote(form), marshal(form, true), marshal(form, false)}
			for i, quoted := range spellings {
				spellings[i] = strings.TrimSuffix(strings.TrimPrefix(quoted, `"`), `"`)
			}
			for _, spelling := range spellings {
				if !m.known[spelling] {
					m.known[spelling] = true
					next = append(next, spelling)
				}
			}
			if m.spell == nil {
				continue
			}
			if spelled := m.spell(form); len(spelled) >= minMask && spelled != form {
				m.forms = append(m.forms, spelled)
			}
		}
		m.forms = append(m.forms, next...)
		forms = next
	}
}

// marshal gives text as JSON, with what means something in HTML escaped or not.
func marshal(text string, html bool) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(html)
	_ = encoder.Encode(text) //nolint:errchkjson // a string always can be
	return strings.TrimSuffix(b.String(), "\n")
}

// span is a part of a text, from start up to but not including end, in bytes.
type span struct{ start, end int }

// scrub covers every occurrence of every form, overlapping ones by one mask.
func (m *maskSet) scrub(text string) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var spans []span
	for _, form := range m.forms {
		spans = appendSpans(spans, text, form)
	}
	spans = m.appendCut(spans, text)
	if len(spans) == 0 {
		return text
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].start < spans[j].start })
	var b strings.Builder
	done := 0
	for i := 0; i < len(spans); {
		end := spans[i].end
		b.WriteString(text[done:spans[i].start])
		b.WriteString(masked)
		for i++; i < len(spans) && spans[i].start <= end; i++ {
			end = max(end, spans[i].end)
		}
		done = end
	}
	b.WriteString(text[done:])
	return b.String()
}

// appendSpans adds where form occurs in text, occurrences that overlap each
// other as one span.
func appendSpans(spans []span, text, form string) []span {
	first := len(spans)
	for from := 0; ; {
		at := strings.Index(text[from:], form)
		if at < 0 {
			return spans
		}
		start := from + at
		if n := len(spans); n > first && spans[n-1].end >= start {
			spans[n-1].end = start + len(form)
		} else {
			spans = append(spans, span{start, start + len(form)})
		}
		from = start + 1
	}
}

// minCut is the shortest beginning of a form that is masked before a cut, in bytes.
const minCut = 4

// appendCut adds where text was cut, which an ellipsis tells, in the middle of a
// form: what came before is not all of it, and too much.
func (m *maskSet) appendCut(spans []span, text string) []span {
	const mark = "…"
	for from := 0; ; {
		at := strings.Index(text[from:], mark)
		if at < 0 {
			return spans
		}
		end := from + at
		for _, form := range m.forms {
			window := strings.TrimSuffix(text[max(0, end-len(form)):end], " ")
			for i := strings.Index(window, form[:minCut]); i >= 0; {
				if strings.HasPrefix(form, window[i:]) {
					spans = append(spans, span{max(0, end-len(form)) + i, end})
					break
				}
				next := strings.Index(window[i+1:], form[:minCut])
				if next < 0 {
					break
				}
				i += 1 + next
			}
		}
		from = end + len(mark)
	}
}

// secretForms lists the ways in which secret may turn up in a text.
func secretForms(secret string) []string {
	values := []string{secret, strings.TrimSpace(secret)}
	for line := range strings.Lines(secret) {
		line = strings.TrimSpace(line)
		// The BEGIN and END lines of PEM text are no secret.
		if !strings.HasPrefix(line, "-----") {
			values = append(values, line)
		}
	}
	for _, value := range values {
		scheme, token, ok := strings.Cut(value, " ")
		if ok && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "Basic")) {
			token = strings.TrimSpace(token)
			values = append(values, token)
			if pair, err := base64.StdEncoding.DecodeString(token); err == nil && strings.EqualFold(scheme, "Basic") {
				_, password, _ := strings.Cut(string(pair), ":")
				values = append(values, string(pair), password)
			}
		}
	}
	var forms []string
	for _, value := range values {
		if value == "" {
			continue
		}
		quoted := strconv.Quote(value)
		forms = append(forms,
			value,
			strings.ToValidUTF8(value, "\uFFFD"),
			"Bearer "+value,
			base64.StdEncoding.EncodeToString([]byte(value)),
			base64.RawStdEncoding.EncodeToString([]byte(value)),
			base64.URLEncoding.EncodeToString([]byte(value)),
			base64.RawURLEncoding.EncodeToString([]byte(value)),
			url.QueryEscape(value),
			url.PathEscape(value),
			quoted[1:len(quoted)-1],
			Escape(value),
		)
		if text, err := json.Marshal(value); err == nil {
			forms = append(forms, string(text[1:len(text)-1]))
		}
	}
	return forms
}
