package diff

import (
	"bytes"
	"fmt"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

// suggestProperties suggests that a property was renamed where one is gone and
// another came that is the same but for its name.
func (c *comparison) suggestProperties(collection string, differences []schema.Difference) {
	for _, gone := range differences {
		if !gone.Removed() || !gone.Path.Fits("properties.*") {
			continue
		}
		for _, come := range differences {
			if come.Added() && come.Path.Fits("properties.*") && sameButName(gone, come) {
				c.result.Renames = append(c.result.Renames, fmt.Sprintf("%s: the property %s is perhaps %s now", collection, gone.Path[1], come.Path[1]))
			}
		}
	}
}

// sameButName compares two properties in the canonical form, where the name is
// a member like others.
func sameButName(gone, come schema.Difference) bool {
	name := func(d schema.Difference) []byte { return append([]byte(`"name":`), schema.Quote(d.Path[1])...) }
	return bytes.Equal(bytes.Replace(gone.Before, name(gone), name(come), 1), come.After)
}

// suggestRenames suggests that a collection was renamed where one is gone and
// another came that is the same but for its name.
func (c *comparison) suggestRenames() error {
	digests := make(map[string]string, len(c.come))
	for _, come := range c.come {
		digest, err := come.Digest()
		if err != nil {
			return err
		}
		digests[come.Name] = digest
	}
	for _, gone := range c.gone {
		for _, come := range c.come {
			renamed, err := gone.For(schema.Destination{Names: map[string]string{gone.Name: come.Name}})
			if err != nil {
				return err
			}
			digest, err := renamed.Digest()
			if err != nil {
				return err
			}
			if digest == digests[come.Name] {
				c.result.Renames = append(c.result.Renames, fmt.Sprintf("the collection %s is perhaps %s now", gone.Name, come.Name))
			}
		}
	}
	return nil
}
