package memory_test

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/memory"
)

func TestLimit(t *testing.T) {
	t.Parallel()
	const v1, v2 = "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"no files", nil, 0},
		{"version 2", map[string]string{v2: "268435456\n"}, 241591911},
		{"version 2, no limit", map[string]string{v2: "max\n"}, 0},
		{"version 1", map[string]string{v1: "1000\n"}, 900},
		{"version 1, no limit", map[string]string{v1: "9223372036854771712\n"}, 0},
		{"both", map[string]string{v2: "2000\n", v1: "1000\n"}, 1800},
		{"both, version 2 has no limit", map[string]string{v2: "max\n", v1: "1000\n"}, 900},
		{"nothing in it", map[string]string{v2: ""}, 0},
		{"no number", map[string]string{v2: "a lot\n"}, 0},
		{"below nothing", map[string]string{v2: "-1\n"}, 0},
		{"none at all", map[string]string{v2: "0\n"}, 0},
		{"too large for a number", map[string]string{v2: "99999999999999999999\n"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, memory.Limit(func(path string) ([]byte, error) {
				if text, ok := test.files[path]; ok {
					return []byte(text), nil
				}
				return nil, fs.ErrNotExist
			}))
		})
	}
}
