package xlsx

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for stored, want := range map[string]string{
		"0":                      "0",
		"-0":                     "-0",
		"007":                    "007",
		"5":                      "5",
		"-12.50":                 "-12.50",
		"5.0":                    "5",
		"1500.00":                "1500",
		"1E+05":                  "100000",
		"7.9001234567E10":        "79001234567",
		"-1.5e3":                 "-1500",
		"1.50E1":                 "15",
		"1e0":                    "1",
		"1.5E-4":                 "0.00015",
		"-1E-7":                  "-0.0000001",
		"0E5":                    "0",
		"-0.0":                   "0",
		".5":                     ".5",
		"5.":                     "5.",
		".5E1":                   "5",
		"12345678901234567":      "12345678901234567",
		"1.2345678901234567E+16": "12345678901234567",
		"1.2345678901234567E+18": "1234567890123456700",
		"0.30000000000000004":    "0.3",
		"1.1000000000000001":     "1.1",
		"-1.1000000000000001E-3": "-0.0011",
		"3.0999999999999999E-2":  "0.031",
		"2.9999999999999996":     "3",
		"99999.999999999985":     "100000",
		"41852.583333333336":     "41852.5833333333",
		"123456.12345678":        "123456.12345678",
		"9.9999999999999995E-8":  "0.0000001",
		"1E309":                  "1" + strings.Repeat("0", 309),
		"1E401":                  "1E401",
		"1E":                     "1E",
		"E5":                     "E5",
		"abc":                    "abc",
		"1.2.3":                  "1.2.3",
		"-":                      "-",
	} {
		if got := string(appendNumber([]byte("x"), []byte(stored))); got != "x"+want {
			t.Errorf("%q: %q, want %q", stored, got[1:], want)
		}
	}
}

// TestNumberValues wants the value of a number to stay: exactly where it is
// written with 15 digits or is an integer, else to 15 digits.
func TestNumberValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		f := rapid.Float64().Draw(rt, "f")
		verb := rapid.SampledFrom([]byte("eEf")).Draw(rt, "verb")
		precision := rapid.SampledFrom([]int{-1, 0, 3, 14, 16}).Draw(rt, "precision")
		stored := strconv.FormatFloat(f, verb, precision, 64)
		got := string(appendNumber(nil, []byte(stored)))
		if strings.ContainsAny(got, "eE") {
			rt.Fatalf("%s has an exponent: %s", stored, got)
		}
		want, ok1 := new(big.Rat).SetString(stored)
		is, ok2 := new(big.Rat).SetString(got)
		if !ok1 || !ok2 {
			rt.Fatalf("%s became %s", stored, got)
		}
		if d, _ := parseDecimal([]byte(stored)); d.isInteger() || d.significant() <= exactDigits {
			if want.Cmp(is) != 0 {
				rt.Fatalf("%s became %s", stored, got)
			}
			return
		}
		off, _ := new(big.Rat).Sub(want, is).Float64()
		if of, _ := want.Float64(); math.Abs(off) > math.Abs(of)*5e-15 {
			rt.Fatalf("%s became %s", stored, got)
		}
	})
}

// TestDecimals wants what somebody typed, up to 15 digits, whatever program
// wrote it.
func TestDecimals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		typed := fmt.Sprintf("%d.%02d", rapid.IntRange(0, 1e9).Draw(rt, "whole"), rapid.IntRange(1, 99).Draw(rt, "part"))
		f, err := strconv.ParseFloat(typed, 64)
		if err != nil {
			rt.Fatal(err)
		}
		want := strings.TrimRight(typed, "0")
		for _, stored := range []string{strconv.FormatFloat(f, 'g', -1, 64), strconv.FormatFloat(f, 'E', -1, 64), strconv.FormatFloat(f, 'g', 17, 64)} {
			if got := string(appendNumber(nil, []byte(stored))); got != want {
				rt.Fatalf("%s, stored as %s, became %s", want, stored, got)
			}
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, stored := range []string{"1E5", "-0.1", "1.1000000000000001", "1e-400", "00.00e1", "+1"} {
		f.Add(stored)
	}
	f.Fuzz(func(t *testing.T, stored string) {
		got := string(appendNumber(nil, []byte(stored)))
		want, ok := new(big.Rat).SetString(stored)
		if d, decimal := parseDecimal([]byte(stored)); !decimal || !ok || d.significant() > exactDigits {
			return
		}
		if is, ok := new(big.Rat).SetString(got); !ok || is.Cmp(want) != 0 {
			t.Errorf("%q became %q", stored, got)
		}
	})
}
