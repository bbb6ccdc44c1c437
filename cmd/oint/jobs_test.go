package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// jobsData is the folder of the jobs in a script.
const jobsData = "data"

// concealed wants none of the texts in any file of the jobs: concealed TEXT...
func concealed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: concealed TEXT...")
	}
	files, err := filepath.Glob(ts.MkAbs(jobsData + "/*"))
	ts.Check(err)
	seen := false
	for _, file := range files {
		info, err := os.Stat(file)
		ts.Check(err)
		if info.IsDir() {
			continue
		}
		content, err := os.ReadFile(file)
		ts.Check(err)
		seen = seen || filepath.Base(file) == "jobs.db"
		for _, text := range args {
			if text == "" || bytes.Contains(content, []byte(text)) {
				ts.Fatalf("%s holds %q", file, text)
			}
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 && info.Size() > 0 {
			ts.Fatalf("%s: others may read it: %v", file, mode)
		}
	}
	if !seen {
		ts.Fatalf("there is no jobs.db")
	}
}

// helper waits for the worker that started by itself and ends it at the end of
// the script.
func helper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: helper")
	}
	pid := 0
	for began := time.Now(); pid == 0; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			ts.Fatalf("no worker has started")
		}
		content, err := os.ReadFile(ts.MkAbs(jobsData + "/worker.log"))
		if err != nil {
			continue
		}
		if m := regexp.MustCompile(`worker of process (\d+) `).FindStringSubmatch(string(content)); m != nil {
			pid, err = strconv.Atoi(m[1])
			ts.Check(err)
		}
		if strings.Contains(string(content), webhookCode) {
			ts.Fatalf("the secret is in the log of the worker")
		}
	}
	process, err := os.FindProcess(pid)
	ts.Check(err)
	ts.Defer(func() { _ = process.Kill() })
}
