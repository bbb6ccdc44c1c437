package xlsx

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	remedySave = "Save it as .xlsx or .csv."
	remedyCSV  = "If it is CSV, give it the ending .csv."
)

// noArchive says what a file is that is no archive.
func noArchive(r io.ReaderAt, size int64, cause error) error {
	if size == 0 {
		return &Error{Problem: "it is no workbook: the file is empty", Remedy: remedySave}
	}
	head := make([]byte, min(size, 4096))
	n, _ := r.ReadAt(head, 0) // what cannot be read is not recognised
	head = head[:n]
	switch text := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))); {
	case bytes.HasPrefix(head, []byte("PK")):
		return &Error{Problem: "it is no whole workbook: the file is cut off or damaged", Err: cause, Remedy: "Copy or download it again."}
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return compound(r, head)
	case bytes.HasPrefix(head, []byte("%PDF")):
		return &Error{Problem: "it is no workbook but a PDF file", Remedy: "Save the table as .xlsx or .csv."}
	case bytes.Contains(text, []byte("urn:schemas-microsoft-com:office:spreadsheet")):
		return &Error{Problem: "it is no workbook but an XML table of Excel 2003", Remedy: "Open it in a spreadsheet program and save it as .xlsx or .csv."}
	case isHTML(text):
		return &Error{Problem: "it is no workbook but a web page", Remedy: "Open it in a spreadsheet program and save it as .xlsx or .csv."}
	case looksLikeText(head):
		return &Error{Problem: "it is no workbook but text", Remedy: remedyCSV}
	}
	return &Error{Problem: "it is no workbook but a binary file", Remedy: remedySave}
}

// compound tells the files apart that Office keeps in compound files: workbooks
// with a password, and those from before 2007.
func compound(r io.ReaderAt, head []byte) error {
	if len(head) < 52 {
		return &Error{Problem: "it is no whole workbook: the file is cut off or damaged", Remedy: "Copy or download it again."}
	}
	sector := int64(1) << min(binary.LittleEndian.Uint16(head[30:]), 16)
	directory := make([]byte, 64<<10)
	n, _ := r.ReadAt(directory, sector*(1+int64(binary.LittleEndian.Uint32(head[48:])))) // what cannot be read is not recognised
	has := func(name string) bool {
		var wide []byte
		for _, u := range utf16.Encode([]rune(name)) {
			wide = binary.LittleEndian.AppendUint16(wide, u)
		}
		return bytes.Contains(directory[:n], wide)
	}
	switch {
	case has("EncryptedPackage"):
		return &Error{Problem: "it is no open workbook: it has a password", Remedy: "Save it without a password."}
	case has("Workbook"), has("Book"):
		return &Error{Problem: "it is no workbook of this kind but an old one (.xls)", Remedy: "Open it in a spreadsheet program and save it as .xlsx or .csv."}
	}
	return &Error{Problem: "it is no workbook of this kind but an old one, or one with a password", Remedy: "Open it in a spreadsheet program and save it as .xlsx or .csv, without a password."}
}

// isHTML recognises web pages, which many programs export under a workbook's
// name.
func isHTML(text []byte) bool {
	if !bytes.HasPrefix(text, []byte("<")) {
		return false
	}
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<meta", "<style", "<table", "<div"} {
		if bytes.Contains(text, []byte(tag)) {
			return true
		}
	}
	return false
}

// looksLikeText recognises text in any encoding, by the lack of control characters.
func looksLikeText(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		return true // UTF-16
	}
	controls, wide := 0, 0
	for _, c := range head {
		if c < ' ' && !isSpace(c) && c != '\f' {
			controls++
		}
		if c >= utf8.RuneSelf {
			wide++
		}
	}
	return controls == 0 && (wide == 0 || utf8.Valid(head[:lastRune(head)]) || wide < len(head)*9/10)
}

// lastRune is where the last, perhaps cut, character begins.
func lastRune(b []byte) int {
	i := len(b)
	for i > 0 && len(b)-i < utf8.UTFMax {
		if i--; utf8.RuneStart(b[i]) {
			break
		}
	}
	return i
}

// noWorkbook says what an archive is that holds no workbook.
func (a *archive) noWorkbook() error {
	problem, remedy := "it is no workbook but some other archive", "Unpack it, and save the table as .xlsx or .csv."
	switch {
	case a.find("xl/workbook.bin") != nil:
		problem, remedy = "it is no workbook of this kind but a binary one (.xlsb)", remedySave
	case a.find("content.xml") != nil:
		problem, remedy = "it is no workbook of this kind but an OpenDocument file (.ods)", remedySave
	case a.find("word/document.xml") != nil:
		problem, remedy = "it is no workbook but a document (.docx)", "Put the table into a workbook, or save it as .csv."
	case a.find("Index/Document.iwa") != nil, a.find("Index.zip") != nil:
		problem, remedy = "it is no workbook of this kind but one of Numbers", "Export it as .xlsx or .csv."
	}
	return &Error{Problem: problem, Remedy: remedy}
}
