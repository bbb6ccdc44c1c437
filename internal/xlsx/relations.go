package xlsx

import (
	"errors"
	"io"
	"path"
	"strings"
)

// relation says which part belongs to another one, and as what.
type relation struct {
	id, kind string // the kind is the last word of its type, e.g. worksheet
	target   string // name of the part
}

// maxRelations is far more than a workbook has sheets.
const maxRelations = 1 << 16

// relations reads what belongs to a part; "" is the workbook as a whole.
func (a *archive) relations(name string) ([]relation, error) {
	folder, file := path.Split(name)
	p, err := a.open(folder + "_rels/" + file + ".rels")
	if err != nil || p == nil {
		return nil, err
	}
	var found []relation
	for {
		t, err := p.next()
		if errors.Is(err, io.EOF) {
			return found, p.end(nil)
		}
		if err == nil && len(found) == maxRelations {
			err = errors.New("it names too many parts")
		}
		if err != nil {
			return nil, p.end(err)
		}
		if t != tokenStart || string(p.scanner.name) != "Relationship" || string(p.attr("TargetMode")) == "External" {
			continue
		}
		kind := string(p.attr("Type"))
		target := strings.ReplaceAll(string(p.attr("Target")), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = "/" + folder + target
		}
		found = append(found, relation{string(p.attr("Id")), kind[strings.LastIndexByte(kind, '/')+1:], path.Clean(target)[1:]})
	}
}
