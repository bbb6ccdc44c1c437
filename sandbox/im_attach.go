package sandbox

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oint-go/oint/internal/phpquery"
)

// maxExtra is the size of an attachment, a keyboard or a menu in characters of
// JSON.
const maxExtra = 60_000

// attachBlocks are the kinds of blocks that an attachment is made of.
//
// https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/attachments/index.html
var attachBlocks = []string{"MESSAGE", "LINK", "USER", "GRID", "IMAGE", "FILE", "DELIMITER"}

// extra is a structure that a message may carry besides its text.
type extra struct {
	name, what string
	read       func(*phpquery.Array) (*phpquery.Array, bool)
}

var extras = []extra{
	{"ATTACH", "attach", readAttach},
	{"KEYBOARD", "keyboard", readButtons("BUTTONS")},
	{"MENU", "menu", readButtons("ITEMS")},
}

// setExtras takes attachment, keyboard and menu from the parameters. N or an
// empty value takes them away.
func setExtras(c *call, params *phpquery.Array) error {
	for _, e := range extras {
		given, ok := c.params.GetFold(e.name)
		if !ok {
			continue
		}
		value, err := e.take(given)
		if err != nil {
			return err
		}
		params.Delete(e.name)
		if value != nil {
			params.Set(e.name, value)
		}
	}
	return nil
}

// take reads a parameter: a structure or its JSON.
func (e extra) take(given any) (any, error) {
	wrong := badRequest(e.name+"_ERROR", "Incorrect "+e.what+" params")
	if text, ok := given.(string); ok {
		if text == "" || strings.EqualFold(text, "N") {
			return nil, nil
		}
		decoded, err := phpquery.Decode([]byte(text))
		if err != nil {
			return nil, wrong
		}
		given = decoded
	}
	a, ok := given.(*phpquery.Array)
	if !ok {
		return nil, wrong
	}
	if a.Len() == 0 {
		return nil, nil
	}
	text, err := a.MarshalJSON()
	if err != nil {
		return nil, wrong
	}
	if utf8.RuneCount(text) > maxExtra {
		return nil, badRequest(e.name+"_OVERSIZE", "You have exceeded the maximum allowable size of "+e.what)
	}
	value, ok := e.read(a)
	if !ok {
		return nil, wrong
	}
	return value, nil
}

// readAttach makes the list of attachments that a message carries of a list of
// blocks or of an attachment with BLOCKS.
func readAttach(a *phpquery.Array) (*phpquery.Array, bool) {
	full := phpquery.NewArray()
	blocks := a
	if v, ok := a.GetFold("BLOCKS"); ok {
		if blocks, ok = v.(*phpquery.Array); !ok {
			return nil, false
		}
		for name, value := range a.All() {
			full.Set(strings.ToUpper(name), value)
		}
	} else if !a.IsList() {
		blocks = phpquery.List(a)
	}
	if blocks.Len() == 0 {
		return nil, false
	}
	for _, v := range blocks.All() {
		block, ok := v.(*phpquery.Array)
		if !ok || block.Len() == 0 || !isBlock(block) {
			return nil, false
		}
	}
	full.Set("BLOCKS", blocks)
	return phpquery.List(full), true
}

func isBlock(block *phpquery.Array) bool {
	for name := range block.All() {
		if !slices.Contains(attachBlocks, strings.ToUpper(name)) {
			return false
		}
	}
	return true
}

// readButtons takes a list of buttons, or a structure that holds one.
func readButtons(key string) func(*phpquery.Array) (*phpquery.Array, bool) {
	return func(a *phpquery.Array) (*phpquery.Array, bool) {
		buttons := a
		if v, ok := a.GetFold(key); ok {
			if buttons, ok = v.(*phpquery.Array); !ok {
				return nil, false
			}
		}
		for _, v := range buttons.All() {
			if _, ok := v.(*phpquery.Array); !ok {
				return nil, false
			}
		}
		return a, true
	}
}
