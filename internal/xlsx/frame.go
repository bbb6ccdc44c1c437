package xlsx

// remedyOther is for tables that are too large for a workbook.
const remedyOther = "Write .csv or .jsonl."

// Styles of cells, by their places in the part with the styles. Texts have the
// format of texts, so that a spreadsheet does not make a number of a phone when
// somebody edits it.
const (
	styleHead byte = '1'
	styleText byte = '2'
)

const (
	xmlBegin  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	schemas   = "http://schemas.openxmlformats.org/"
	mainSpace = ` xmlns="` + schemas + `spreadsheetml/2006/main"`
	packages  = schemas + "package/2006/"
	relatedTo = schemas + "officeDocument/2006/relationships"
	typeOf    = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// sheetBegin stands before the columns and rows of a sheet, whose first row stays
// in sight.
const sheetBegin = xmlBegin + `<worksheet` + mainSpace + `><sheetViews><sheetView tabSelected="1" workbookViewId="0">` +
	`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`

const sheetEnd = `</sheetData></worksheet>`

type framePart struct{ name, content string }

// frame are the parts of a workbook besides its sheet.
func frame() []framePart {
	return []framePart{
		{"[Content_Types].xml", xmlBegin + `<Types xmlns="` + packages + `content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + typeOf + `sheet.main+xml"/>` +
			`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + typeOf + `worksheet+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + typeOf + `styles+xml"/></Types>`},
		{"_rels/.rels", xmlBegin + `<Relationships xmlns="` + packages + `relationships">` +
			`<Relationship Id="rId1" Type="` + relatedTo + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", xmlBegin + `<workbook` + mainSpace + ` xmlns:r="` + relatedTo + `"><bookViews><workbookView/></bookViews>` +
			`<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", xmlBegin + `<Relationships xmlns="` + packages + `relationships">` +
			`<Relationship Id="rId1" Type="` + relatedTo + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + relatedTo + `/styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", xmlBegin + `<styleSheet` + mainSpace + `>` +
			`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
			`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
			`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
			`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
			`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
			`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
			`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>` +
			`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`},
	}
}
