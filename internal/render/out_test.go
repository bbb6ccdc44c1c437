package render

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ word, content, want string }{
		{"_hex_", "\x00\xffaz", "00FF617A"},
		{"_hex_", "", ""},
		{"_base64_", "\x00\xffaz", "AP9heg=="},
		{"_utf8_", "Оля\n", "Оля\n"},
		{"_utf8_", "a\xffb", "a\ufffdb"},
	} {
		if !IsWord(test.word) {
			t.Errorf("%s is no word", test.word)
		}
		got, err := Encode(test.word, []byte(test.content))
		if err != nil || got != test.want {
			t.Errorf("Encode(%s, %q) = %q, %v", test.word, test.content, got, err)
		}
	}
	for _, word := range []string{"", "_HEX_", "hex", "_utf16_", " _hex_", "_hex_.txt"} {
		if IsWord(word) {
			t.Errorf("%q is a word", word)
		}
		if got, err := Encode(word, []byte("x")); err == nil || got != "" {
			t.Errorf("Encode(%q) = %q, %v", word, got, err)
		}
	}
}

// listing is the names, modes and contents in a folder.
func listing(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, e := range entries {
		content := e.Type().String()
		if !e.IsDir() {
			raw, err := os.ReadFile(filepath.Join(folder, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			content = string(raw)
		}
		found[e.Name()] = content
	}
	return found
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "answer.json")
	for _, content := range []string{"first", strings.Repeat("x", 3<<19), ""} {
		if err := CheckFile(path); err != nil {
			t.Fatal(err)
		}
		note, err := WriteFile(path, []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		size := map[int]string{5: "0.000", 3 << 19: "1.500", 0: "0.000"}[len(content)]
		if want := "file of " + size + " MB was recorded in " + path; note != want {
			t.Errorf("note = %q, want %q", note, want)
		}
		if diff := cmp.Diff(map[string]string{"answer.json": content}, listing(t, folder)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// A look at a file neither makes nor changes it.
func TestCheckFileTouchesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := CheckFile(filepath.Join(folder, "new")); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]string{}, listing(t, folder)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnwritable(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "inner"), 0o700); err != nil {
		t.Fatal(err)
	}
	long := filepath.Join(folder, strings.Repeat("x", 300))
	tests := []struct{ name, path, check, write string }{
		{"missing folder", filepath.Join(folder, "no", "x"), "there is no folder " + filepath.Join(folder, "no"), "there is no folder " + filepath.Join(folder, "no")},
		{"folder", filepath.Join(folder, "inner"), filepath.Join(folder, "inner") + " is a folder; name a file in it", filepath.Join(folder, "inner") + " cannot be written: "},
		{"name too long", long, "", long},
	}
	if runtime.GOOS == "linux" {
		tests = append(tests, []struct{ name, path, check, write string }{
			{"file as a folder", filepath.Join(file, "x"), filepath.Join(file, "x") + " cannot be written: not a directory", filepath.Join(file, "x") + " cannot be written: not a directory"},
			{"device without room", "/dev/full", "", "/dev/full cannot be written: no space left on device"},
		}...)
	}
	for _, test := range tests {
		err := CheckFile(test.path)
		if (err == nil) != (test.check == "") || err != nil && err.Error() != test.check {
			t.Errorf("%s: CheckFile: %v, want %q", test.name, err, test.check)
		}
		note, err := WriteFile(test.path, []byte("new"))
		if err == nil || note != "" || !strings.Contains(err.Error(), test.write) {
			t.Errorf("%s: WriteFile = %q, %v, want %q", test.name, note, err, test.write)
		}
		if diff := cmp.Diff(map[string]string{"file": "kept", "inner": fs.ModeDir.String()}, listing(t, folder)); diff != "" {
			t.Errorf("%s left (-want +got):\n%s", test.name, diff)
		}
	}
}

// The path in the note leads to the file from any folder.
func TestRecordedPathIsWhole(t *testing.T) {
	t.Parallel()
	if note := recorded("x", 1); !filepath.IsAbs(strings.TrimPrefix(note, "file of 0.000 MB was recorded in ")) {
		t.Error(note)
	}
}
