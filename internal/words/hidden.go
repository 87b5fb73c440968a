package words

import (
	"fmt"
	"unicode"
)

// IsHidden says whether r has no shape of its own, or changes how its neighbours
// are shown: controls, format characters, line separators, unassigned and
// private ones, and what Unicode lets a renderer ignore.
func IsHidden(r rune) bool {
	return !unicode.IsGraphic(r) ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Spell writes r as Go source spells it: \n, \x1b, \u202e, \U000e0001.
func Spell(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}
