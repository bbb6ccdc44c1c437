package bind

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oint-go/oint/bitrix24"
)

// revealed compares secrets by their text.
var revealed = cmp.Transformer("Reveal", bitrix24.Secret.Reveal)

func TestSettings(t *testing.T) {
	t.Parallel()
	src, url := newPages(t)
	wait := func(d time.Duration) Config { return Config{Timeout: &d} }
	times := func(n int) Config { return Config{Retries: &n} }
	proxy := func(p bitrix24.Proxy) Config { return Config{Proxy: &p} }
	second := wait(time.Second)
	second.Retries = times(2).Retries
	second.AdvResponse = true
	for _, test := range []struct {
		name, text string
		want       Config
	}{
		{"nothing", "{}", Config{}},
		{"timeout", "{timeout:10}", wait(10 * time.Second)},
		{"timeout in fractions", "{'timeout':2.5}", wait(2500 * time.Millisecond)},
		{"timeout as a text", "{timeout:' 2,5 '}", wait(2500 * time.Millisecond)},
		{"timeout for ever", "{timeout:0}", wait(0)},
		{"timeout too short to count", "{timeout:1e-20}", wait(1)},
		{"longest timeout", "{timeout:1000000}", wait(1e6 * time.Second)},
		{"retries", "{retries:1}", times(1)},
		{"retries as a text", "{retries:' 1000 '}", times(1000)},
		{"adv_response", "{adv_response:true}", Config{AdvResponse: true}},
		{"adv_response in words", "{adv_response:'да'}", Config{AdvResponse: true}},
		{"adv_response as a number", "{adv_response:1}", Config{AdvResponse: true}},
		{"no adv_response", "{adv_response:false}", Config{}},
		{"no dontwait", "{dontwait:'no'}", Config{}},
		{"dontwait", "{DontWait:1}", Config{DontWait: true}},
		{"any letter case", "{TIMEOUT:1,Retries:2,Adv_Response:'Y'}", second},
		{"last wins", "{Timeout:9,timeout:1,retries:2,adv_response:false,ADV_RESPONSE:true}", second},
		{"file", newFile(t, "settings", "# slow portal\n{timeout:1,\nretries:2, adv_response:1}"), second},
		{
			"proxy", "{proxy:{Protocol:' https ',Host:' proxy.example ',Port:3128,User:'otto',Password:'" + marker + "',UseOSAuthentication:false}}",
			proxy(bitrix24.Proxy{Protocol: "https", Host: "proxy.example", Port: 3128, User: "otto", Password: bitrix24.NewSecret(marker)}),
		},
		{
			"proxy in any letter case", "{PROXY:{protocol:'socks5',HOST:'::1',port:' 1080 ',USEosAUTHENTICATION:'yes'}}",
			proxy(bitrix24.Proxy{Protocol: "socks5", Host: "::1", Port: 1080, UseOSAuthentication: true}),
		},
		{"credentials keep their blanks and digits", "{proxy:{User:1.10,Password:' 12345678901234567890'}}", proxy(bitrix24.Proxy{User: "1.10", Password: bitrix24.NewSecret(" 12345678901234567890")})},
		{"password that is a number", "{proxy:{Password:0.10}}", proxy(bitrix24.Proxy{Password: bitrix24.NewSecret("0.10")})},
		{"password that is a boolean", "{proxy:{Password:true}}", proxy(bitrix24.Proxy{Password: bitrix24.NewSecret("true")})},
		{"empty proxy", "{proxy:{}}", proxy(bitrix24.Proxy{})},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := Settings(t.Context(), src, test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, revealed); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if text := fmt.Sprintf("%v %+v %#v", got, got.Proxy, got.Proxy); strings.Contains(text, marker) {
				t.Errorf("the settings print their secret: %s", text)
			}
		})
	}
	t.Run("address", func(t *testing.T) {
		t.Parallel()
		if _, err := Settings(t.Context(), src, url+"/object"); err == nil || !strings.HasPrefix(err.Error(), `--config: unknown setting "NAME"`) {
			t.Errorf("err = %v", err)
		}
	})
}

func TestSettingsRefuses(t *testing.T) {
	t.Parallel()
	src, url := newPages(t)
	host := strings.TrimPrefix(url, "http://")
	const (
		known    = "Known are proxy, timeout, adv_response, retries, dontwait."
		keys     = "Known are Protocol, Host, Port, User, Password, UseOSAuthentication."
		timeouts = "\nWrite it like 10 or 2.5; 0 waits for ever."
		attempts = "\nIt is the number of attempts in all, e.g. 3."
		boolean  = "\nUse true or false."
		noProxy  = "proxy must be a structure\nWrite it as {'Protocol':'http','Host':'127.0.0.1','Port':3128}."
		quotes   = "\nWrite it in quotes."
	)
	long := strings.Repeat("9", 50)
	brokenFile := newFile(t, "settings", "{proxy:{Password:'"+marker+"' 1}}")
	for _, test := range []struct{ text, want string }{
		{"{time:1}", "unknown setting \"time\"\nDid you mean timeout? " + known},
		{"{'re-tries':1}", "unknown setting \"re-tries\"\nDid you mean retries? " + known},
		{"{password:'" + marker + "'}", "unknown setting \"password\"\n" + known},
		{"{'':1}", "unknown setting \"\"\n" + known},
		{"{timeout:'soon'}", "timeout must be a number of seconds, not \"soon\"" + timeouts},
		{"{timeout:-1}", "timeout must be a number of seconds, not -1" + timeouts},
		{"{timeout:1000001}", "timeout must be a number of seconds, not 1000001" + timeouts},
		{"{timeout:1e999}", "timeout must be a number of seconds, not 1e999" + timeouts},
		{"{timeout:" + long + "}", "timeout must be a number of seconds, not " + long[:40] + "…" + timeouts},
		{"{timeout:null}", "timeout must be a number of seconds, not null" + timeouts},
		{"{timeout:true}", "timeout must be a number of seconds, not true" + timeouts},
		{"{timeout:''}", "timeout must be a number of seconds, not \"\"" + timeouts},
		{"{timeout:{password:'" + marker + "'}}", "timeout must be a number of seconds, not a structure" + timeouts},
		{"{timeout:['" + marker + "']}", "timeout must be a number of seconds, not an array" + timeouts},
		{"{retries:0}", "retries must be a whole number from 1 to 1000, not 0" + attempts},
		{"{retries:1001}", "retries must be a whole number from 1 to 1000, not 1001" + attempts},
		{"{retries:2.5}", "retries must be a whole number from 1 to 1000, not 2.5" + attempts},
		{"{retries:'many'}", "retries must be a whole number from 1 to 1000, not \"many\"" + attempts},
		{"{adv_response:'perhaps'}", "adv_response must be true or false, not \"perhaps\"" + boolean},
		{"{adv_response:null}", "adv_response must be true or false, not null" + boolean},
		{"{dontwait:2}", "dontwait must be true or false, not 2" + boolean},
		{"{proxy:'http://otto:" + marker + "@proxy.example'}", noProxy},
		{"{proxy:['" + marker + "']}", noProxy},
		{"{proxy:null}", noProxy},
		{"{proxy:{Hots:'x'}}", "unknown key of proxy \"Hots\"\nDid you mean Host? " + keys},
		{"{proxy:{Pass:'" + marker + "'}}", "unknown key of proxy \"Pass\"\nDid you mean Password? " + keys},
		{"{proxy:{Host:null}}", "proxy: Host must be a text" + quotes},
		{"{proxy:{Password:['" + marker + "']}}", "proxy: Password must be a text" + quotes},
		{"{proxy:{User:{a:'" + marker + "'}}}", "proxy: User must be a text" + quotes},
		{"{proxy:{Port:'" + marker + "'}}", "proxy: Port must be a number\nUse a whole number such as 3128."},
		{"{proxy:{Port:3128.5}}", "proxy: Port must be a number\nUse a whole number such as 3128."},
		{"{proxy:{UseOSAuthentication:'" + marker + "'}}", "proxy: UseOSAuthentication must be true or false" + boolean},
		{"{proxy:{Password:" + marker + "}}", "broken JSON: line 1, column 18: a text without quotes\nNothing was sent."},
		{"{proxy:{Password:'" + marker + "' 1}}", "broken JSON: line 1, column 34: expected a comma or '}'\nNothing was sent."},
		{"{proxy:{Password:'" + marker, "broken JSON: line 1, column 18: the quote that opens here is never closed\nNothing was sent."},
		{"'Password':'" + marker + "'", "no JSON, no existing file and no http(s) address: line 1, column 11: text after the end of the JSON\nWrite it as {'KEY':'value'}, or name a file or an address that holds it."},
		{marker, "no JSON, no existing file and no http(s) address: line 1, column 1: a text without quotes\nWrite it as {'KEY':'value'}, or name a file or an address that holds it."},
		{"['" + marker + "']", "expected a structure, got an array\nWrite it as {'KEY':'value'}."},
		{brokenFile, "broken JSON in " + brokenFile + ": line 1, column 34: expected a comma or '}'\nNothing was sent."},
		{url + "/config?key=" + marker, "broken JSON in the answer of " + host + ": line 1, column 38: expected a comma or '}'\nNothing was sent."},
		{"http://otto:" + marker + "@" + host + "/gone", host + " answered with HTTP 404\nCheck the address, or save the file and give its path."},
	} {
		_, err := Settings(t.Context(), src, test.text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("Settings(%q): %v", test.text, err)
			continue
		}
		if diff := cmp.Diff("--config: "+test.want, err.Error()); diff != "" {
			t.Errorf("Settings(%q) (-want +got):\n%s", test.text, diff)
		}
		if strings.Contains(fmt.Sprintf("%+v", *e), marker) {
			t.Errorf("Settings(%q): the secret leaves: %v", test.text, err)
		}
	}
}

// Every key that the help lists is read.
func TestKnownSettings(t *testing.T) {
	t.Parallel()
	for _, s := range KnownSettings() {
		_, err := Settings(t.Context(), NewSource(nil), "{"+strings.ToUpper(s.Name)+":null}")
		if err == nil || strings.Contains(err.Error(), "unknown") || !strings.Contains(err.Error(), s.Name) {
			t.Errorf("%s: %v", s.Name, err)
		}
		if s.Summary == "" {
			t.Errorf("%s has no summary", s.Name)
		}
	}
}

func FuzzSettings(f *testing.F) {
	for _, seed := range []string{
		"{timeout:1e-400,retries:'3'}", "{proxy:{Port:1,Password:'x'}}", "{adv_response:[]}", "{dontwait:1}", "[1]", "", "{proxy:{UseOSAuthentication:{}}}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if isAddress(text) || isFile(text) {
			return
		}
		c, err := Settings(t.Context(), NewSource(nil), text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Option != "config" {
				t.Fatalf("%#v", err)
			}
			return
		}
		if c.Timeout != nil && (*c.Timeout < 0 || *c.Timeout > 1e6*time.Second) {
			t.Fatalf("Settings(%q): timeout %v", text, *c.Timeout)
		}
		if c.Retries != nil && (*c.Retries < 1 || *c.Retries > 1000) {
			t.Fatalf("Settings(%q): %d retries", text, *c.Retries)
		}
	})
}
