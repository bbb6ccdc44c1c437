package render

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// The words of --out that stand for a way to print instead of a file.
const (
	wordHex    = "_hex_"
	wordBase64 = "_base64_"
	wordUTF8   = "_utf8_"
)

// IsWord tells whether a value of --out is one of the special words. Any other
// word in underscores is the name of a file.
func IsWord(out string) bool {
	return out == wordHex || out == wordBase64 || out == wordUTF8
}

// Encode prints bytes in the way a special word names.
func Encode(word string, content []byte) (string, error) {
	switch word {
	case wordHex:
		return strings.ToUpper(hex.EncodeToString(content)), nil
	case wordBase64:
		return base64.StdEncoding.EncodeToString(content), nil
	case wordUTF8:
		return strings.ToValidUTF8(string(content), "\ufffd"), nil
	}
	return "", fmt.Errorf("%q is no way to print", word)
}

// CheckFile tells whether a file could be written, without touching it.
func CheckFile(path string) error {
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder; name a file in it", path)
	case err == nil && !info.Mode().IsRegular():
		return nil
	}
	probe, err := createBeside(target(path))
	if err != nil {
		return fileError(path, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// target follows symbolic links, so that the file is replaced and not the link.
func target(path string) string {
	if followed, err := filepath.EvalSymlinks(path); err == nil {
		return followed
	}
	return path
}

// createBeside makes a new file in the folder of path, with the rights new
// files get from the user's mask.
func createBeside(path string) (*os.File, error) {
	for {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".oint-%016x", rand.Uint64()))
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}

// fileError names the folder or file that stands in the way.
func fileError(path string, err error) error {
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist) && exists(filepath.Dir(path)):
		return fmt.Errorf("%s cannot be written: the folder %s takes no new files", path, filepath.Dir(path))
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s", filepath.Dir(path))
	case errors.As(err, &at):
		return fmt.Errorf("%s cannot be written: %w", path, at.Err)
	}
	return err
}

func exists(folder string) bool {
	_, err := os.Stat(folder)
	return err == nil
}

// WriteFile writes a file whole or not at all: into a new file beside it, which
// then takes its name. The result says what was written and where.
func WriteFile(path string, content []byte) (string, error) {
	place := target(path)
	old, err := os.Stat(place)
	if err == nil && !old.Mode().IsRegular() {
		// A device or pipe cannot be replaced, only written to.
		if err := os.WriteFile(place, content, 0o600); err != nil {
			return "", fileError(path, err)
		}
		return recorded(path, len(content)), nil
	}
	file, err := createBeside(place)
	if err != nil {
		return "", fileError(path, err)
	}
	_, err = file.Write(content)
	if err == nil && old != nil {
		err = file.Chmod(old.Mode().Perm())
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), place)
	}
	if err != nil {
		return "", errors.Join(fileError(path, err), os.Remove(file.Name()))
	}
	return recorded(path, len(content)), nil
}

func recorded(path string, size int) string {
	full, err := filepath.Abs(path)
	if err != nil {
		full = path
	}
	return fmt.Sprintf("file of %.3f MB was recorded in %s", float64(size)/(1<<20), full)
}
