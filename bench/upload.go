package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// uploadSize is the size of the file that is uploaded, in bytes.
const uploadSize = 500 << 20

// upload measures what the program needs to send a large file: in a second
// request of its own, and as base64 in the body of a call.
func (b bench) upload(ctx context.Context) ([]figure, error) {
	path := filepath.Join(b.dir, "large.bin")
	if err := sparseFile(path, uploadSize); err != nil {
		return nil, err
	}
	portal, err := b.serve(ctx, "upload.db")
	if err != nil {
		return nil, err
	}
	var figures []figure
	for _, args := range [][]string{
		{"UploadFileToFolder", "--folderid", "1"},
		{"UploadFileToStorage", "--storageid", "1"},
	} {
		args = append(append([]string{"bitrix24"}, args...), "--url", portal.webhook, "--title", args[0]+".bin", "--file", path, "--out", filepath.Join(b.dir, "answer.json"))
		cmd := exec.CommandContext(ctx, b.oint, args...)
		began := time.Now()
		out, failed := cmd.CombinedOutput()
		if failed != nil {
			err = fmt.Errorf("oint %s: %w\n%s", args[1], failed, out)
			break
		}
		figures = append(figures, figure{
			fmt.Sprintf("oint %s of %d MB, peak memory", args[1], uploadSize>>20),
			fmt.Sprintf("%.0f MB, %.1f s", peakMB(cmd.ProcessState), time.Since(began).Seconds()), "≤ 64 MB",
		})
	}
	return figures, errors.Join(err, portal.stop())
}

// sparseFile makes a file of zeros that takes no room.
func sparseFile(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Close())
}
