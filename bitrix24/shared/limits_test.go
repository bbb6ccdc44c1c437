package shared

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

func BenchmarkUpdate(b *testing.B) {
	limits, err := NewLimits(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := limits.Update("b24-xxxxxx.example", func(s *bitrix24.LimitState) { s.Level++ }); err != nil {
			b.Fatal(err)
		}
	}
}

func TestUpdateIsExclusive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			limits, err := NewLimits(dir)
			if err != nil {
				t.Error(err)
				return
			}
			for range 50 {
				if err := limits.Update("b24-xxxxxx.example", func(s *bitrix24.LimitState) { s.Level++ }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := levelOf(t, dir, "B24-xxxxxx.example"); got != 400 {
		t.Errorf("%v updates are left of 400", got)
	}
	if got := levelOf(t, dir, "other.example"); got != 0 {
		t.Errorf("another portal has %v", got)
	}
}

func levelOf(t *testing.T, dir, portal string) (level float64) {
	t.Helper()
	limits, err := NewLimits(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := limits.Update(portal, func(s *bitrix24.LimitState) { level = s.Level }); err != nil {
		t.Fatal(err)
	}
	return level
}

func TestBrokenFileIsBegunAnew(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"", "{", `{"level":`, "\x00\x00\x00\x00", `{"level":"much"}`, `[1]`, string(make([]byte, maxState+1))} {
		dir := t.TempDir()
		if got := levelOf(t, dir, "b24-xxxxxx.example"); got != 0 {
			t.Fatalf("a new file has %v", got)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(files) != 1 {
			t.Fatalf("files %v, %v", files, err)
		}
		if err := os.WriteFile(files[0], []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		limits, err := NewLimits(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := limits.Update("b24-xxxxxx.example", func(s *bitrix24.LimitState) { s.Level = 7 }); err != nil {
			t.Fatal(err)
		}
		if got := levelOf(t, dir, "b24-xxxxxx.example"); got != 7 {
			t.Errorf("after %.20q the level is %v", broken, got)
		}
	}
}
