package diff

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// maxCandidates is up to how many new names are suggested for an old one. Where
// more are the same but for the name, a suggestion would say nothing.
const maxCandidates = 3

// suggestProperties suggests that a property was renamed where one is gone and
// another came that is the same but for its name.
func (c *comparison) suggestProperties(collection string, differences []schema.Difference) {
	come := make(map[string][]string) // names by the definition without its name
	for _, d := range differences {
		if d.IsNewProperty() {
			key := withoutName(d.Path[1], d.After)
			come[key] = append(come[key], d.Path[1])
		}
	}
	for _, d := range differences {
		if !d.Removed() || !d.Path.Fits("properties.*") {
			continue
		}
		c.suggest(come[withoutName(d.Path[1], d.Before)], func(name string) string {
			return fmt.Sprintf("%s: the property %s is perhaps %s now", collection, d.Path[1], name)
		})
	}
}

// suggest makes a sentence of each candidate.
func (c *comparison) suggest(candidates []string, sentence func(name string) string) {
	if len(candidates) > maxCandidates {
		return
	}
	for _, name := range candidates {
		c.result.Renames = append(c.result.Renames, sentence(name))
	}
}

// withoutName is a property in the canonical form, where the name is a member like
// others, with an empty name.
func withoutName(name string, property jsontext.Value) string {
	return string(bytes.Replace(property, append([]byte(`"name":`), schema.Quote(name)...), []byte(`"name":""`), 1))
}

// suggestRenames suggests that a collection was renamed where one is gone and
// another came that is the same but for its name.
func (c *comparison) suggestRenames() error {
	if len(c.gone) == 0 {
		return nil
	}
	come := make(map[string][]string) // names by the digest without a name
	for _, collection := range c.come {
		digest, err := namelessDigest(collection)
		if err != nil {
			return err
		}
		come[digest] = append(come[digest], collection.Name)
	}
	for _, gone := range c.gone {
		digest, err := namelessDigest(gone)
		if err != nil {
			return err
		}
		c.suggest(come[digest], func(name string) string {
			return fmt.Sprintf("the collection %s is perhaps %s now", gone.Name, name)
		})
	}
	return nil
}

// namelessDigest is the digest of a collection under a name that none has: one
// that no server would take.
func namelessDigest(c Collection) (string, error) {
	renamed, err := c.For(schema.Destination{Names: map[string]string{c.Name: "-"}})
	if err != nil {
		return "", err
	}
	return renamed.Digest()
}
