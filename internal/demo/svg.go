package main

import (
	"fmt"
	"html"
	"strings"
)

// style is how a word looks.
type style struct {
	size       float64
	bold, code bool
}

// word is text that is not broken.
type word struct {
	text string
	style
}

// advances are how wide the characters from blank to tilde are in Helvetica and
// Arial, in thousandths of the size.
var advances = [...]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// width is what the word takes, in pixels. Whatever font there is, the picture
// says so of it too: a word never leaves its place.
func (w word) width() float64 {
	if w.code {
		return float64(len([]rune(w.text)))*0.6*w.size*codeSize/textSize + 2*codeX
	}
	sum := 0
	for _, r := range w.text {
		if i := int(r) - ' '; i >= 0 && i < len(advances) {
			sum += advances[i]
		} else {
			sum += 556
		}
	}
	width := float64(sum) * w.size / 1000
	if w.bold {
		width *= 1.06
	}
	return width
}

// blank is the space between two words.
func (s style) blank() float64 { return 0.278 * s.size }

// lineWidth is that of words with blanks between them.
func lineWidth(words []word) float64 {
	width := 0.0
	for i, w := range words {
		if i > 0 {
			width += w.blank()
		}
		width += w.width()
	}
	return width
}

// drawing is a picture that grows downwards.
type drawing struct {
	body strings.Builder
	y    float64 // of the top of what comes next
}

// words draws a line. Words of one style are one text.
func (d *drawing) words(line []word, x float64) {
	for i := 0; i < len(line); {
		run := line[i]
		for i++; i < len(line) && !run.code && line[i].style == run.style; i++ {
			run.text += " " + line[i].text
		}
		d.text(run.text, x, run.style)
		x += run.width() + run.blank()
	}
}

// text draws text of one style whose left upper corner is x and the drawing's y.
func (d *drawing) text(text string, x float64, s style) {
	width := word{text, s}.width()
	baseline, font := d.y+0.5*lineHeight*s.size/textSize+0.36*s.size, ""
	size := s.size
	if s.code {
		baseline -= 0.04 * s.size
		size *= codeSize / textSize
		fmt.Fprintf(&d.body, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="5" fill="%s"/>`+"\n",
			x, d.y+0.12*lineHeight*s.size/textSize, width, 0.8*lineHeight*s.size/textSize, codeBackground)
		x, width = x+codeX, width-2*codeX
		font = ` font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,Liberation Mono,monospace"`
	}
	if s.bold {
		font += ` font-weight="600"`
	}
	fmt.Fprintf(&d.body, `<text x="%.1f" y="%.1f" font-size="%g"%s textLength="%.1f" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n",
		x, baseline, size, font, width, html.EscapeString(text))
}

func (d *drawing) box(x, y, width, height float64, fill string) {
	fmt.Fprintf(&d.body, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s" stroke="%s" shape-rendering="crispEdges"/>`+"\n", x, y, width, height, fill, border)
}

func (d *drawing) line(x1, x2, y float64) {
	fmt.Fprintf(&d.body, `<path d="M%.1f %.1fH%.1f" stroke="%s"/>`+"\n", x1, y, x2, border)
}

// dot is the mark of a list's item.
func (d *drawing) dot() {
	fmt.Fprintf(&d.body, `<circle cx="%.1f" cy="%.1f" r="2.5" fill="%s"/>`+"\n", 1.5*margin, d.y+lineHeight/2, ink)
}

// svg is the whole picture, on a card as GitHub's page of a run has it.
func (d *drawing) svg(about string) string {
	height := int(d.y) + margin/2
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" fill="%s"
 font-family="-apple-system,BlinkMacSystemFont,Segoe UI,Noto Sans,Helvetica,Arial,sans-serif">
<title>%s</title>
<rect x="0.5" y="0.5" width="%d" height="%d" rx="6" fill="#ffffff" stroke="%s"/>
%s</svg>
`, pictureWidth, height, pictureWidth, height, ink, html.EscapeString(about), pictureWidth-1, height-1, border, d.body.String())
}
