package xlsx

import (
	"strings"
	"unicode/utf8"
)

// format is what the number of a cell means by its format: nothing but a number,
// or a day, a time of the day, both, or a time that has passed.
type format uint8

const (
	day     format = 1 << iota // years, months or days are shown
	clock                      // hours, minutes or seconds are shown
	elapsed                    // of hours, minutes or seconds beyond those of a day
)

// builtIn is the format of a number without a code of its own. Those from 27 to
// 36 and from 50 to 58 are dates and times of East Asia, which one by the
// language.
//
// Source: ISO/IEC 29500-1, 18.8.30.
func builtIn(id int) format {
	switch {
	case id >= 14 && id <= 17:
		return day
	case id >= 18 && id <= 21, id == 45, id == 47:
		return clock
	case id == 22, id >= 27 && id <= 36, id >= 50 && id <= 58:
		return day | clock
	case id == 46:
		return clock | elapsed
	}
	return 0
}

// formatOf reads the code of a format, of which the part up to the first
// semicolon is for positive numbers.
func formatOf(code string) format {
	var f format
	month := false
	for i := 0; i < len(code) && code[i] != ';'; {
		rest := code[i:]
		length := 1
		switch rest[0] | 0x20 { // lower case; no mark below becomes a letter by it
		case 'y', 'd':
			f |= day
		case 'm':
			month = true
		case 'h':
			f |= clock
		case 's':
			if foldPrefix(rest, "standard") { // General, as some write it in German
				length = len("standard")
				break
			}
			f |= clock
			length += fraction(rest[1:])
		case 'a':
			if n := meridiem(rest); n > 0 {
				f |= clock
				length = n
			}
		case 'g':
			if foldPrefix(rest, "general") {
				length = len("general")
			}
		default:
			switch rest[0] {
			case '0', '#', '?':
				return 0 // a place for a digit
			case '"':
				length = 2 + strings.IndexByte(rest[1:]+`"`, '"')
			case '\\', '_', '*': // and the next character
				_, n := utf8.DecodeRuneInString(rest[1:])
				length += n
			case '[':
				inside, _, _ := strings.Cut(rest[1:], "]")
				length = 2 + len(inside)
				if isElapsed(inside) {
					f |= clock | elapsed
					length += fraction(rest[min(length, len(rest)):])
				}
			}
		}
		i += length
	}
	if month && f&clock == 0 { // else they may be minutes
		f |= day
	}
	return f
}

// fraction is the length of decimal places behind seconds.
func fraction(rest string) int {
	if rest == "" || rest[0] != '.' && rest[0] != ',' {
		return 0
	}
	digits := len(rest[1:]) - len(strings.TrimLeft(rest[1:], "0"))
	if digits == 0 {
		return 0
	}
	return 1 + digits
}

// meridiem is the length of the mark for the half of a day.
func meridiem(rest string) int {
	for _, mark := range []string{"am/pm", "a/p"} {
		if foldPrefix(rest, mark) {
			return len(mark)
		}
	}
	return 0
}

func foldPrefix(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// isElapsed tells [h], [mm] or [ss] from colours, languages and conditions.
func isElapsed(inside string) bool {
	inside = strings.ToLower(inside)
	for _, unit := range []string{"h", "m", "s"} {
		if inside != "" && strings.Trim(inside, unit) == "" {
			return true
		}
	}
	return false
}
