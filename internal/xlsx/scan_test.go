package xlsx

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// tokens scans a part: <name key="value">, </name> and texts, whole ones whatever
// their pieces were.
func tokens(r io.Reader) ([]string, error) {
	s := newScanner(r)
	var all []string
	text := ""
	for {
		t, err := s.next()
		if t == tokenText && err == nil {
			text += string(s.text)
			continue
		}
		if text != "" {
			all = append(all, "text "+text)
			text = ""
		}
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		if t == tokenEnd {
			all = append(all, fmt.Sprintf("</%s>", s.name))
			continue
		}
		item := "<" + string(s.name)
		for _, a := range s.attrs {
			item += fmt.Sprintf(" %s=%q", local(a.name), a.value)
		}
		all = append(all, item+">")
	}
}

func TestScan(t *testing.T) {
	t.Parallel()
	for document, want := range map[string][]string{
		`<a/>`:                                                   {"<a>", "</a>"},
		"<?xml version='1.0'?>\n<a >\n</a >\n":                   {"<a>", "text \n", "</a>"},
		`<x:a b='1"' x:c = "&lt;2&#62;" d=""/>`:                  {`<a b="1\"" c="<2>" d="">`, "</a>"},
		`<a>1<b/>2<b>3</b></a>`:                                  {"<a>", "text 1", "<b>", "</b>", "text 2", "<b>", "text 3", "</b>", "</a>"},
		`<a>x<!-- <b> -->y<?p <c>?>z</a>`:                        {"<a>", "text xyz", "</a>"},
		`<a><![CDATA[<b>&amp;]]]]><![CDATA[>]]></a><!-- end -->`: {"<a>", "text <b>&amp;]]>", "</a>"},
		"<a>1\r\n2\r3\r\r\n<![CDATA[4\r\n\n]]>&#13;\n</a>":       {"<a>", "text 1\n2\n3\n\n4\n\n\r\n", "</a>"},
		`<a b="x>y"/>`:                                           {`<a b="x>y">`, "</a>"},
	} {
		for _, r := range []io.Reader{strings.NewReader(document), iotest.OneByteReader(strings.NewReader(document)), iotest.DataErrReader(strings.NewReader(document))} {
			got, err := tokens(r)
			if err != nil {
				t.Errorf("%q: %v", document, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", document, diff)
			}
		}
	}
	for _, document := range []string{
		``, ` `, `x`, `<a>`, `<a`, `<`, `<a/`, `</a>`, `<a></b>`, `<a/><b/>`, `<a/>x`, `<a>&x;</a>`, `<a>& </a>`, `<a>&#0;</a>`, `<a>&#x110000;</a>`, `<a>&#xD800;</a>`,
		`<a b/>`, `<a b=c/>`, `<a b="c/>`, `<a b="<"/>`, `<a b="&x;"/>`, `<a b="&lt"/>`, `<a ="c"/>`, `<>`, `< a/>`, `<a></a x>`, `<!DOCTYPE a><a/>`, `<a><!x></a>`, `<![CDATA[x]]>`,
		`<a><![CDATA[x]]`, `<a><!-- x`, `<?x`, strings.Repeat("<a>", maxDepth+1), `<a b="` + strings.Repeat("x", maxTag) + `"/>`,
	} {
		for _, r := range []io.Reader{strings.NewReader(document), iotest.HalfReader(strings.NewReader(document))} {
			if got, err := tokens(r); err == nil {
				t.Errorf("%.40q: %q, no error", document, got)
			}
		}
	}
	if _, err := tokens(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a broken reader: %v", err)
	}
}

// TestScanBuffer has tags and references at every place of the buffer's end.
func TestScanBuffer(t *testing.T) {
	t.Parallel()
	for shift := range 40 {
		document := "<a>" + strings.Repeat("x", scanBuffer-20-shift) + `<b c="d"/>&amp;<![CDATA[e]]>` + "\r\n</a>"
		got, err := tokens(strings.NewReader(document))
		want := []string{"<a>", "text " + strings.Repeat("x", scanBuffer-20-shift), `<b c="d">`, "</b>", "text &e\n", "</a>"}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("%d: %v (-want +got):\n%s", shift, err, diff)
		}
	}
	long := strings.Repeat("x", 3*scanBuffer)
	got, err := tokens(strings.NewReader(`<a b="` + long + `"/>`))
	if diff := cmp.Diff([]string{`<a b="` + long + `">`, "</a>"}, got); diff != "" || err != nil {
		t.Errorf("a long tag: %v", err)
	}
}

// FuzzScan wants the same tokens whatever the pieces of the reading are, and
// those of the standard library where that one can read the document too.
func FuzzScan(f *testing.F) {
	for _, document := range []string{
		`<a b="c">d<e/></a>`, `<?xml version="1.0"?><x:a xmlns:x="y">&lt;&#65;<![CDATA[]]]]></x:a>`, "<a>\r\n\r</a>", `<a><!-- - --></a>`, `<a b='&amp;'/>`, `<a`, `<a>]]></a>`,
	} {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		whole, err := tokens(strings.NewReader(document))
		pieces, errPieces := tokens(iotest.OneByteReader(strings.NewReader(document)))
		if (err == nil) != (errPieces == nil) {
			t.Fatalf("whole: %v, in pieces: %v", err, errPieces)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(whole, pieces); diff != "" {
			t.Fatalf("(-whole +pieces):\n%s", diff)
		}
		if other, ok := standard(document); ok {
			if diff := cmp.Diff(other, whole); diff != "" {
				t.Fatalf("(-standard library +ours):\n%s", diff)
			}
		}
	})
}

// standard are the tokens that encoding/xml finds; false when it refuses the
// document, or takes more for a document than XML does.
func standard(document string) ([]string, bool) {
	if !utf8.ValidString(document) {
		return nil, false
	}
	d := xml.NewDecoder(strings.NewReader(document))
	var all []string
	text := ""
	for {
		token, err := d.RawToken()
		if c, ok := token.(xml.CharData); ok {
			text += string(c)
			continue
		}
		if _, ok := token.(xml.Comment); ok {
			continue
		}
		if _, ok := token.(xml.ProcInst); ok {
			continue
		}
		if text != "" && len(all) > 0 && err == nil {
			all = append(all, "text "+text)
		}
		text = ""
		switch token := token.(type) {
		case xml.StartElement:
			item := "<" + token.Name.Local
			for _, a := range token.Attr {
				item += fmt.Sprintf(" %s=%q", a.Name.Local, a.Value)
			}
			all = append(all, item+">")
		case xml.EndElement:
			all = append(all, "</"+token.Name.Local+">")
		default:
			return all, errors.Is(err, io.EOF)
		}
	}
}

// FuzzSheet reads whatever stands in a sheet without failing otherwise than with
// an error.
func FuzzSheet(f *testing.F) {
	for _, rows := range []string{
		`<row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><t>a_x0041_</t></is></c></row>`,
		`<row><c s="1"><v>45000.5</v></c><c t="d"><v>2026-05-26</v></c></row>`, `<row r="9"/>`, `<row><c><f>1</f></c></row>`,
	} {
		f.Add(rows, `<si><t>x</t></si>`, `<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>`)
	}
	f.Fuzz(func(t *testing.T, rows, shared, styles string) {
		file := minimal(rows).with(parts{"xl/sharedStrings.xml": "<sst>" + shared + "</sst>", "xl/styles.xml": "<styleSheet>" + styles + "</styleSheet>"}).packed(t, zip.Store)
		all, err := readSheet(file, "")
		var wrong *Error
		if err != nil && !errors.As(err, &wrong) {
			t.Errorf("%v is no Error", err)
		}
		if len(all) > len(rows) {
			t.Errorf("%d rows of %d bytes", len(all), len(rows))
		}
	})
}
