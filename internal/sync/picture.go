package sync

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
)

// maxPicture is the largest picture that is sent, in bytes. A portal sets no
// limit but that of a whole request; more is a mistake in the table.
const maxPicture = 10 << 20

// maxStored is the largest picture of a portal that is read.
const maxStored = 64 << 20

// picturesAtOnce is how many pictures are read side by side.
const picturesAtOnce = 8

// A picture in a plan is its SHA-256, and where it is read from when it is to be
// sent: "sha256:1f3a… faces/7.jpg". Its bytes are in no plan.
const sumMark = "sha256:"

// sum is the SHA-256 of a picture in hexadecimal digits; empty for none.
type sum string

func pictureValue(s sum, place string) Value {
	switch {
	case s == "":
		return nil
	case place == "":
		return Value{sumMark + string(s)}
	}
	return Value{sumMark + string(s) + " " + place}
}

// pictureOf takes the value of a picture apart.
func pictureOf(v Value) (s sum, place string, err error) {
	if len(v) == 0 {
		return "", "", nil
	}
	text, place, _ := strings.Cut(v[0], " ")
	digits, marked := strings.CutPrefix(text, sumMark)
	if raw, err := hex.DecodeString(digits); !marked || err != nil || len(raw) != sha256.Size {
		return "", "", fmt.Errorf("%.60q is no picture of a plan: it begins with %s and 64 digits", v[0], sumMark)
	}
	return sum(strings.ToLower(digits)), place, nil
}

// shownPicture is a picture for people: the beginning of its sum and its name.
func shownPicture(v Value) string {
	s, place, err := pictureOf(v)
	switch {
	case err != nil || s == "":
		return v.String()
	case place == "":
		return string(s[:12])
	}
	return string(s[:12]) + " " + baseName(place)
}

// shown is the value of a field for people.
func (f *Field) shown(v Value) string {
	if f != nil && f.Kind == Picture {
		return shownPicture(v)
	}
	return v.String()
}

// pictureTypes are what a portal takes for a picture, and how files of them end.
var pictureTypes = map[string][]string{
	"image/png": {".png"}, "image/jpeg": {".jpg", ".jpeg"}, "image/gif": {".gif"}, "image/webp": {".webp"}, "image/bmp": {".bmp"},
}

var errNoPicture = errors.New("it is no picture: PNG, JPEG, GIF, WebP and BMP are")

// pictureEndings tells by its first bytes what a picture is.
func pictureEndings(begin []byte) ([]string, error) {
	endings := pictureTypes[http.DetectContentType(begin)]
	if endings == nil {
		return nil, errNoPicture
	}
	return endings, nil
}

// baseName is the name of the file at the end of a path or an address.
func baseName(place string) string {
	if isAddress(place) {
		if u, err := url.Parse(place); err == nil {
			place = u.Path
		}
	}
	name := filepath.Base(filepath.FromSlash(place))
	if strings.Trim(name, `./\`) == "" {
		return "picture"
	}
	return name
}

// sniffed hashes what is written to it and keeps the beginning.
type sniffed struct {
	begin []byte
	n     int64
}

func (s *sniffed) Write(b []byte) (int, error) {
	if room := 512 - len(s.begin); room > 0 {
		s.begin = append(s.begin, b[:min(room, len(b))]...)
	}
	s.n += int64(len(b))
	return len(b), nil
}

// sumOf reads a picture of at most so many bytes, into to as well.
func sumOf(r io.Reader, most int64, to io.Writer) (sum, []string, error) {
	hash, begin := sha256.New(), &sniffed{}
	if _, err := io.Copy(io.MultiWriter(hash, begin, to), io.LimitReader(r, most+1)); err != nil {
		return "", nil, err
	}
	if begin.n > most {
		return "", nil, fmt.Errorf("the file has more than %d MB", most>>20)
	}
	endings, err := pictureEndings(begin.begin)
	return sum(hex.EncodeToString(hash.Sum(nil))), endings, err
}

// sideBySide does n things, some of them at once.
func sideBySide(n int, do func(i int)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range min(n, picturesAtOnce) {
		group.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
}

// checkPictures checks the pictures of a row of a plan.
func checkPictures(c Change) error {
	if _, _, err := pictureOf(c.Old); err != nil {
		return err
	}
	s, place, err := pictureOf(c.New)
	if err == nil && s != "" && place == "" {
		err = errors.New("it does not say where the new picture is")
	}
	return err
}
