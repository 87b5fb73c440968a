package memory_test

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/memory"
)

func TestLimit(t *testing.T) {
	t.Parallel()
	const usual = 192 << 20
	const v1, v2 = "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"no files", nil, usual},
		{"version 2", map[string]string{v2: "134217728\n"}, 120795956},
		{"more than is needed", map[string]string{v2: "268435456\n"}, usual},
		{"version 2, no limit", map[string]string{v2: "max\n"}, usual},
		{"version 1", map[string]string{v1: "1000\n"}, 900},
		{"version 1, no limit", map[string]string{v1: "9223372036854771712\n"}, usual},
		{"both", map[string]string{v2: "2000\n", v1: "1000\n"}, 1800},
		{"both, version 2 has no limit", map[string]string{v2: "max\n", v1: "1000\n"}, 900},
		{"nothing in it", map[string]string{v2: ""}, usual},
		{"no number", map[string]string{v2: "a lot\n"}, usual},
		{"below nothing", map[string]string{v2: "-1\n"}, usual},
		{"none at all", map[string]string{v2: "0\n"}, usual},
		{"too large for a number", map[string]string{v2: "99999999999999999999\n"}, usual},
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
