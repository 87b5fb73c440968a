package weaviatetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// CorpusEnv switches on what some collections of the corpus need before a
// server takes them: a schedule for object TTL, the dictionary tokenizers, and
// asynchronous indexing for dynamic vector indexes. The dictionaries make the
// start some seconds slower and cost about 1 GB of memory.
func CorpusEnv() map[string]string {
	return map[string]string{
		"OBJECTS_TTL_DELETE_SCHEDULE": "@every 12h",
		"ENABLE_TOKENIZER_GSE":        "true",
		"ENABLE_TOKENIZER_KAGOME_JA":  "true",
		"ENABLE_TOKENIZER_KAGOME_KR":  "true",
		"ASYNC_INDEXING":              "true",
	}
}

// CorpusEntry is one feature of Weaviate's schema as a collection to post.
type CorpusEntry struct {
	Feature string
	Class   json.RawMessage
}

// Corpus reads testdata/schemas/corpus.json of this module: one collection per
// schema feature, as a user would post it, in an order in which references find
// their targets, except for the cycle of cyc_a and cyc_b. Some entries are there
// to be refused.
func Corpus(tb testing.TB) []CorpusEntry {
	tb.Helper()
	entries, err := readCorpus()
	if err != nil {
		tb.Fatal(err)
	}
	return entries
}

// LoadCorpus creates the collections of the corpus and gives the names of those
// that the server took, sorted. References to collections that come later are
// added at the end, as a restore would. A server started without CorpusEnv
// takes fewer. Where features are named, it tries these only.
func LoadCorpus(tb testing.TB, s *Server, features ...string) []string {
	tb.Helper()
	entries := slices.DeleteFunc(Corpus(tb), func(e CorpusEntry) bool {
		return len(features) > 0 && !slices.Contains(features, e.Feature)
	})
	created, _, err := s.loadCorpus(tb.Context(), entries)
	if err != nil {
		tb.Fatal(err)
	}
	return created
}

// loadCorpus gives the names of what was created, and the server's words for
// each feature that it refused.
func (s *Server) loadCorpus(ctx context.Context, entries []CorpusEntry) (created []string, refused map[string]string, err error) {
	refused = map[string]string{}
	var later []postponed
	for _, entry := range entries {
		class, references, err := splitReferences(entry, entries, created)
		if err != nil {
			return nil, nil, fmt.Errorf("corpus %s: %w", entry.Feature, err)
		}
		name, refusal, err := s.create(ctx, class)
		if err != nil {
			return nil, nil, fmt.Errorf("corpus %s: %w", entry.Feature, err)
		}
		if refusal != "" {
			refused[entry.Feature] = refusal
			continue
		}
		created = append(created, name)
		for _, property := range references {
			later = append(later, postponed{collection: name, property: property})
		}
	}
	for _, p := range later {
		if _, err := s.Do(ctx, http.MethodPost, "/v1/schema/"+p.collection+"/properties", p.property); err != nil {
			return nil, nil, fmt.Errorf("corpus: %w", err)
		}
	}
	slices.Sort(created)
	return created, refused, nil
}

// postponed is a reference whose target was not there yet.
type postponed struct {
	collection string
	property   json.RawMessage
}

// create posts one class. refusal holds the answer's message for a 4xx.
func (s *Server) create(ctx context.Context, class []byte) (name, refusal string, err error) {
	status, answer, err := s.Request(ctx, http.MethodPost, "/v1/schema", class)
	if err != nil {
		return "", "", err
	}
	if status >= 400 && status < 500 {
		return "", refusalText(status, answer), nil
	}
	var got struct {
		Class string `json:"class"`
	}
	if err := json.Unmarshal(answer, &got); err != nil || status != http.StatusOK || got.Class == "" {
		return "", "", fmt.Errorf("create a collection: %d %s", status, answer)
	}
	return got.Class, "", nil
}

// refusalText finds the message in both of Weaviate's shapes of an error.
func refusalText(status int, answer []byte) string {
	var shape struct {
		Message string `json:"message"`
		Error   []struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := json.Unmarshal(answer, &shape); err == nil {
		if len(shape.Error) > 0 {
			return shape.Error[0].Message
		}
		if shape.Message != "" {
			return shape.Message
		}
	}
	return fmt.Sprintf("%d %s", status, answer)
}

// splitReferences takes out of a class the references to collections of the
// corpus that come later. Everything else stays as it is.
func splitReferences(entry CorpusEntry, all []CorpusEntry, created []string) (class []byte, references []json.RawMessage, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(entry.Class, &fields); err != nil {
		return nil, nil, err
	}
	var properties []json.RawMessage
	if raw, ok := fields["properties"]; ok {
		if err := json.Unmarshal(raw, &properties); err != nil {
			return nil, nil, err
		}
	}
	var kept []json.RawMessage
	for _, raw := range properties {
		var property struct {
			DataType []string `json:"dataType"`
		}
		if err := json.Unmarshal(raw, &property); err != nil {
			return nil, nil, err
		}
		if slices.ContainsFunc(property.DataType, func(target string) bool {
			return !slices.Contains(created, target) && comesLater(target, entry, all)
		}) {
			references = append(references, raw)
		} else {
			kept = append(kept, raw)
		}
	}
	if len(references) == 0 {
		return entry.Class, nil, nil
	}
	if fields["properties"], err = json.Marshal(kept); err != nil {
		return nil, nil, err
	}
	class, err = json.Marshal(fields)
	return class, references, err
}

// comesLater reports whether the collection target is posted after entry.
func comesLater(target string, entry CorpusEntry, all []CorpusEntry) bool {
	self := slices.IndexFunc(all, func(e CorpusEntry) bool { return e.Feature == entry.Feature })
	return slices.ContainsFunc(all[self+1:], func(e CorpusEntry) bool {
		var class struct {
			Class string `json:"class"`
		}
		return json.Unmarshal(e.Class, &class) == nil && class.Class == target
	})
}

func readCorpus() ([]CorpusEntry, error) {
	root, err := ModuleRoot()
	if err != nil {
		return nil, fmt.Errorf("read the corpus: %w", err)
	}
	data, err := os.ReadFile(filepath.Join(root, "testdata", "schemas", "corpus.json"))
	if err != nil {
		return nil, fmt.Errorf("read the corpus: %w", err)
	}
	// Not a map: the order of the file counts.
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("read the corpus: %w", err)
	}
	var entries []CorpusEntry
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("read the corpus: %w", err)
		}
		entry := CorpusEntry{Feature: strings.TrimSpace(fmt.Sprint(key))}
		if err := decoder.Decode(&entry.Class); err != nil {
			return nil, fmt.Errorf("read the corpus: %s: %w", entry.Feature, err)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// ModuleRoot is the nearest folder with a go.mod, from the working folder
// upwards: a test runs in its package's folder.
func ModuleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("no go.mod in this folder or above it")
		}
		folder = parent
	}
}
