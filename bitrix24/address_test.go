package bitrix24_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	const token = "t0kent0ken"
	for _, test := range []struct{ address, token, url string }{
		{"https://b24-xxxxxx.example/rest/1/abc", "", "https://b24-xxxxxx.example/rest/1/***/user.get"},
		{" https://b24-xxxxxx.example/rest/1/abc/ ", "", "https://b24-xxxxxx.example/rest/1/***/user.get"},
		{"b24-xxxxxx.example/rest/12/abc/", "", "https://b24-xxxxxx.example/rest/12/***/user.get"},
		{"HTTPS://b24-xxxxxx.example//rest//1//abc//", "", "https://b24-xxxxxx.example/rest/1/***/user.get"},
		{"https://intranet.example/portal/rest/1/abc/", "", "https://intranet.example/portal/rest/1/***/user.get"},
		{"b24-xxxxxx.example", token, "https://b24-xxxxxx.example/rest/user.get"},
		{"https://b24-xxxxxx.example/", token, "https://b24-xxxxxx.example/rest/user.get"},
		{"https://b24-xxxxxx.example/rest/", token, "https://b24-xxxxxx.example/rest/user.get"},
		{"b24-xxxxxx.example:8443", token, "https://b24-xxxxxx.example:8443/rest/user.get"},
		{"127.0.0.1:8024", token, "http://127.0.0.1:8024/rest/user.get"},
		{"localhost:8024", token, "http://localhost:8024/rest/user.get"},
		{"https://127.0.0.1:8024", token, "https://127.0.0.1:8024/rest/user.get"},
		{"http://[::1]:8024/rest/1/abc/", "", "http://[::1]:8024/rest/1/***/user.get"},
	} {
		var opts []bitrix24.Option
		if test.token != "" {
			opts = append(opts, bitrix24.WithToken(test.token))
		}
		c, err := bitrix24.New(test.address, opts...)
		if err != nil {
			t.Errorf("%s: %v", test.address, err)
			continue
		}
		p, err := c.Preview(bitrix24.Request{Method: "user.get"})
		if err != nil || p.URL != test.url {
			t.Errorf("%s: %v, %v", test.address, p, err)
		}
	}
}

func TestAddressesRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		address, token, says string
	}{
		{"", "", "empty"},
		{"https://", "", "cannot be read"},
		{"b24-xxxxxx.example", "", "access token is needed"},
		{"http://b24-xxxxxx.example/rest/1/SECRETCODE/", "", "plain http"},
		{"http://b24-xxxxxx.example", "SECRETTOKEN", "plain http"},
		{"ftp://b24-xxxxxx.example/rest/1/SECRETCODE/", "", "scheme"},
		{"https://b24-xxxxxx.example/rest/1/SECRETCODE/", "SECRETTOKEN", "carries its own secret"},
		{"https://b24-xxxxxx.example/rest/1/SECRETCODE/user.get", "", "name of a method"},
		{"https://b24-xxxxxx.example/rest/SECRETCODE/", "", "no webhook address"},
		{"https://user:SECRETPASS@b24-xxxxxx.example/rest/1/SECRETCODE/", "", "user name or password"},
		{"https://b24 xxxxxx.example/rest/1/SECRETCODE/", "", "cannot be read"},
	} {
		var opts []bitrix24.Option
		if test.token != "" {
			opts = append(opts, bitrix24.WithToken(test.token))
		}
		_, err := bitrix24.New(test.address, opts...)
		var config *bitrix24.ConfigError
		if !errors.As(err, &config) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: %v", test.address, err)
		}
		if strings.Contains(fmt.Sprint(err), "SECRET") {
			t.Errorf("%q: the error shows the secret: %v", test.address, err)
		}
	}
	if _, err := bitrix24.New("http://b24-xxxxxx.example/rest/1/abc/", bitrix24.WithInsecureHTTP()); err != nil {
		t.Errorf("plain http that was asked for: %v", err)
	}
}

func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]bitrix24.Option{
		"empty token":      bitrix24.WithToken(" "),
		"negative timeout": bitrix24.WithTimeout(-1),
		"no attempts":      bitrix24.WithRetries(0),
		"no body":          bitrix24.WithMaxBody(0),
		"user agent":       bitrix24.WithUserAgent("a\r\nX: y"),
		"nil transport":    bitrix24.WithTransport(nil),
		"proxy protocol":   bitrix24.WithProxy(bitrix24.Proxy{Protocol: "ftp", Host: "p.example"}),
		"proxy host":       bitrix24.WithProxy(bitrix24.Proxy{}),
		"proxy port":       bitrix24.WithProxy(bitrix24.Proxy{Host: "p.example", Port: 70000}),
		"OS login":         bitrix24.WithProxy(bitrix24.Proxy{Host: "p.example", User: "u", UseOSAuthentication: true}),
		"password alone":   bitrix24.WithProxy(bitrix24.Proxy{Host: "p.example", Password: bitrix24.NewSecret("pw")}),
	} {
		var config *bitrix24.ConfigError
		if _, err := bitrix24.New("https://b24-xxxxxx.example/rest/1/abc/", o); !errors.As(err, &config) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIsWebhook(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://b24-xxxxxx.example/rest/1/abc/": true,
		"http://b24-xxxxxx.example/rest/1/abc":   true,
		"b24-xxxxxx.example":                     false,
		"b24-xxxxxx.example/rest/":               false,
		"":                                       false,
	} {
		if got := bitrix24.IsWebhook(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func TestGetAppAuthLink(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]string{
		"b24-xxxxxx.example":          "https://b24-xxxxxx.example/oauth/authorize/?client_id=local.1%262",
		"https://b24-xxxxxx.example/": "https://b24-xxxxxx.example/oauth/authorize/?client_id=local.1%262",
		"127.0.0.1:8024":              "http://127.0.0.1:8024/oauth/authorize/?client_id=local.1%262",
	} {
		got, err := bitrix24.GetAppAuthLink(domain, "local.1&2")
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", domain, got, err)
		}
	}
	if _, err := bitrix24.GetAppAuthLink("b24-xxxxxx.example", " "); err == nil {
		t.Error("an empty client id was accepted")
	}
}
