package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/schema"
)

func TestAtLeast(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version, release string
		want             bool
	}{
		{"1.39.0", "1.39", true},
		{"1.39.0", "1.38", true},
		{"1.39.0", "1.40", false},
		{"1.9.0", "1.10", false},
		{"1.10.0", "1.9", true},
		{"2.0.0", "1.39", true},
		{"0.99.0", "1.0", false},
		{"v1.39.2", "1.39", true},
		{"v1.27.0", "1.28", false},
		{"1.39", "1.39", true},
		{"1.40.0-rc.1", "1.40", true},
		{"1.40-rc.1", "1.40", true},
		{"1.39.0-dev-abc", "1.40", false},
		{"1.27-rc.1", "1.28", false},
		{"1.27.4", "1.27.5", false},
		{"1.27.5", "1.27.5", true},
		{"1.27.27", "1.27.5", true},
		{"1.28.0", "1.27.5", true},
		{"1.27.5-rc.1", "1.27.5", true},
		{"1.27", "1.27.5", false},
		{"1.27.x", "1.27", true},

		{"", "1.28", true},
		{"1", "1.28", true},
		{"nightly", "1.28", true},
		{"1.x.0", "1.28", true},
		{"latest.1", "1.28", true},
		{"99999999999999999999.1", "1.28", true},
	} {
		assert.Equal(t, test.want, schema.AtLeast(test.version, test.release), "%q is at least %s", test.version, test.release)
	}
}
