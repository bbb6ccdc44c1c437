package jobs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestSealer(t *testing.T) {
	t.Parallel()
	s, err := newSealer([]byte(testKey))
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.seal("log", []byte("Lama"))
	if bytes.Contains(sealed, []byte("Lama")) {
		t.Error("the text can be read")
	}
	if plain, err := s.open("log", sealed); err != nil || string(plain) != "Lama" {
		t.Errorf("%q, %v", plain, err)
	}
	if _, err := s.open("command", sealed); !errors.Is(err, errSealed) {
		t.Errorf("another purpose: %v", err)
	}
	other, err := newSealer([]byte(testKey + "!"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.open("log", sealed); !errors.Is(err, errSealed) {
		t.Errorf("another key: %v", err)
	}
	if s.hash("portal", "a") == s.hash("command", "a") || s.hash("portal", "a") == other.hash("portal", "a") {
		t.Error("hashes of two purposes or two keys are the same")
	}
	if s.hash("portal", "") != "" {
		t.Error("no portal has a name")
	}
}

// TestRecord stores output without the secrets of its command, however it is cut.
func TestRecord(t *testing.T) {
	t.Parallel()
	s := newOpener(t)()
	job := give(t, s, "talks", How{})
	record, err := s.newRecord(context.WithoutCancel(t.Context()), job.ID, &Command{Secrets: []string{"s3cr3t", "ab"}})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("about ", 20_000)
	for _, piece := range []string{"one s3c", "r3t\ntw", "o ab\n", long, "s3cr3t"} {
		if _, err := io.WriteString(record.writer(Stdout), piece); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(record.writer(Stderr), "message\n"); err != nil {
		t.Fatal(err)
	}
	if err := record.close(); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	last, err := s.Logs(t.Context(), job.ID, 0, &stdout, &stderr)
	if err != nil {
		t.Fatal(err)
	}
	if want := "one ***\ntwo ab\n" + long + "***"; stdout.String() != want {
		t.Errorf("stdout has %d bytes, want %d", stdout.Len(), len(want))
	}
	if stderr.String() != "message\n" {
		t.Errorf("stderr %q", stderr.String())
	}
	stdout.Reset()
	if again, err := s.Logs(t.Context(), job.ID, last, &stdout, &stderr); err != nil || again != last || stdout.Len() > 0 {
		t.Errorf("after the end: piece %d, %q, %v", again, stdout.String(), err)
	}
}

// TestClaim lets one process of a folder have the claim at a time.
func TestClaim(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	release, ok, err := Claim(dir)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, ok, err := Claim(dir); ok || err != nil {
		t.Errorf("a second claim: %t, %v", ok, err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, ok, err = Claim(dir)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}
