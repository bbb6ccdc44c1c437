package bitrix24

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// TestPayload compares the body that is read with the JSON that is written at
// once, for contents on both sides of the size from which they are read while
// they are sent.
func TestPayload(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		content := func(label string) Content {
			b := bytes.Repeat([]byte{0, 'a', 0xff}, (inlineContent+9)/3)
			size := rapid.SampledFrom([]int{0, 1, 2, 3, inlineContent - 1, inlineContent, inlineContent + 1, inlineContent + 2, inlineContent + 5}).Draw(t, label)
			return Bytes(b[:size])
		}
		params := NewObject("before", "x\x00y", "plain", content("plain"))
		params.SetPath("data.file", File{"a\"\x00.txt", content("pair")})
		params.SetPath("data.last", "end")
		files := make(Files, rapid.IntRange(0, 3).Draw(t, "files"))
		for i := range files {
			files[i] = File{"f", content("file")}
		}
		params.Set("files", files)
		want, err := params.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		p, err := jsonPayload(params)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // a repeat reads it again
			got, err := io.ReadAll(p.reader())
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, got) {
				t.Fatalf("the body differs: %d bytes instead of %d", len(got), len(want))
			}
			if p.length() != int64(len(want)) {
				t.Fatalf("length %d, want %d", p.length(), len(want))
			}
		}
		if !json.Valid(p.shown()) {
			t.Fatal("what is shown is no JSON")
		}
	})
}

func TestPayloadIsNotHeldInMemory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(path, make([]byte, inlineContent+1), 0o600); err != nil {
		t.Fatal(err)
	}
	content, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := jsonPayload(NewObject("file", File{"large", content}))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.text) > 100 {
		t.Errorf("%d bytes of the body stand in memory", len(p.text))
	}
	if want := `{"file":["large","<262145 bytes>"]}`; string(p.shown()) != want {
		t.Errorf("shown as %s, want %s", p.shown(), want)
	}
}

// TestContentThatChanges breaks off: half a file must not look like a whole one.
func TestContentThatChanges(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"shrank": inlineContent, "grew": inlineContent + 100} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, make([]byte, inlineContent+50), 0o600); err != nil {
			t.Fatal(err)
		}
		content, err := OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := jsonPayload(NewObject("file", content))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(p.reader()); err == nil {
			t.Errorf("a file that %s is read to its end", name)
		}
	}
}

func TestContent(t *testing.T) {
	t.Parallel()
	if _, err := OpenFile(t.TempDir()); err == nil {
		t.Error("a folder is a file")
	}
	if _, err := OpenFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if c := (Content{}); !c.IsZero() || Bytes(nil).IsZero() {
		t.Error("no content and empty content are the same")
	}
	read := 0
	c := Bytes([]byte("four")).Tracked(func(n int) { read += n })
	raw, err := json.Marshal(c)
	if want := `"` + base64.StdEncoding.EncodeToString([]byte("four")) + `"`; err != nil || string(raw) != want || read != 4 {
		t.Errorf("Marshal = %s, %v after %d bytes, want %s", raw, err, read, want)
	}
}
