package xlsx

import (
	"bytes"
	"slices"
	"strconv"
)

const (
	// exactDigits are the significant digits that spreadsheets show and take; what
	// their files have beyond comes from the binary form of fractions.
	exactDigits = 15
	maxExponent = 400 // beyond those of all numbers of a spreadsheet
)

// appendNumber appends a number in decimal notation without exponent: integers
// exactly, fractions as they are stored, but without the noise of their binary
// form. What is no number is appended as it is.
func appendNumber(b, stored []byte) []byte {
	d, ok := parseDecimal(stored)
	if !ok || d.point == len(d.digits) && !d.exponent {
		return append(b, stored...)
	}
	if !d.isInteger() && d.significant() > exactDigits {
		rounded := strconv.AppendFloat(nil, parseFloat(stored), 'e', exactDigits-1, 64)
		if d, ok = parseDecimal(rounded); !ok {
			return append(b, stored...)
		}
		d.digits = bytes.TrimRight(d.digits, "0")
	} else if !d.isInteger() && !d.exponent {
		return append(b, stored...)
	}
	return d.append(b)
}

// parseFloat returns infinity for what is larger than all numbers.
func parseFloat(text []byte) float64 {
	f, _ := strconv.ParseFloat(string(text), 64) // it has been checked
	return f
}

// decimal is a number by its digits.
type decimal struct {
	negative bool
	digits   []byte
	point    int  // how many of the digits stand before the point
	exponent bool // it was written with one
}

func parseDecimal(text []byte) (decimal, bool) {
	d := decimal{negative: len(text) > 0 && text[0] == '-'}
	if d.negative || len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(string(text[i+1:]))
		if err != nil || n > maxExponent || n < -maxExponent {
			return d, false
		}
		d.point, d.exponent, text = n, true, text[:i]
	}
	whole, part, _ := bytes.Cut(text, []byte("."))
	d.digits = whole
	if len(part) > 0 {
		d.digits = slices.Concat(whole, part)
	}
	d.point += len(whole)
	for _, c := range d.digits {
		if c < '0' || c > '9' {
			return d, false
		}
	}
	return d, len(d.digits) > 0
}

// isInteger tells whether only zeros stand behind the point.
func (d *decimal) isInteger() bool {
	return d.point >= len(d.digits) || len(bytes.TrimLeft(d.digits[max(d.point, 0):], "0")) == 0
}

// significant is the number of digits without the zeros around them.
func (d *decimal) significant() int { return len(bytes.Trim(d.digits, "0")) }

func (d *decimal) append(b []byte) []byte {
	if d.significant() == 0 {
		return append(b, '0')
	}
	if d.negative {
		b = append(b, '-')
	}
	whole := bytes.TrimLeft(d.digits[:min(max(d.point, 0), len(d.digits))], "0")
	if b = append(b, whole...); len(whole) == 0 {
		b = append(b, '0')
	} else {
		b = appendZeros(b, d.point-len(d.digits))
	}
	if d.isInteger() {
		return b
	}
	b = appendZeros(append(b, '.'), -d.point)
	return append(b, bytes.TrimRight(d.digits[max(d.point, 0):], "0")...)
}

func appendZeros(b []byte, n int) []byte {
	for range n {
		b = append(b, '0')
	}
	return b
}
