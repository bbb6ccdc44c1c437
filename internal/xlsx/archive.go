package xlsx

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// The bounds of an archive. The largest sheet has some 4 GB of XML, which shrinks
// to a tenth or a fiftieth; what grows beyond them was made to keep us busy.
const (
	maxUnpacked = 8 << 30
	anyRatio    = 16 << 20 // up to here the ratio does not matter
	maxRatio    = 300      // unpacked size : packed size
)

// archive is the zip file that a workbook is.
type archive struct {
	size  int64
	left  int64                // bytes that may still be unpacked: the declared sizes may lie
	parts map[string]*zip.File // by their names in lower case
}

func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, noArchive(r, size, err)
	}
	a := &archive{size: size, left: max(anyRatio, min(maxUnpacked, maxRatio*size)), parts: make(map[string]*zip.File, len(z.File))}
	declared := uint64(0)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		name := key(f.Name)
		if _, twice := a.parts[name]; twice {
			return nil, &Error{Problem: fmt.Sprintf("the part %s stands twice in the workbook", f.Name), Remedy: remedySaveAgain}
		}
		a.parts[name] = f
		if declared += f.UncompressedSize64; f.UncompressedSize64 > uint64(a.left) || declared > uint64(a.left) {
			return nil, a.tooLarge(fmt.Sprintf("unpack to %d", declared))
		}
	}
	return a, nil
}

func (a *archive) tooLarge(what string) error {
	return &Error{Problem: fmt.Sprintf("its %d bytes %s", a.size, what), Remedy: "Save the sheet as .csv."}
}

// key is the name of a part as it is looked up.
func key(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// find returns a part by its name, which may be escaped as in an address.
func (a *archive) find(name string) *zip.File {
	if f := a.parts[key(name)]; f != nil {
		return f
	}
	plain, err := url.PathUnescape(name)
	if err != nil {
		return nil
	}
	return a.parts[key(plain)]
}

// part is an open part.
type part struct {
	*scanner
	name string
	file io.ReadCloser
}

// open opens a part; nil without an error when there is none of the name.
func (a *archive) open(name string) (*part, error) {
	f := a.find(name)
	if f == nil {
		return nil, nil
	}
	if f.Flags&1 != 0 {
		return nil, &Error{Problem: "the archive has a password", Remedy: "Save the workbook without a password, or the sheet as .csv."}
	}
	file, err := f.Open()
	if err != nil {
		return nil, damaged(name, err)
	}
	return &part{scanner: newScanner(utf8Reader(&metered{file, a})), name: name, file: file}, nil
}

// end closes a part that was read, and tells what was wrong in it.
func (p *part) end(err error) error {
	_ = p.file.Close() // it was only read
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return damaged(p.name, err)
}

// metered counts what is unpacked.
type metered struct {
	r io.Reader
	a *archive
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if m.a.left -= int64(n); m.a.left < 0 {
		return 0, m.a.tooLarge("unpack to more than any table has")
	}
	return n, err
}
