package weaviatetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a Fault may do instead of a plain answer.
const (
	DoAnswer     = ""            // answer with Status, Header and Body
	DoReset      = "reset"       // drop the connection with a TCP reset
	DoEOF        = "eof"         // close the connection without an answer
	DoCut        = "cut"         // declare the full length, send half, close
	DoHang       = "hang"        // say nothing until the client or this side goes
	DoDrip       = "drip"        // send one byte every DelayMS
	DoHuge       = "huge"        // send Bytes bytes without saying how many
	DoHugeLength = "huge-length" // declare Bytes bytes and send them
	DoRedirect   = "redirect"    // 302 to Header's Location, or to itself
	DoRaw        = "raw"         // send Body with no line and no header around it, and close
)

const (
	defaultHugeBytes = 300 << 20
	defaultDripDelay = 20 * time.Millisecond
)

// Fault is one way for a Fake or a Proxy to misbehave on some requests. It acts
// in place of the server, or with After on its answer.
type Fault struct {
	Method   string `json:"method"`   // "" is any
	Path     string `json:"path"`     // path.Match pattern without base path and query; "" is any
	Contains string `json:"contains"` // only requests whose body holds this text
	Skip     int    `json:"skip"`     // leave so many matching requests alone first
	Times    int    `json:"times"`    // act so often; 0 is always

	Do string `json:"do"` // one of the Do constants
	// After lets the server have the request and waits for its answer before
	// acting: what was asked is done then, and the client can't know. Without it
	// the server never sees the request. A Fake holds nothing that a request
	// changes, so there both look the same.
	After bool `json:"after"`
	// Status is what is answered: 200 if 0, 302 for a redirect. With cut and
	// drip, no Status and no Body mean the honest answer, mistreated.
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
	// Bytes is the size of a huge answer; 0 is 300 MiB.
	Bytes int64 `json:"bytes"`
	// DelayMS is the pause between two bytes of a drip; 0 is 20.
	DelayMS int `json:"delayMs"`
}

// ReadFaults reads a JSON array of faults; an unknown key is an error.
func ReadFaults(data []byte) ([]Fault, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var faults []Fault
	if err := decoder.Decode(&faults); err != nil {
		return nil, fmt.Errorf("read the faults: %w", err)
	}
	return faults, nil
}

func (f Fault) check() error {
	known := []string{DoAnswer, DoReset, DoEOF, DoCut, DoHang, DoDrip, DoHuge, DoHugeLength, DoRedirect, DoRaw}
	if !slices.Contains(known, f.Do) {
		return fmt.Errorf("do %q is none of %q", f.Do, known[1:])
	}
	if _, err := path.Match(f.Path, "/"); err != nil {
		return fmt.Errorf("path %q: %w", f.Path, err)
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("status %d is not in 200 to 599", f.Status)
	}
	return nil
}

func (f Fault) matches(method, requestPath, body string) bool {
	if f.Method != "" && f.Method != method {
		return false
	}
	if f.Path != "" {
		if ok, err := path.Match(f.Path, requestPath); err != nil || !ok {
			return false
		}
	}
	return strings.Contains(body, f.Contains)
}

// spent reports whether a fault that matched so many requests is used up.
func (f Fault) spent(matched int) bool { return f.Times > 0 && matched >= f.Skip+f.Times }

// needsServer reports whether the request must be answered before act.
func (f Fault) needsServer() bool { return f.After || f.usesAnswer() }

// usesAnswer reports whether act works on the honest answer.
func (f Fault) usesAnswer() bool {
	return (f.Do == DoCut || f.Do == DoDrip) && f.Status == 0 && f.Body == ""
}

// act answers, or refuses to, in place of the honest server.
func (f Fault) act(w http.ResponseWriter, r *http.Request, honest *httptest.ResponseRecorder, closing <-chan struct{}) {
	answer := honest
	if !f.usesAnswer() {
		answer = f.plain()
	}
	switch f.Do {
	case DoReset:
		hangUp(w, true)
	case DoEOF:
		hangUp(w, false)
	case DoHang:
		select {
		case <-r.Context().Done():
		case <-closing:
		}
		hangUp(w, false)
	case DoCut:
		cut(w, answer)
	case DoDrip:
		f.drip(w, r, answer, closing)
	case DoHuge, DoHugeLength:
		f.huge(w)
	case DoRedirect:
		f.redirect(w, r)
	case DoRaw:
		f.raw(w)
	default:
		relay(w, answer)
	}
}

// plain is the fault's own answer.
func (f Fault) plain() *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	if strings.HasPrefix(strings.TrimSpace(f.Body), "{") {
		answer.Header().Set("Content-Type", "application/json")
	}
	for name, value := range f.Header {
		answer.Header().Set(name, value)
	}
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	answer.WriteHeader(status)
	_, _ = answer.WriteString(f.Body)
	return answer
}

// hangUp ends the connection without a word more, by a reset where asked.
func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the documented way to end an HTTP/2 stream
	}
	if inner, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = inner.NetConn() // below TLS, which would say goodbye first
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// raw sends what need not be HTTP.
func (f Fault) raw(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the documented way to end an HTTP/2 stream
	}
	_, _ = conn.Write([]byte(f.Body))
	_ = conn.Close()
}

// cut sends half of an answer whose length it has declared.
func cut(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	body := answer.Body.Bytes()
	answer.Header().Set("Content-Length", strconv.Itoa(max(len(body), 2)))
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	hangUp(w, false)
}

func (f Fault) drip(w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder, closing <-chan struct{}) {
	delay := defaultDripDelay
	if f.DelayMS > 0 {
		delay = time.Duration(f.DelayMS) * time.Millisecond
	}
	ticker := time.NewTicker(delay)
	defer ticker.Stop()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	for _, b := range answer.Body.Bytes() {
		select {
		case <-r.Context().Done():
			return
		case <-closing:
			hangUp(w, false) // returning would make what was sent look complete
			return
		case <-ticker.C:
		}
		if _, err := w.Write([]byte{b}); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
	}
}

// huge sends JSON that never gets anywhere: an array of blanks.
func (f Fault) huge(w http.ResponseWriter) {
	left := f.Bytes
	if left == 0 {
		left = defaultHugeBytes
	}
	w.Header().Set("Content-Type", "application/json")
	for name, value := range f.Header {
		w.Header().Set(name, value)
	}
	if f.Do == DoHugeLength {
		w.Header().Set("Content-Length", strconv.FormatInt(left, 10))
	}
	const start = `{"classes":[`
	chunk := []byte(start + strings.Repeat(" ", 64<<10-len(start)))
	for left > 0 {
		n, err := w.Write(chunk[:min(left, int64(len(chunk)))])
		if err != nil {
			return
		}
		left -= int64(n)
		chunk = []byte(strings.Repeat(" ", len(chunk)))
	}
}

func (f Fault) redirect(w http.ResponseWriter, r *http.Request) {
	status, location := f.Status, f.Header["Location"]
	if status == 0 {
		status = http.StatusFound
	}
	if location == "" {
		location = r.URL.RequestURI()
	}
	w.Header().Set("Location", location)
	w.WriteHeader(status)
}
