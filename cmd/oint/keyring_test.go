//go:build keyring

package main

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// busConfig is a session bus that starts no services by itself.
const busConfig = `<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`

// loginCollection is the keyring that is opened with the desktop session.
const loginCollection = "/org/freedesktop/secrets/collection/login"

// desktop is a desktop session with a D-Bus and a Secret Service of its own.
type desktop struct {
	*jobsHome
	agent *exec.Cmd
}

func newDesktop(t *testing.T) *desktop {
	t.Helper()
	h := newJobsHome(t)
	config := filepath.Join(h.data, "bus.conf")
	if err := os.WriteFile(config, []byte(busConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	bus := exec.CommandContext(t.Context(), "dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile", "--print-address")
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatalf("%v; .ci/keyring installs it", err)
	}
	t.Cleanup(func() {
		_ = bus.Process.Kill()
		_ = bus.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	h.env = append(h.env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address), "XDG_RUNTIME_DIR=", "XDG_DATA_HOME=")
	return &desktop{jobsHome: h}
}

// login starts the agent and opens the keyring.
func (d *desktop) login() {
	d.t.Helper()
	d.agent = exec.CommandContext(d.t.Context(), "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	d.agent.Env, d.agent.Stdin = d.env, strings.NewReader("password of the desktop")
	if err := d.agent.Start(); err != nil {
		d.t.Fatalf("%v; .ci/keyring installs it", err)
	}
	d.t.Cleanup(d.logout)
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if strings.Contains(d.ask(loginCollection, "org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Collection", "string:Locked"), "boolean false") {
			return
		}
		if time.Since(began) > time.Minute {
			d.t.Fatal("the keyring does not open")
		}
	}
}

// logout ends the agent.
func (d *desktop) logout() {
	_ = d.agent.Process.Kill()
	_ = d.agent.Wait()
}

// lock closes the keyring; nobody is there to type its password.
func (d *desktop) lock() {
	d.t.Helper()
	if answer := d.ask("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", "array:objpath:"+loginCollection); !strings.Contains(answer, "login") {
		d.t.Fatalf("the keyring does not close: %s", answer)
	}
}

// ask calls a method of the Secret Service.
func (d *desktop) ask(object, method string, args ...string) string {
	cmd := exec.CommandContext(d.t.Context(), "dbus-send", append([]string{"--session", "--print-reply", "--dest=org.freedesktop.secrets", object, method}, args...)...)
	cmd.Env = d.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return ""
	}
	return string(out)
}

// stored is the key in the keyring; empty when there is none.
func (d *desktop) stored() string {
	cmd := exec.CommandContext(d.t.Context(), "secret-tool", "lookup", "service", "oint jobs", "username", d.data)
	cmd.Env = d.env
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return string(out)
}

// refused runs a command that must end with 2 because it has no key, and must
// make none.
func (d *desktop) refused(why string) {
	d.t.Helper()
	// A command that hangs is one that does not end.
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	cmd, messages := d.command("jobs", "list")
	cmd = exec.CommandContext(ctx, cmd.Path, cmd.Args[1:]...)
	cmd.Env, cmd.Stderr = d.env, messages
	if _ = cmd.Run(); cmd.ProcessState.ExitCode() != 2 {
		d.t.Errorf("exit code %d\n%s", cmd.ProcessState.ExitCode(), messages)
	}
	for _, want := range []string{"the key of the jobs is neither in", why, "The jobs are kept", "OINT_JOBS_KEY"} {
		if !strings.Contains(messages.String(), want) {
			d.t.Errorf("not said: %q\n%s", want, messages)
		}
	}
	d.inFile(false)
}

// inFile wants the key in a file, or no file.
func (d *desktop) inFile(want bool) {
	d.t.Helper()
	_, err := os.Stat(filepath.Join(d.data, "jobs.key"))
	if want && err != nil || !want && !errors.Is(err, fs.ErrNotExist) {
		d.t.Errorf("jobs.key: %v", err)
	}
}

// enqueue puts a job into the queue and prints it.
func (d *desktop) enqueue() string {
	d.t.Helper()
	return string(d.run("bitrix24", "UpdateUser", "--url", "sandbox", "--userid", "2", "--fields", `{"NAME":"Oleg"}`, "--background"))
}

// TestKeyring keeps the key in the keyring, where the worker that starts by itself
// finds it too.
func TestKeyring(t *testing.T) {
	d := newDesktop(t)
	d.login()
	d.env = append(d.env, "OINT_NO_WORKER=")
	d.enqueue()
	if out := string(d.run("jobs", "wait", "1")); !strings.Contains(out, `"exit_code": 0`) {
		t.Errorf("the job: %s", out)
	}
	log, err := os.ReadFile(filepath.Join(d.data, "worker.log"))
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`worker of process (\d+) `).FindSubmatch(log); m != nil {
		pid, err := strconv.Atoi(string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGTERM) })
	}
	d.inFile(false)
	key := d.stored()
	if len(key) < 32 {
		t.Fatalf("the keyring has a key of %d characters", len(key))
	}
	files, err := filepath.Glob(filepath.Join(d.data, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), key) {
			t.Errorf("%s holds the key", file)
		}
	}
}

// TestKeyringGone takes the keyring away from a queue that has jobs: it is locked,
// it does not answer, its agent ends, the whole session is elsewhere. Every time
// it is said, and when it is back the jobs are.
func TestKeyringGone(t *testing.T) {
	d := newDesktop(t)
	d.login()
	d.enqueue()
	key := d.stored()

	d.lock()
	d.refused("failed to unlock")
	d.logout()
	d.refused("org.freedesktop.secrets")
	d.login()
	if err := d.agent.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	d.refused("it has not answered for 5s and may be locked")
	if err := d.agent.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if job := d.job(1); job.State != "queued" {
		t.Errorf("%+v", job)
	}

	session := d.env
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS=")
	d.refused("there is no keyring here")
	// Where there is no session the key is given, or moved into the file.
	d.env = append(d.env, "OINT_JOBS_KEY="+key)
	if job := d.job(1); job.State != "queued" {
		t.Errorf("%+v", job)
	}
	d.env = slices.Concat(session, []string{"DBUS_SESSION_BUS_ADDRESS="})
	if err := os.WriteFile(filepath.Join(d.data, "jobs.key"), []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	d.run("worker", "--idle", "1ms")
	if job := d.job(1); job.State != "done" {
		t.Errorf("%+v", job)
	}
}

// TestKeyringAbsent begins a queue where the keyring is locked, does not answer or
// has no agent: the key is in a file, which stays the one that counts.
func TestKeyringAbsent(t *testing.T) {
	for name, absent := range map[string]func(*desktop){
		"locked":   func(d *desktop) { d.lock() },
		"silent":   func(d *desktop) { _ = d.agent.Process.Signal(syscall.SIGSTOP) },
		"no agent": func(d *desktop) { d.logout() },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesktop(t)
			d.login()
			absent(d)
			d.enqueue()
			d.inFile(true)
			d.logout()
			d.login()
			if job := d.job(1); job.State != "queued" {
				t.Errorf("%+v", job)
			}
			if key := d.stored(); key != "" {
				t.Error("there is a second key in the keyring")
			}
		})
	}
}
