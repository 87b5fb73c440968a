package readme_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every link inside the repository leads to a file that is there, and to a heading
// of it.
func TestLinks(t *testing.T) {
	t.Parallel()
	count := 0
	for _, page := range pages {
		for _, target := range links(read(t, page)) {
			if strings.Contains(target, "://") {
				continue
			}
			count++
			file, anchor, _ := strings.Cut(target, "#")
			file = path.Join(path.Dir(page), file)
			if strings.HasPrefix(target, "#") {
				file = page
			}
			_, err := os.Stat(filepath.Join(root, file))
			require.NoError(t, err, "%s: %s", page, target)
			if anchor != "" {
				assert.Contains(t, anchors(read(t, file)), anchor, "%s: no such heading", page)
			}
		}
	}
	require.Greater(t, count, 20)
}

// links are the targets of the links and pictures in Markdown, without code.
func links(markdown string) []string {
	markdown = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`").ReplaceAllString(markdown, "")
	var all []string
	for _, match := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(markdown, -1) {
		all = append(all, match[1])
	}
	return all
}

// anchors are those of GitHub for headings that are there once: lower case, hyphens
// for blanks, nothing for other signs.
func anchors(markdown string) []string {
	markdown = regexp.MustCompile("(?s)```.*?```").ReplaceAllString(markdown, "")
	var all []string
	for _, match := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(markdown, -1) {
		text := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(match[1]), "")
		all = append(all, strings.ReplaceAll(text, " ", "-"))
	}
	return all
}

func TestHeadingsAreUnique(t *testing.T) {
	t.Parallel()
	for _, page := range pages {
		all := anchors(read(t, page))
		slices.Sort(all)
		assert.Len(t, slices.Compact(slices.Clone(all)), len(all), "%s: a second heading of the same text has another anchor", page)
	}
}

func TestLinksThatAreRead(t *testing.T) {
	t.Parallel()
	const page = "# A `b`, c\n[x](#a-b-c) ![y](z.svg)\n```sh\n# no heading [q](w)\n```\n`[n](m)` [u](https://h/)\n## D_e 1.2\n"
	assert.Equal(t, []string{"#a-b-c", "z.svg", "https://h/"}, links(page))
	assert.Equal(t, []string{"a-b-c", "d_e-12"}, anchors(page))
}
