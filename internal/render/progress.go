package render

import (
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// shownSize is the size from which a file is worth a bar.
const shownSize = 4 << 20

// Progress shows on a terminal how far files have been sent.
type Progress struct {
	w        io.Writer
	terminal bool
	mu       sync.Mutex
	bars     *mpb.Progress
	shown    []*mpb.Bar
}

// NewProgress shows on w, or nothing when that is no terminal.
func NewProgress(w io.Writer, terminal bool) *Progress { return &Progress{w: w, terminal: terminal} }

// Sending begins a file; what it returns hears how many bytes were read each
// time. More bytes than the file has come from a second attempt, which begins
// the bar anew.
func (p *Progress) Sending(path string, size int64) func(n int) {
	if !p.terminal || size < shownSize {
		return func(int) {}
	}
	var bar *mpb.Bar
	var read int64
	return func(n int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if bar == nil {
			bar = p.bar(filepath.Base(path), size)
		}
		if read += int64(n); read > size {
			read = int64(n)
		}
		bar.SetCurrent(read)
	}
}

// bar is made with the first byte, so that a call that fails before shows none.
func (p *Progress) bar(name string, size int64) *mpb.Bar {
	if p.bars == nil {
		p.bars = mpb.New(mpb.WithOutput(p.w), mpb.WithRefreshRate(200*time.Millisecond))
	}
	bar := p.bars.AddBar(size,
		mpb.PrependDecorators(decor.Name(name+" ")),
		mpb.AppendDecorators(
			decor.CountersKibiByte("% .1f / % .1f"),
			decor.OnComplete(decor.AverageETA(decor.ET_STYLE_GO, decor.WCSyncSpace), ""),
		),
	)
	p.shown = append(p.shown, bar)
	return bar
}

// Close ends the bars, finished or not.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars == nil {
		return
	}
	for _, bar := range p.shown {
		bar.Abort(false)
	}
	p.bars.Wait()
}
