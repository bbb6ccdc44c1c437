package bind

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestRelax(t *testing.T) {
	t.Parallel()
	const bom = "\ufeff"
	for _, test := range []struct{ name, in, want string }{
		{"strict", `{"a":[1,true,null,"x"]}`, `{"a":[1,true,null,"x"]}`},
		{"empty object", `{}`, `{}`},
		{"empty array", " [ ] ", `[]`},
		{"empty object with blanks", "{ \n }", `{}`},
		{"single quotes", `{'NAME':'Otto'}`, `{"NAME":"Otto"}`},
		{"mixed quotes", `{'a':"b",c:'d'}`, `{"a":"b","c":"d"}`},
		{"double quotes inside single ones", `['say "hi"']`, `["say \"hi\""]`},
		{"single quotes inside double ones", `["it's"]`, `["it's"]`},
		{"escaped quote", `['it\'s',"\""]`, `["it's","\""]`},
		{"keys without quotes", `{UF_DEPARTMENT:[7], $x-1.y: 2}`, `{"UF_DEPARTMENT":[7],"$x-1.y":2}`},
		{"keys of filters", `{>=DATE:1, !ID:2, %NAME:3, <ID:4, @ID:5, +x:6, =A:7}`, `{">=DATE":1,"!ID":2,"%NAME":3,"<ID":4,"@ID":5,"+x":6,"=A":7}`},
		{"key of digits", `{0:1, 42:2}`, `{"0":1,"42":2}`},
		{"key in another script", `{отдел:1, 部門:2, हिन्दी:3}`, `{"отдел":1,"部門":2,"हिन्दी":3}`},
		{"keyword as key", `{null:1,true:2}`, `{"null":1,"true":2}`},
		{"empty key", `{'':1}`, `{"":1}`},
		{"comma at the end", `{'a':[1,2,],}`, `{"a":[1,2]}`},
		{"comma and blanks at the end", "[1 ,\n\t]", `[1]`},
		{"comment to the end of the line", "{ // who\n a: 1 // one\n}", `{"a":1}`},
		{"comment of a shell", "# filter\n{a:1} # end", `{"a":1}`},
		{"comment in between", `/**/{/* * / */a/**/:/*}*/1/***/}/**/`, `{"a":1}`},
		{"comment right behind a value", "[1//x\n,true/**/,null#\n]", `[1,true,null]`},
		{"comment is the end", "[1] //", `[1]`},
		{"no comment inside quotes", `['http://x', "/* # */"]`, `["http://x","/* # */"]`},
		{"line break inside quotes", "['one\ntwo\r\nthree\tfour']", `["one\ntwo\r\nthree\tfour"]`},
		{"byte order mark", bom + `{"a":1}`, `{"a":1}`},
		{"two byte order marks", bom + bom + "[1]" + bom, `[1]`},
		{"exotic blanks", "[\u00a01\u2003,\u30002\u2028]", `[1,2]`},
		{"order kept", `{"z":1,"a":2,"m":{"y":1,"b":2}}`, `{"z":1,"a":2,"m":{"y":1,"b":2}}`},
		{"digits kept", `[1.10,12345678901234567890,1e400,-0,0.0000001,1E+2,-1.50e-10]`, `[1.10,12345678901234567890,1e400,-0,0.0000001,1E+2,-1.50e-10]`},
		{"last of two keys in the first place", `{"a":1,"b":2,'a':3}`, `{"a":3,"b":2}`},
		{"keys equal once read", `{"a":1,"\u0061":2,a:{b:1,b:2}}`, `{"a":{"b":2}}`},
		{"keys differ in case", `{a:1,A:2}`, `{"a":1,"A":2}`},
		{"escapes", `["\b\f\n\r\t\/\\\""]`, `["\b\f\n\r\t/\\\""]`},
		{"unicode escape", `["\u041e\u00E9\u003C"]`, `["Оé<"]`},
		{"surrogate pair", `["\ud83d\ude00\uD83D\uDE00"]`, `["😀😀"]`},
		{"half a pair", `["\ud83dx","\ude00","\ud83d\ud83d\ude00","\ud83d\u0041","\ud83d\n"]`, `["�x","�","�😀","�A","�\n"]`},
		{"an escaped replacement character", `["\ufffd"]`, `["�"]`},
		{"control characters", `["\u0000\u001f"]`, `["\u0000\u001f"]`},
		{"no escapes for HTML", `["<b>&amp;</b>"]`, `["<b>&amp;</b>"]`},
		{"other scripts", `{'имя':'Отто 😀'}`, `{"имя":"Отто 😀"}`},
		{"number alone", " 12.50 ", `12.50`},
		{"word alone", "null", `null`},
		{"text alone", `'x'`, `"x"`},
		{"deep", strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth)},
		{"many side by side", "[" + strings.Repeat("[],{},", maxDepth) + "]", "[" + strings.TrimSuffix(strings.Repeat("[],{},", maxDepth), ",") + "]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := Relax([]byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !json.Valid(got) {
				t.Error("no strict JSON")
			}
		})
	}
}

func TestRelaxRefuses(t *testing.T) {
	t.Parallel()
	const (
		noNumber   = "no number as JSON writes it (put quotes around a text)"
		noEscape   = `a backslash before a character that needs none (write \\ for a backslash)`
		fourDigits = `\u needs four hexadecimal digits`
		openQuote  = "the quote that opens here is never closed"
		afterEnd   = "text after the end of the JSON"
		bare       = "a text without quotes"
	)
	for _, test := range []struct {
		name, in     string
		line, column int
		near         string
		problem      string
	}{
		{"nothing", "", 1, 1, "", "there is no JSON"},
		{"blanks only", " \n ", 2, 2, "", "there is no JSON"},
		{"comment only", "// x", 1, 5, "", "there is no JSON"},
		{"open object", "{", 1, 1, "{", "the '{' that opens here is never closed"},
		{"open object after a member", "{a:1", 1, 1, "{a:1", "the '{' that opens here is never closed"},
		{"open object after a comma", "{a:1,", 1, 1, "{a:1,", "the '{' that opens here is never closed"},
		{"open array", "\n [", 2, 2, "[", "the '[' that opens here is never closed"},
		{"open array after a member", "[1 ", 1, 1, "[1 ", "the '[' that opens here is never closed"},
		{"open inner array", "{a: [1, {b:2}}", 1, 14, "}", "expected a comma or ']'"},
		{"open single quote", "{\n 'a': 'b\n}", 2, 7, "'b", openQuote},
		{"open double quote", `["x]`, 1, 2, `"x]`, openQuote},
		{"open quote after an escape", `'\'`, 1, 1, `'\'`, openQuote},
		{"comma alone", "[,]", 1, 2, ",]", "expected a value"},
		{"two commas", "[1,,2]", 1, 4, ",2]", "expected a value"},
		{"comma alone in an object", "{,}", 1, 2, ",}", "expected a key"},
		{"two commas in an object", "{a:1,,}", 1, 6, ",}", "expected a key"},
		{"no comma", "[1 2]", 1, 4, "2]", "expected a comma or ']'"},
		{"no comma in an object", "{a:1 b:2}", 1, 6, "b:2}", "expected a comma or '}'"},
		{"quote inside quotes", `{'a':'it's'}`, 1, 10, `s'}`, `expected a comma or '}' (inside such quotes the quote itself is written \')`},
		{"double quote inside quotes", `["a"b"]`, 1, 5, `b"]`, `expected a comma or ']' (inside such quotes the quote itself is written \")`},
		{"no colon", "{a 1}", 1, 4, "1}", "expected a colon after the key"},
		{"key only", "{'a'}", 1, 5, "}", "expected a colon after the key"},
		{"end after a key", "{a", 1, 3, "", "expected a colon after the key"},
		{"end after a colon", "{a:", 1, 4, "", "the text ends where a value should stand"},
		{"no value", "{a:}", 1, 4, "}", "expected a value"},
		{"wrong bracket", "[1}", 1, 3, "}", "expected a comma or ']'"},
		{"structure as key", "{{}:1}", 1, 2, "{}:1}", "expected a key"},
		{"key with a blank", "{first name:1}", 1, 8, "name:1}", "expected a colon after the key"},
		{"closing bracket alone", "]", 1, 1, "]", "expected a value"},
		{"text behind", "{} x", 1, 4, "x", afterEnd},
		{"second value", "[1]\n[2]", 2, 1, "[2]", afterEnd},
		{"bracket behind", "{}}", 1, 3, "}", afterEnd},
		{"text without quotes", "{a: Otto}", 1, 5, "Otto}", bare},
		{"keyword in capitals", "[True]", 1, 2, "True]", bare},
		{"no JSON keyword", "[undefined, NaN]", 1, 2, "undefined, NaN]", bare},
		{"text alone", "1,2 and more", 1, 2, ",2 and more", afterEnd},
		{"leading zero", "[007]", 1, 2, "007]", noNumber},
		{"plus", "[+1]", 1, 2, "+1]", noNumber},
		{"no digit before the point", "[.5]", 1, 2, ".5]", noNumber},
		{"no digit after the point", "[5.]", 1, 2, "5.]", noNumber},
		{"minus alone", "[-]", 1, 2, "-]", noNumber},
		{"hexadecimal", "[0x1f]", 1, 2, "0x1f]", noNumber},
		{"date without quotes", "{a:2026-05-26}", 1, 4, "2026-05-26}", noNumber},
		{"needless escape", `["C:\Users"]`, 1, 5, `\Users"]`, noEscape},
		{"escaped line break", "['a\\\nb']", 1, 4, `\`, noEscape},
		{"escaped letter of another script", `['\ж']`, 1, 3, `\ж']`, noEscape},
		{"few digits", `["\u12"]`, 1, 3, `\u12"]`, fourDigits},
		{"no hexadecimal digits", `["\uzzzz"]`, 1, 3, `\uzzzz"]`, fourDigits},
		{"a sign is no digit", `["\u+123"]`, 1, 3, `\u+123"]`, fourDigits},
		{"broken second half", `["\ud83d\uzzzz"]`, 1, 9, `\uzzzz"]`, fourDigits},
		{"end after a backslash", `["\`, 1, 3, `\`, "the text ends after a backslash"},
		{"end after \\u", `["\u`, 1, 3, `\u`, fourDigits},
		{"open comment", "[1 /* x", 1, 4, "/* x", "a comment without its */"},
		{"open comment of one star", "[1]/*/", 1, 4, "/*/", "a comment without its */"},
		{"half a comment", "[1 / 2]", 1, 4, "/ 2]", "expected a comma or ']'"},
		{"column counts characters", "{'имя😀': ?}", 1, 10, "?}", bare},
		{"lines of Windows", "{\r\n a: ?\r\n}", 2, 5, "?", bare},
		{"column does not count the mark", "\ufeff?", 1, 1, "?", bare},
		{"place is shortened", "[" + strings.Repeat("ж", 30) + "]", 1, 2, strings.Repeat("ж", 20) + "…", bare},
		{"no UTF-8", "{'a':\n'\xff'}", 2, 2, "\ufffd'}", "a byte that is no UTF-8 text; save the text as UTF-8"},
		{"half a character", "['\xd0']", 1, 3, "\ufffd']", "a byte that is no UTF-8 text; save the text as UTF-8"},
		{"too deep", strings.Repeat("[", maxDepth+1), 1, maxDepth + 1, "[", "more than 512 brackets inside each other"},
		{"too deep in turn", strings.Repeat("{a:[", maxDepth), 1, 2*maxDepth + 1, "{a:[{a:[{a:[{a:[{a:[…", "more than 512 brackets inside each other"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := Relax([]byte(test.in))
			var broken *SyntaxError
			if !errors.As(err, &broken) {
				t.Fatalf("Relax = %s, %v; want a SyntaxError", got, err)
			}
			want := &SyntaxError{Line: test.line, Column: test.column, Near: test.near, Problem: test.problem}
			if diff := cmp.Diff(want, broken); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got != nil {
				t.Errorf("there is a result too: %s", got)
			}
		})
	}
}

// Text of any length and depth is read in time that grows with it.
func TestRelaxLarge(t *testing.T) {
	t.Parallel()
	const members = 50_000
	in := "{" + strings.Repeat("'k':['v',],", members) + "}"
	got, err := Relax([]byte(in))
	if err != nil || string(got) != `{"k":["v"]}` {
		t.Errorf("Relax = %s, %v", got, err)
	}
}

func FuzzRelax(f *testing.F) {
	for _, seed := range []string{
		`{'a': 1, b: [true, null, "x",], /* c */ "d": {}} // e`, "\ufeff# x\n[1.10, -0, 1e400]", `["\ud83d\ude00\ud83d", '\'']`,
		`{"a":1,"a":2}`, `{"a":[1,{"b":"\u2028"}],"c":-1.5e-3}`, "[\xff]", `{>=DATE:'2026-05-26',!ID:[1,2]}`, "'a\nb'", `"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := Relax(in)
		if err != nil {
			var broken *SyntaxError
			if !errors.As(err, &broken) || broken.Line < 1 || broken.Column < 1 || broken.Line > 1+bytes.Count(in, []byte("\n")) {
				t.Fatalf("%#v", err)
			}
			if json.Valid(in) && utf8.Valid(in) && !strings.Contains(broken.Problem, "brackets inside each other") {
				t.Fatalf("%q is JSON: %v", in, err)
			}
			return
		}
		if !json.Valid(out) {
			t.Fatalf("%q became %q, which is no JSON", in, out)
		}
		again, err := Relax(out)
		if err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%q became %q, and that %q, %v", in, out, again, err)
		}
		if json.Valid(in) {
			// Of a repeated key both keep the last value, so the decoded values agree.
			if diff := cmp.Diff(decoded(t, in), decoded(t, out)); diff != "" {
				t.Fatalf("%q became %q:\n%s", in, out, diff)
			}
		}
	})
}

func decoded(t *testing.T, raw []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
