package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The picture is that of the text beside it, which the test of the whole demo
// holds against a real run.
func TestPictureIsUpToDate(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("../..", summaryFile))
	require.NoError(t, err)
	drawn, err := os.ReadFile(filepath.Join("../..", pictureFile))
	require.NoError(t, err)
	assert.Equal(t, picture(string(text)), string(drawn), "go run ./internal/demo -picture")
	assert.Less(t, len(drawn), 60_000)
	assert.Equal(t, string(text), shownSummary(string(text)))
}

func TestPictureIsXMLWithAllWords(t *testing.T) {
	t.Parallel()
	drawn := picture("## 1 < 2 & `a<b>`\n\nOne *&#42;* two\n\n| A | B |\n| --- | ---: |\n| `x` | a long cell " + strings.Repeat("word ", 80) + "|\n\n- item `y`\n")
	decoder := xml.NewDecoder(strings.NewReader(drawn))
	assert.NotContains(t, drawn, "%!", "a format that does not fit")
	var shown strings.Builder
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if text, ok := token.(xml.CharData); ok {
			shown.Write(append(text, ' '))
		}
	}
	words := strings.Join(strings.Fields(shown.String()), " ")
	for _, part := range []string{"1 < 2 &", "a<b>", "One *** two", "A B", "x a long cell word word", "item y"} {
		assert.Contains(t, words, part)
	}
	assert.Equal(t, 80, strings.Count(words, "word")-strings.Count(words, "words"))
}

func TestColumnsFit(t *testing.T) {
	t.Parallel()
	row := func(texts ...string) []cell {
		var cells []cell
		for _, text := range texts {
			cells = append(cells, cell{words: words(text, style{size: textSize})})
		}
		return cells
	}
	narrow := columns([][]cell{row("a", "bb")}, 900)
	assert.Less(t, narrow[0]+narrow[1], 100.0)
	wide := columns([][]cell{row("`one`", strings.Repeat("word ", 100), "x")}, 900)
	assert.InDelta(t, 900, wide[0]+wide[1]+wide[2], 0.01)
	assert.Len(t, wrapped(words(strings.Repeat("word ", 4), style{size: textSize}), 70), 2)
}
