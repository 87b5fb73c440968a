package main

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	// summaryFile is the beginning of the step summary of a real run.
	summaryFile = "testdata/summary.md"
	// pictureFile shows it as GitHub does.
	pictureFile = "testdata/summary.svg"
)

// shownSummary is the part of a step summary that the picture shows, up to the
// diagram, with the address, the time and the version of the README's examples.
func shownSummary(summary string) string {
	shown, _, _ := strings.Cut(summary, "\n### References")
	for pattern, instead := range map[string]string{
		`http://127\.0\.0\.1:\d+`:              "http://weaviate:8080",
		`\d{8}_\d{6}`:                          "20240201_103000",
		`\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`: "2024-02-01 10:30:00 UTC",
		`(weaviate-backup-action) dev\b`:       "$1 v1.0.0",
	} {
		shown = regexp.MustCompile(pattern).ReplaceAllString(shown, instead)
	}
	return strings.TrimSpace(shown) + "\n"
}

// savePicture writes the shown part of the summary and its picture.
func savePicture(root, summary string) error {
	shown := shownSummary(summary)
	for name, text := range map[string]string{summaryFile: shown, pictureFile: picture(shown)} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Sizes in pixels, and colours, are those of GitHub's light theme.
const (
	pictureWidth = 1012
	margin       = 24
	textSize     = 14.0
	codeSize     = 12.0
	lineHeight   = 21.0
	cellX, cellY = 13.0, 6.0
	codeX        = 5.0

	ink, border, stripe, codeBackground = "#1f2328", "#d1d9e0", "#f6f8fa", "#eff1f3"
)

// picture draws Markdown as this program writes it: headings, paragraphs, lists
// and tables, with code spans. It is pure: the same text gives the same picture.
func picture(markdown string) string {
	d := &drawing{y: margin}
	d.text("snapshot summary", margin, style{size: textSize, bold: true})
	d.y += lineHeight + 18
	for block := range strings.SplitSeq(strings.TrimSpace(markdown), "\n\n") {
		lines := strings.Split(block, "\n")
		switch {
		case strings.HasPrefix(block, "## "):
			d.heading(block[3:], 21)
		case strings.HasPrefix(block, "### "):
			d.heading(block[4:], 17.5)
		case strings.HasPrefix(block, "|"):
			d.table(lines)
		case strings.HasPrefix(block, "- "):
			for _, line := range lines {
				d.dot()
				d.paragraph(line[2:], 2*margin, style{size: textSize})
			}
			d.y += 12
		default:
			d.paragraph(strings.Join(lines, " "), margin, style{size: textSize})
			d.y += 12
		}
	}
	return d.svg("Step summary of a backup: a table with each collection, its number of objects, and the file that it was saved to")
}

// heading is text with room around it, and a line below the larger one.
func (d *drawing) heading(text string, size float64) {
	d.paragraph(text, margin, style{size: size, bold: true})
	if size > 20 {
		d.y += 7
		d.line(margin, pictureWidth-margin, d.y)
	}
	d.y += 12
}

// paragraph is lines from the left edge on.
func (d *drawing) paragraph(text string, x float64, s style) {
	for _, line := range wrapped(words(text, s), pictureWidth-margin-x) {
		d.words(line, x)
		d.y += lineHeight * s.size / textSize
	}
}

// cell is one cell of a table, or one row's height where it is wrapped.
type cell struct {
	words []word
	right bool
}

// table draws the rows of a table; the second line says which columns are flush
// right.
func (d *drawing) table(lines []string) {
	var rows [][]cell
	marks := cells(lines[1])
	for i, line := range append(lines[:1:1], lines[2:]...) {
		var row []cell
		for column, text := range cells(line) {
			row = append(row, cell{words(text, style{size: textSize, bold: i == 0}), strings.HasSuffix(marks[column], ":")})
		}
		rows = append(rows, row)
	}
	widths := columns(rows, pictureWidth-2*margin)
	for i, row := range rows {
		height := 0
		var wraps [][][]word
		for column, c := range row {
			wraps = append(wraps, wrapped(c.words, widths[column]-2*cellX))
			height = max(height, len(wraps[column]))
		}
		d.row(row, wraps, widths, float64(height)*lineHeight+2*cellY, i > 0 && i%2 == 0)
	}
	d.y += 18
}

// row draws one row at the drawing's place, and goes below it.
func (d *drawing) row(row []cell, wraps [][][]word, widths []float64, height float64, striped bool) {
	x, top := float64(margin), d.y
	for column, lines := range wraps {
		fill := "#ffffff"
		if striped {
			fill = stripe
		}
		d.box(x, top, widths[column], height, fill)
		d.y = top + cellY + (height-2*cellY-float64(len(lines))*lineHeight)/2
		for _, line := range lines {
			at := x + cellX
			if row[column].right {
				at = x + widths[column] - cellX - lineWidth(line)
			}
			d.words(line, at)
			d.y += lineHeight
		}
		x += widths[column]
	}
	d.y = top + height
}

// columns shares out the width as browsers do: each column gets what its longest
// word needs, and of what is left as much as it can use.
func columns(rows [][]cell, width float64) []float64 {
	least, most := make([]float64, len(rows[0])), make([]float64, len(rows[0]))
	var sumLeast, sumMost float64
	for column := range least {
		for _, row := range rows {
			words := row[column].words
			most[column] = max(most[column], lineWidth(words)+2*cellX)
			for _, w := range words {
				least[column] = max(least[column], w.width()+2*cellX)
			}
		}
		sumLeast += least[column]
		sumMost += most[column]
	}
	if sumMost <= width {
		return most
	}
	for column := range least {
		least[column] += (most[column] - least[column]) * (width - sumLeast) / (sumMost - sumLeast)
	}
	return least
}

// cells are the texts between the bars of a line.
func cells(line string) []string {
	parts := strings.Split(strings.Trim(line, "| "), "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// words takes text apart at blanks and around code spans, which stay whole.
func words(text string, s style) []word {
	var all []word
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			code := s
			code.code = true
			all = append(all, word{text: part, style: code})
			continue
		}
		for _, field := range strings.Fields(part) {
			all = append(all, word{text: html.UnescapeString(field), style: s})
		}
	}
	return all
}

// wrapped breaks words into lines that fit the width.
func wrapped(all []word, width float64) [][]word {
	lines := [][]word{nil}
	for _, w := range all {
		last := len(lines) - 1
		if len(lines[last]) > 0 && lineWidth(append(lines[last][:len(lines[last]):len(lines[last])], w)) > width+0.5 {
			lines = append(lines, nil)
			last++
		}
		lines[last] = append(lines[last], w)
	}
	return lines
}
