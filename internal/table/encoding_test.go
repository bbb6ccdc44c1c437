package table

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

func encoded(t *testing.T, e encoding.Encoding, text string) []byte {
	t.Helper()
	b, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(b)
}

// TestBrokenCharacters wants the place of a character that is broken, however the
// rest of the table would read in another encoding.
func TestBrokenCharacters(t *testing.T) {
	t.Parallel()
	const remedy = "\nSave the table as UTF-8."
	const cut = remedy + " If rows are missing at its end, the file was cut off."
	many := strings.Repeat("1;Анна\n", 20_000)
	windows := string(encoded(t, charmap.Windows1251, "ID;Имя\n2;Олег\n3;Мария\n4;Пётр\n"))
	for name, test := range map[string]struct{ file, content, want string }{
		"cut off":           {"a.csv", "ID;Имя\n2;Олег\n3;Ма\xd1", `, row 3, column Имя: a character cannot be read, the last in "Ма\xd1"` + cut},
		"cut off, short":    {"a.csv", "ID;Имя;Город\n2;Олег;Омск\n3;Ма\xd1", `, row 3, column Имя: a character cannot be read, the last in "Ма\xd1"` + cut},
		"cut off, long":     {"a.csv", "ID;Имя\n" + many + "2;Ма\xd1", `, row 20002, column Имя: a character cannot be read, the last in "Ма\xd1"` + cut},
		"one byte":          {"a.csv", "ID;Имя\n2;Олег\n3;Ма\xffрия\n4;Пётр\n", `, row 3, column Имя: a character cannot be read, the last in "Ма\xff"` + cut},
		"in the header":     {"a.csv", "ID;Имя\xff\n2;Олег\n", `, row 1, column B: a character cannot be read, the last in "Имя\xff"` + cut},
		"after a mark":      {"a.csv", "\ufeffID;Имя\n2;Оле\xff\n", `, row 2, column Имя: a character cannot be read, the last in "Оле\xff"` + cut},
		"in a long cell":    {"a.csv", "ID;Имя\n2;" + strings.Repeat("я", 50) + "\xff\n", `, row 2, column Имя: a character cannot be read, the last in "` + strings.Repeat("я", 20) + `\xff"` + cut},
		"two encodings":     {"a.csv", windows + "5;Ольга\n", `, row 5, column Имя: the text is UTF-8 in a table that is not: it reads "РћР»СЊРіР°"` + remedy},
		"line":              {"a.jsonl", "{\"ID\":2}\n{\"ID\":3,\"Имя\":\"Ма\xffрия\"}\n", `, row 2, column Имя: a character cannot be read, the last in "\"Ма\xff"` + remedy},
		"line in 1251":      {"a.jsonl", string(encoded(t, charmap.Windows1251, `{"ID":2,"Name":"Олег"}`)), `, row 1, column Name: a character cannot be read, the last in "\"\xce"` + remedy},
		"text line in 1251": {"a.txt", string(encoded(t, charmap.Windows1251, `{"ID":2,"Name":"Олег"}`)), `, row 1, column Name: a character cannot be read, the last in "\"\xce"` + remedy},
		"nested":            {"a.jsonl", `{"ID":2,"Fields":{"NAME":["` + "\xff" + `"]}}`, `, row 1, column Fields: a character cannot be read, the last in "{\"NAME\":[\"\xff"` + remedy},
		"key":               {"a.jsonl", "{\"ID\":2,\"N\xff\":1}", `, row 1: in a key, a character cannot be read, the last in "{\"ID\":2,\"N\xff"` + remedy},
		"high half":         {"a.jsonl", `{"ID":2,"Name":"\ud83d\n"}`, `, row 1, column Name: \ud83d is half a character` + remedy},
		"low half":          {"a.jsonl", `{"ID":2,"Name":["\uDE00"]}`, `, row 1, column Name: \uDE00 is half a character` + remedy},
		"two high halves":   {"a.jsonl", `{"ID":2,"Name":"\ud83d\ud83d\ude00"}`, `, row 1, column Name: \ud83d is half a character` + remedy},
	} {
		_, err := all(t, file(t, test.file, []byte(test.content)), Options{})
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v is no Error", name, err)
			continue
		}
		bad.File = ""
		if diff := cmp.Diff(test.want, bad.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestLinesArrive reads JSON Lines that look as if something were wrong with them.
func TestLinesArrive(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"UTF-8 with mark":  []byte("\ufeff{\"ID\":2,\"Name\":\"Олег\"}\n"),
		"UTF-16 with mark": utf16le("{\"ID\":2,\"Name\":\"Олег\"}\n", true),
		"escapes":          []byte(`{"ID":2,"Name":"\u041e\u043bег"}`),
	} {
		got, err := all(t, file(t, "a.jsonl", content), Options{})
		if diff := cmp.Diff([]string{"ID|Name", "1: json 2|Олег"}, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	got, err := all(t, file(t, "a.jsonl", []byte(`{"A":"\ud83d\ude00","B":"\\ud83d","C":"`+"\ufffd"+`"}`)), Options{})
	want := []string{"A|B|C", "1: " + string(utf16.DecodeRune(0xd83d, 0xde00)) + `|\ud83d|` + "\ufffd"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// texts are in languages that Windows-1251 is made for, in the ways that people
// type them.
var texts = []string{
	"Олег", "ОЛЕГ", "олег", "оЛЕГ", "кВт·ч", "ТЁМА", "ТЁМ", "НОВОЕ»", "№ 5", "ООО «Рога и копыта»", "«ООО»", "ЗАО", "МЧС", "ДЦП", "Ъ",
	"Рожь — 5 §, “в кавычках”…", "“…”", "———", "Price – €5", "D-link для 3D", "VIPКлиент", "АБC-7", "СЕMЬ", "ИТ-отдел SAP",
	"оЛЬГА иВАНОВА, зАО", "щУКА", "эММА", "Съешь же ещё этих мягких французских булок", "ЩЮЧЬЕ ОЗЕРО, ЭЦХ",
	"Київ, вулиця Хрещатик, їжак, ґанок, Єва", "їжак і ґава", "МІСЯЦЬ", "Ўладзімір з Мінска, ўсё", "Ђорђе Љиљана Његош Ћирић Џон",
	"Ђорђе", "Ќупрево, Ѓорѓи, Џепароски", "ъгъл, България, път",
}

func TestWindows1251(t *testing.T) {
	t.Parallel()
	var content strings.Builder
	content.WriteString("ID;Text\n")
	want := []string{"ID|Text"}
	for _, text := range texts {
		content.WriteString("2;" + text + "\n")
		want = append(want, "2|"+text)
	}
	check := func(name, content string, want []string) {
		got, err := all(t, file(t, "a.csv", encoded(t, charmap.Windows1251, content)), Options{})
		for i, row := range got[min(1, len(got)):] {
			_, got[i+1], _ = strings.Cut(row, " ")
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	check("all", content.String(), want)
	for _, text := range texts {
		check(text, "ID;Text\n2;"+text+"\n", []string{"ID|Text", "2|" + text})
	}
}

func TestOtherEncodings(t *testing.T) {
	t.Parallel()
	const people = "ID;Name;City\n2;Олег Иванов;Самара\n3;Мария Щукина;Орёл\n4;Пётр Белый;Нижний Новгород\n"
	seems := func(row, encoding, read string) string {
		return ", " + row + ": the text seems to be " + encoding + ": in Windows-1251 it would read \"" + read + "\"\nSave the table as UTF-8."
	}
	neither := func(read string) string {
		return ", row 2, column Name: the text is neither UTF-8 nor, as it seems, Windows-1251, where it reads \"" + read + "\"\nSave the table as UTF-8."
	}
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"KOI8-R":        {encoded(t, charmap.KOI8R, people), seems("row 2", "KOI8-R", "пМЕЗ")},
		"KOI8-R, short": {encoded(t, charmap.KOI8R, "ID;Имя\n2;Олег\n"), seems("row 1", "KOI8-R", "йНС")},
		"CP866":         {encoded(t, charmap.CodePage866, people), seems("row 2", "CP866", "Ћ«ҐЈ")},
		"CP866, short":  {encoded(t, charmap.CodePage866, "ID;Name\n2;Олег\n"), seems("row 2", "CP866", "Ћ«ҐЈ")},
		"Mac OS":        {encoded(t, charmap.MacintoshCyrillic, people), seems("row 2", "Mac OS Cyrillic", "Ћлег")},
		"Mac OS with CR": {
			encoded(t, charmap.MacintoshCyrillic, strings.ReplaceAll(people, "\n", "\r")),
			seems("row 2", "Mac OS Cyrillic", "Ћлег"),
		},
		"umlauts":          {encoded(t, charmap.Windows1252, "ID;Name\n2;ÄÖÜ GmbH\n"), seems("row 2", "Windows-1252", "ДЦЬ")},
		"small and large":  {encoded(t, charmap.Windows1252, "ID;Name\n2;Müller\n"), neither("Mьller")},
		"capitals":         {encoded(t, charmap.Windows1252, "ID;Name\n2;MÜLLER\n"), neither("MЬLLER")},
		"capitals, French": {encoded(t, charmap.Windows1252, "ID;Name\n2;LEFÈVRE\n"), neither("LEFИVRE")},
	} {
		_, err := all(t, file(t, "a.csv", test.content), Options{})
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v is no Error", name, err)
			continue
		}
		bad.File = strings.TrimPrefix(filepath.Base(bad.File), "a.csv")
		if diff := cmp.Diff(test.want, bad.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestLinesEndInCR reads what Excel calls CSV (Macintosh).
func TestLinesEndInCR(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", sniffed)
	for name, test := range map[string]struct {
		content string
		want    []string
	}{
		"comma":            {"ID,Name\r2,Oleg\r3,Anna\r", []string{"ID|Name", "2: 2|Oleg", "3: 3|Anna"}},
		"no end":           {"ID;Name\r2;Oleg,Anna", []string{"ID|Name", "2: 2|Oleg,Anna"}},
		"header only":      {"ID,Name\r", []string{"ID|Name"}},
		"in a cell":        {"ID,Name\r2,\"Oleg\rAnna\"\r3,\"a\nb\"\r", []string{"ID|Name", "2: 2|Oleg\nAnna", "4: 3|a\nb"}},
		"in the header":    {"ID,\"Na\nme\"\r2,Oleg\r", []string{"ID|Na\nme", "3: 2|Oleg"}},
		"long":             {"ID,Name\r2," + long + "\r3," + long[1:] + "\r\r4,c\r", []string{"ID|Name", "2: 2|" + long, "3: 3|" + long[1:], "5: 4|c"}},
		"CR LF":            {"ID,Name\r\n2,Oleg\r\n", []string{"ID|Name", "2: 2|Oleg"}},
		"LF, CR in a cell": {"ID,Name\n2,\"a\rb\"\n", []string{"ID|Name", "2: 2|a\rb"}},
		"mixed later":      {"ID,Name\r2,a\r\n3,b\r", []string{"ID|Name", "2: 2|a", "3: 3|b"}},
	} {
		got, err := all(t, "-", Options{Stdin: bytes.NewReader([]byte(test.content))})
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}
