package xlsx

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// TestForms reads what other programs write.
func TestForms(t *testing.T) {
	t.Parallel()
	shared := func(items string) parts {
		return parts{"xl/sharedStrings.xml": `<sst ` + mainNS + ` count="9" uniqueCount="1">` + items + `</sst>`}
	}
	styles := func(inside string) parts {
		return parts{"xl/styles.xml": `<styleSheet ` + mainNS + `>` + inside + `</styleSheet>`}
	}
	strict := func(text string) string {
		return strings.NewReplacer(
			"http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://purl.oclc.org/ooxml/officeDocument/relationships",
			"http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main",
		).Replace(text)
	}
	strictBook := parts{}
	for name, content := range minimal(`<row r="1"><c r="A1" t="d" s="1"><v>2026-05-26T00:00:00</v></c><c r="B1" t="d"><v>2026-05-26T14:15:40.4Z</v></c><c r="C1" t="d"><v>14:15:40</v></c></row>`) {
		strictBook[name] = strict(content)
	}
	for name, test := range map[string]struct {
		parts parts
		want  []string
	}{
		"no names of rows and cells": {
			minimal(`<row><c><v>1</v></c><c t="inlineStr"><is><t>a</t></is></c></row><row/><row><c/><c><v>2</v></c></row>`),
			[]string{"1: 1|a", "2: ", "3: |2"},
		},
		"gaps": {
			minimal(`<row r="2"><c r="B2"><v>1</v></c><c r="AA2"><v>2</v></c><c r="AC2"/></row><row r="7"/>`),
			[]string{"2: |1" + strings.Repeat("|", 25) + "2", "7: "},
		},
		"names in lower case": {minimal(`<row r="1"><c r="b1"><v>1</v></c></row>`), []string{"1: |1"}},
		"shared texts": {
			minimal(`<row><c t="s"><v>0</v></c><c t="s"><v> 3 </v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c></row>`).with(shared(
				`<si><t>plain</t></si><si><r><rPr><b/><t>no</t></rPr><t xml:space="preserve">rich </t></r><r><t>text</t></r><rPh sb="0" eb="1"><t>sound</t></rPh><phoneticPr fontId="1"/></si>` +
					`<si/><si><t xml:space="preserve"> a  b </t></si>`)),
			[]string{"1: plain| a  b |rich text"},
		},
		"white space": {
			minimal("<row><c t=\"inlineStr\"><is><t>\n  a\n</t></is></c><c t=\"str\"><v> b </v></c><c>\n<v>\n 5 \n</v></c></row>"),
			[]string{"1: a| b |5"},
		},
		"escapes": {
			minimal(`<row><c t="inlineStr"><is><t>a_x000D_&#10;b</t></is></c><c t="str"><v>_x005F_x000D_</v></c><c t="str"><v>_xD83D__xDE00_ _x12_ _xZZZZ_</v></c></row>`),
			[]string{"1: a\r\nb|_x000D_|\U0001F600 _x12_ _xZZZZ_"},
		},
		"references and CDATA": {
			minimal(`<row><c t="inlineStr"><is><t><!-- x -->&lt;a&gt;&amp;&quot;&apos;&#x416;&#1046;<![CDATA[<b>]] &amp;]]></t></is></c></row>`),
			[]string{`1: <a>&"'ЖЖ<b>]] &amp;`},
		},
		"ends of lines": {
			minimal("<row><c t=\"inlineStr\"><is><t>a\r\nb\rc&#13;d</t></is></c></row>"),
			[]string{"1: a\nb\nc\rd"},
		},
		"booleans": {minimal(`<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="b"/></row>`), []string{"1: true|false"}},
		"results of formulas": {
			minimal(`<row><c><f>1+2</f><v>3</v></c><c t="str"><f>"a"</f><v>a</v></c><c t="str"><f>""</f><v></v></c><c t="n"><f t="shared" si="0"/><v>4</v></c></row>`),
			[]string{"1: 3|a||4"},
		},
		"numbers": {
			minimal(`<row><c><v>7.9001234567E10</v></c><c><v>0.30000000000000004</v></c><c><v>12345678901234567</v></c><c><v>5.0</v></c></row>`),
			[]string{"1: 79001234567|0.3|12345678901234567|5"},
		},
		"dates": {
			minimal(`<row><c s="1"><v>31505</v></c><c s="2"><v>31505.0625</v></c><c s="3"><v>0.5</v></c><c s="4"><v>1.5</v></c><c s="5"><v>31505</v></c><c s="99"><v>31505</v></c><c s="1"><v>0</v></c><c s="1"><v>79001234567</v></c><c s="1" t="str"><v>31505</v></c></row>`).with(styles(
				`<numFmts count="2"><numFmt numFmtId="164" formatCode="dd\.mm\.yyyy&quot; г.&quot;"/><numFmt numFmtId="165" formatCode="#,##0.00\ &quot;дн.&quot;"/></numFmts>` +
					`<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs><cellXfs count="6"><xf numFmtId="0"/><xf numFmtId="164"><alignment/></xf><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="46"/><xf numFmtId="165"/></cellXfs>`)),
			[]string{"1: 1986-04-03|1986-04-03T01:30:00|12:00:00|36:00:00|31505|31505|0|79001234567|31505"},
		},
		"dates from 1904": {
			minimal(`<row><c s="0"><v>0</v></c><c s="0"><v>30043</v></c></row>`).with(styles(`<cellXfs><xf numFmtId="14"/></cellXfs>`)).with(parts{
				"xl/workbook.xml": `<workbook ` + mainNS + ` xmlns:r="x"><workbookPr date1904="true"/><sheets><sheet name="One" r:id="r1"/></sheets></workbook>`,
			}),
			[]string{"1: 1904-01-01|1986-04-03"},
		},
		"strict": {strictBook, []string{"1: 2026-05-26|2026-05-26T14:15:40|14:15:40"}},
		"prefixes, a mark and other elements": {
			minimal("").with(parts{"xl/worksheets/sheet1.xml": "\ufeff<?xml version='1.0' encoding='UTF-8'?>\n<?x y?><x:worksheet xmlns:x=\"y\"><x:sheetPr/><x:cols><x:col min='1' max='2'/></x:cols>" +
				"<x:sheetData><x:row r='1' y:r='5' spans='1:1'><x:c r='A1' y:t='e'><x:v>1</x:v><x:extLst><x:v>2</x:v></x:extLst></x:c><x:extLst/></x:row></x:sheetData><x:mergeCells><x:mergeCell ref='A1:B1'/></x:mergeCells></x:worksheet>\n"}),
			[]string{"1: 1"},
		},
		"UTF-16": {
			minimal("").with(parts{"xl/worksheets/sheet1.xml": wide("\ufeff<?xml version=\"1.0\" encoding=\"UTF-16\"?><worksheet><sheetData><row><c t=\"str\"><v>Олег</v></c></row></sheetData></worksheet>")}),
			[]string{"1: Олег"},
		},
		"other places and cases": {
			parts{
				"_rels/.rels":                   relsBegin + `<Relationship Id="a" Type="` + relType + `officeDocument" Target="/Book/Main%20Book.xml"/></Relationships>`,
				"book/main book.xml":            minimal("")["xl/workbook.xml"],
				`BOOK\_rels\Main Book.xml.rels`: relsBegin + `<Relationship Id="r1" Type="` + relType + `worksheet" Target="..\Sheets\./S.XML"/></Relationships>`,
				"sheets/s.xml":                  `<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`,
			},
			[]string{"1: 1"},
		},
		"no relations of the archive": {
			func() parts { p := minimal(`<row><c><v>1</v></c></row>`); delete(p, "_rels/.rels"); return p }(),
			[]string{"1: 1"},
		},
		"no rows": {minimal("").with(parts{"xl/worksheets/sheet1.xml": `<worksheet/>`}), nil},
	} {
		got, err := readSheet(test.parts.pack(t), "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// wide is a text in UTF-16, the high byte first.
func wide(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(u >> 8), byte(u)})
	}
	return b.String()
}

// TestSheets finds sheets by name and leaves out what is no table.
func TestSheets(t *testing.T) {
	t.Parallel()
	sheet := func(n string) string {
		return `<worksheet><sheetData><row><c><v>` + n + `</v></c></row></sheetData></worksheet>`
	}
	file := minimal("").with(parts{
		"xl/workbook.xml": `<workbook ` + mainNS + ` xmlns:rel="x"><sheets><sheet name="Hidden &amp; first" state="hidden" rel:id="a"/>` +
			`<sheet name="Chart" rel:id="b"/><sheet name="Seen" rel:id="c"/><sheet name="Last" rel:id="d"/><sheet name="Lost" rel:id="e"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": relsBegin + `<Relationship Id="d" Type="` + relType + `worksheet" Target="/xl/d.xml"/>` +
			`<Relationship Id="b" Type="` + relType + `chartsheet" Target="b.xml"/><Relationship Id="c" Type="` + relType + `worksheet" Target="c.xml"/>` +
			`<Relationship Id="a" Type="` + relType + `worksheet" Target="a.xml"/><Relationship Id="e" Type="` + relType + `worksheet" Target="e.xml"/></Relationships>`,
		"xl/a.xml": sheet("1"), "xl/b.xml": `<chartsheet/>`, "xl/c.xml": sheet("3"), "xl/d.xml": sheet("4"),
	}).pack(t)
	for name, want := range map[string]string{"": "1: 3", "Hidden & first": "1: 1", "Last": "1: 4"} {
		if got, err := readSheet(file, name); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for name, want := range map[string]string{"Chart": `there is no sheet "Chart"`, "Lost": `the sheet "Lost" is missing in the file`} {
		if _, err := readSheet(file, name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
