package words_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/weaviate-backup/weaviate-backup-action/internal/words"
)

func TestHidden(t *testing.T) {
	t.Parallel()
	for r, spelled := range map[rune]string{
		'\n': `\n`, '\r': `\r`, '\t': `\t`, 0: `\x00`, 0x1b: `\x1b`, 0x7f: `\x7f`, 0x85: `\u0085`, 0xad: `\u00ad`, 0x200b: `\u200b`, 0x2028: `\u2028`,
		0x202e: `\u202e`, 0xe000: `\ue000`, 0xfe0f: `\ufe0f`, 0xe0001: `\U000e0001`,
	} {
		assert.True(t, words.IsHidden(r), "%U", r)
		assert.Equal(t, spelled, words.Spell(r))
	}
	for _, r := range " aä漢😀|:[#\u0301" {
		assert.False(t, words.IsHidden(r), "%U", r)
	}
	assert.Equal(t, `\x3a`, words.Spell(':'), "what means something is spelled so too")
}
