package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/bind"
	"github.com/oint-go/oint/internal/render"
)

// hooks print on stderr what a call waits for, and with --debug the HTTP
// exchange. The events arrive with their secrets already taken out.
func (o *portalOptions) hooks() *bitrix24.Hooks {
	if !o.debug {
		return &bitrix24.Hooks{Wait: o.waits}
	}
	w := o.sys.Err
	return &bitrix24.Hooks{
		Wait: o.waits,
		Request: func(_ context.Context, e bitrix24.RequestEvent) {
			fmt.Fprintf(w, "> %s %s\n", e.Verb, e.URL)
			writeHeader(w, "> ", e.Header)
			writeBody(w, "> ", e.Body)
		},
		Response: func(_ context.Context, e bitrix24.ResponseEvent) {
			fmt.Fprintf(w, "< HTTP %d after %s\n", e.Status, e.Duration.Round(1e5))
			writeHeader(w, "< ", e.Header)
			writeBody(w, "< ", e.Body)
		},
		Repeat: func(_ context.Context, e bitrix24.RepeatEvent) {
			fmt.Fprintf(w, "* attempt %d failed (%s); again in %s\n", e.Attempt, e.Reason, e.Wait.Round(1e6))
		},
	}
}

func writeHeader(w io.Writer, mark string, header http.Header) {
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range header[name] {
			fmt.Fprintf(w, "%s%s: %s\n", mark, name, value)
		}
	}
}

func writeBody(w io.Writer, mark string, body []byte) {
	fmt.Fprintln(w, mark)
	for line := range bytes.Lines(body) {
		fmt.Fprintf(w, "%s%s\n", mark, bytes.TrimRight(line, "\r\n"))
	}
}

// printPreview shows for --test what would be sent.
func (r *run) printPreview(p *bitrix24.Preview, call *bind.Call) error {
	if err := r.writePreview(p, call); err != nil {
		return err
	}
	fmt.Fprintln(r.sys.Err, "oint: --test: nothing was sent")
	return nil
}

func (r *run) writePreview(p *bitrix24.Preview, call *bind.Call) error {
	fmt.Fprintf(r.sys.Out, "%s %s\n", p.Verb, p.URL)
	writeHeader(r.sys.Out, "", p.Header)
	if len(p.Body) > 0 {
		fmt.Fprintln(r.sys.Out)
		if err := render.Write(r.sys.Out, p.Body, render.Options{Format: render.JSON, Color: r.sys.color(), Width: r.sys.Width}); err != nil {
			return err
		}
	}
	if call.File != nil {
		fmt.Fprintf(r.sys.Err, "oint: then %s (%d bytes) as multipart/form-data to the address that the portal answers\n", call.File.Name, call.File.Content.Size())
	}
	return nil
}
