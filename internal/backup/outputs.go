package backup

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/ci"
	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

// maxOutput bounds an output that grows with the number of collections, in
// bytes: a job may set 1 MB of outputs in all, counted as UTF-16
// (docs.github.com, workflow syntax, jobs.<job_id>.outputs).
const maxOutput = 150_000

// countStatus is the output that says in words what a number of objects is worth.
const countStatus = "object-count-status"

// Outputs are the values for later steps, in the order of action.yml; tooLong
// names those that were left empty because they would be too large for a job.
func (r Result) Outputs() (outputs []ci.Output, tooLong []string) {
	add := func(name, value string) {
		if len(value) > maxOutput {
			tooLong = append(tooLong, name)
			value = ""
		}
		outputs = append(outputs, ci.Output{Name: name, Value: value, Prose: name == countStatus})
	}

	names := make([]string, len(r.Collections))
	paths := make([]string, len(r.Collections))
	counts := make(map[string]*int64, len(r.Collections))
	for i, saved := range r.Collections {
		names[i], paths[i], counts[saved.Name] = saved.Name, saved.Path, saved.Count.Objects
	}
	if r.Manifest != "" {
		one := r.Directory
		if len(paths) == 1 {
			one = paths[0]
		}
		add("backup-path", one)
		add("backup-paths", strings.Join(paths, "\n"))
		add("backup-directory", r.Directory)
		add("manifest-path", r.Manifest)
	}
	add("changed", strconv.FormatBool(r.Changed))
	total, status := r.count()
	add("object-count", total)
	add(countStatus, status)
	add("object-counts", toJSON(counts))
	add("collection-count", strconv.Itoa(len(r.Collections)))
	add("collections", toJSON(names))
	add("weaviate-version", r.WeaviateVersion)
	add("schema-digest", r.digest())
	return outputs, tooLong
}

// count is the number of objects in all collections, empty unless it is exact,
// and what it is worth in words.
func (r Result) count() (total, status string) {
	if !r.CountsAsked {
		return "", "not-counted"
	}
	var sum int64
	var unknown []string
	known := false
	for _, saved := range r.Collections {
		switch {
		case saved.Count.Objects != nil:
			sum += *saved.Count.Objects
			known = true
			continue
		case saved.Count.AtLeast != nil:
			sum += *saved.Count.AtLeast
			known = true
		}
		unknown = append(unknown, saved.Name)
	}
	switch {
	case len(unknown) == 0:
		return strconv.FormatInt(sum, 10), "exact"
	case !known:
		return "", "not-counted"
	default:
		const shown = 5
		return "", fmt.Sprintf("partial: at least %d objects; not counted in full: %s", sum, words.Few(unknown, shown, ", "))
	}
}

// digest is that of all collections.
func (r Result) digest() string {
	names, digests := make([]string, len(r.Collections)), make([]string, len(r.Collections))
	for i, saved := range r.Collections {
		names[i], digests[i] = saved.Name, saved.Digest
	}
	return schema.CombinedDigest(names, digests)
}

// toJSON writes names, and counts by name, which can't fail.
func toJSON[T []string | map[string]*int64](value T) string {
	data, _ := json.Marshal(value) //nolint:errchkjson // strings and numbers only
	return string(data)
}
