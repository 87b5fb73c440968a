package backup

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// ErrMissing is a selection that names collections which are not there.
var ErrMissing = errors.New("not on the server")

// selectCollections takes those of all that a pattern of include names (all of
// them where include is empty) and none of exclude does. What is asked for and
// not there is an error, which lists everything at once: every missing name with
// names like it, every name that is an alias, every glob that matches nothing.
func selectCollections(all []schema.Collection, include, exclude []string, aliases map[string]string) ([]schema.Collection, error) {
	if len(all) == 0 && len(include) == 0 {
		return nil, errors.New("the server has no collections at all")
	}
	names := namesOf(all)
	chosen, unmatched := schema.Select(names, include, exclude)
	var problems []string
	for _, pattern := range unmatched {
		problems = append(problems, missing(pattern, names, aliases))
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrMissing, strings.Join(problems, "; "))
	}

	var selected []schema.Collection
	for _, c := range all {
		if len(chosen) > 0 && c.Name == chosen[0] { // both are in one order
			selected = append(selected, c)
			chosen = chosen[1:]
		}
	}
	if len(selected) == 0 {
		return nil, fmt.Errorf("exclude-collections (%s) takes away every collection that was chosen", strings.Join(exclude, ", "))
	}
	return selected, nil
}

func namesOf(collections []schema.Collection) []string {
	names := make([]string, len(collections))
	for i, c := range collections {
		names[i] = c.Name
	}
	return names
}

// missing says of one pattern why it selects nothing.
func missing(pattern string, names []string, aliases map[string]string) string {
	if schema.IsGlob(pattern) {
		return fmt.Sprintf("no collection fits %s", pattern)
	}
	if target, ok := aliases[pattern]; ok {
		return fmt.Sprintf("%s is an alias of %s: name the collection", pattern, target)
	}
	return "no collection " + pattern + schema.DidYouMean(pattern, names)
}
