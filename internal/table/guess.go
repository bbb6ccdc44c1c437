package table

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// notGuessed tells what speaks against a text in a guessed encoding, which is
// Windows-1251, being what it says; empty when nothing does.
func notGuessed(text string) string {
	if stored, err := charmap.Windows1251.NewEncoder().String(text); err == nil {
		if valid, broken := utf8In([]byte(stored)); valid > 1 && valid > broken {
			return fmt.Sprintf("the text is UTF-8 in a table that is not: it reads %.60q", text)
		}
	}
	if mixed(text) {
		return fmt.Sprintf("the text is neither UTF-8 nor, as it seems, Windows-1251, where it reads %.60q", text)
	}
	return ""
}

// mixed tells whether Latin and Cyrillic letters stand side by side, as they do
// when another encoding than Windows-1251 is read as it: small ones, or a Cyrillic
// one among Latin ones for which nobody can have mistaken it.
func mixed(text string) bool {
	const alike = "ABCEHKMOPTXYАВЕКМНОРСТУХ"
	letters := []rune(text)
	for i, r := range letters {
		if i == 0 {
			continue
		}
		before := letters[i-1]
		if small(r) && cyrillic(before) || cyrillic(r) && small(before) {
			return true
		}
		if i+1 == len(letters) {
			continue
		}
		after := letters[i+1]
		if latin(before) && cyrillic(r) && latin(after) && !strings.ContainsRune(alike, r) &&
			!(strings.ContainsRune(alike, before) && strings.ContainsRune(alike, after)) {
			return true
		}
	}
	return false
}

func small(r rune) bool { return r >= 'a' && r <= 'z' }

func latin(r rune) bool { return small(r) || r >= 'A' && r <= 'Z' }

func cyrillic(r rune) bool { return r >= 'Ѐ' && r <= 'ӿ' }

// foreign is the encoding that the beginning of a table seems to have instead of
// Windows-1251, with a word that tells it; empty when nothing tells it reliably.
func foreign(start []byte) (encoding string, word []byte) {
	words := bytes.FieldsFunc(start, func(r rune) bool { return r < utf8.RuneSelf })
	var has [256]bool
	for _, word := range words {
		for _, b := range word {
			has[b] = true
		}
	}
	if word = cp866(words, &has); word != nil {
		return "CP866", word
	}
	if word = macOS(words, &has); word != nil {
		return "Mac OS Cyrillic", word
	}
	if word = koi8(words); word != nil {
		return "KOI8-R", word
	}
	if word = german(words); word != nil {
		return "Windows-1252", word
	}
	return "", nil
}

// notThis is the error of a table in an encoding that is not read.
func notThis(name string, start []byte, encoding string, word []byte) error {
	before, _, _ := bytes.Cut(start, word)
	row := 1 + max(bytes.Count(before, []byte("\n")), bytes.Count(before, []byte("\r")))
	read, _ := charmap.Windows1251.NewDecoder().Bytes(word) // every byte is a character
	return &Error{File: name, Row: row, Problem: fmt.Sprintf("the text seems to be %s: in Windows-1251 it would read %.60q", encoding, read), Remedy: remedyUTF8}
}

// cp866 finds a word in CP866, which has half of its small letters where
// Windows-1251 has signs and letters of several other languages, and nothing but
// frames where Windows-1251 has its capitals.
func cp866(words [][]byte, has *[256]bool) []byte {
	rare := 0
	for _, b := range []byte("\xa1\xa2\xa3\xa4\xa5\xa6\xaa\xac\xad\xaf") {
		if has[b] {
			rare++
		}
	}
	if rare < 2 || slices.Contains(has[0xb0:0xe0], true) {
		return nil
	}
	return find(words, func(word []byte) bool {
		return len(word) > 2 && every(word, func(b byte) bool { return b < 0xb0 || b >= 0xe0 && b <= 0xf1 })
	})
}

// macOS finds a word in the Cyrillic of Mac OS, which has the same small letters,
// but its capitals where Windows-1251 has those of Serbian and Macedonian: these
// lack some of the small ones. Only ё and я stand elsewhere.
func macOS(words [][]byte, has *[256]bool) []byte {
	if slices.Contains(has[0xc0:0xde], true) || !has[0xe9] && !slices.Contains(has[0xf9:0xff], true) {
		return nil
	}
	return find(words, func(word []byte) bool {
		return len(word) > 2 && bytes.IndexByte([]byte("\x80\x81\x8a\x8c\x8d\x8e\x8f"), word[0]) >= 0 && every(word[1:], func(b byte) bool { return b >= 0xde })
	})
}

// koi8 finds a word in KOI8-R, which has its small letters where Windows-1251 has
// the capitals: words begin small and go on large. So do words that were typed
// with the Caps Lock key, but the letters of these are as frequent as in Russian.
func koi8(words [][]byte) []byte {
	swapped := func(word []byte) bool { return len(word) > 2 && isSmall(word[0]) && every(word[1:], isCapital) }
	usual := func(word []byte) bool { return len(word) > 2 && isCapital(word[0]) && every(word[1:], isSmall) }
	more, better := 0, 0.0
	for _, word := range words {
		switch {
		case swapped(word):
			more++
		case usual(word):
			more--
		}
		for _, b := range word {
			if b >= 0xc0 {
				better += frequency(charmap.KOI8R, b) - frequency(charmap.Windows1251, b)
			}
		}
	}
	if more <= 0 || better < 1 {
		return nil
	}
	return find(words, swapped)
}

// frequency is the logarithm of how many of a thousand letters of Russian texts are
// this one.
func frequency(encoding *charmap.Charmap, b byte) float64 {
	const letters = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
	perMille := []float64{80, 16, 45, 17, 30, 85, 9, 16, 74, 12, 35, 44, 32, 67, 110, 28, 47, 55, 63, 26, 3, 10, 5, 14, 7, 4, 0.4, 19, 17, 3, 6, 20}
	at := strings.IndexRune(letters, unicode.ToLower(encoding.DecodeByte(b)))
	return math.Log(perMille[at/len("а")])
}

// german finds a word of umlauts, which Windows-1251 reads as one with a soft sign
// and without a vowel, where no other word has a vowel.
func german(words [][]byte) []byte {
	const vowels = "\xc0\xc5\xc8\xce\xd3\xda\xdb\xdd\xde\xdf\xe0\xe5\xe8\xee\xf3\xfa\xfb\xfd\xfe\xff\xa8\xb8\xaa\xba\xaf\xbf\xb2\xb3"
	isVowel := func(b byte) bool { return strings.IndexByte(vowels, b) >= 0 }
	if find(words, func(word []byte) bool { return len(word) > 1 && slices.ContainsFunc(word, isVowel) }) != nil {
		return nil
	}
	return find(words, func(word []byte) bool {
		isSoft := func(b byte) bool { return b == 0xdc || b == 0xfc }
		return len(word) > 2 && slices.ContainsFunc(word, isSoft) && every(word, func(b byte) bool { return b >= 0xc0 })
	})
}

// find returns the first word that is as wanted; nil when there is none.
func find(words [][]byte, wanted func([]byte) bool) []byte {
	if i := slices.IndexFunc(words, wanted); i >= 0 {
		return words[i]
	}
	return nil
}

func every(word []byte, is func(byte) bool) bool {
	return !slices.ContainsFunc(word, func(b byte) bool { return !is(b) })
}

// isSmall and isCapital tell the Russian letters of Windows-1251.
func isSmall(b byte) bool { return b >= 0xe0 || b == 0xb8 }

func isCapital(b byte) bool { return b >= 0xc0 && b < 0xe0 || b == 0xa8 }
