package bind

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
)

// Config is the settings of one call, from --config. What is not set is nil or
// false.
type Config struct {
	Timeout     *time.Duration // for one attempt
	Retries     *int           // attempts in all
	AdvResponse bool           // print the complete HTTP answer
	Proxy       *bitrix24.Proxy
	DontWait    bool // make a background job of the call
}

// Setting is one key of --config.
type Setting struct{ Name, Summary string }

// KnownSettings returns the keys of --config.
func KnownSettings() []Setting {
	return []Setting{
		{"proxy", "Proxy server: a structure with Protocol (http, https, socks5), Host, Port, User, Password, UseOSAuthentication"},
		{"timeout", "Seconds that one attempt may take, fractions allowed; 75 without it"},
		{"adv_response", "true prints the HTTP answer as a structure with code, body and headers"},
		{"retries", "Number of attempts in all when the portal fails (5xx) or does not answer"},
		{"dontwait", "true makes a background job of the call and prints its data at once"},
	}
}

var proxyKeys = []string{"Protocol", "Host", "Port", "User", "Password", "UseOSAuthentication"}

// Settings reads the value of --config: JSON, a file or an address. Keys are
// matched without regard to case. As the password of a proxy stands in it,
// errors show the place but no text from there.
func Settings(ctx context.Context, src *Source, text string) (Config, error) {
	var c Config
	given, err := structure(ctx, src, text)
	if err != nil {
		var broken *SyntaxError
		if errors.As(err, &broken) {
			broken.Near = ""
		}
		return c, named("config", err)
	}
	for key, value := range given.All() {
		if err := c.set(key, value); err != nil {
			return c, named("config", err)
		}
	}
	return c, nil
}

func (c *Config) set(key string, value any) error {
	switch strings.ToLower(key) {
	case "timeout":
		return c.setTimeout(value)
	case "retries":
		n, err := strconv.Atoi(textOf(value))
		if err != nil || n < 1 || n > 1000 {
			return problemf("It is the number of attempts in all, e.g. 3.", "retries must be a whole number from 1 to 1000, not %s", show(value))
		}
		c.Retries = &n
	case "adv_response":
		b, err := Bool(textOf(value))
		if err != nil {
			return problemf("Use true or false.", "adv_response must be true or false, not %s", show(value))
		}
		c.AdvResponse = b
	case "proxy":
		return c.setProxy(value)
	case "dontwait":
		b, err := Bool(textOf(value))
		if err != nil {
			return problemf("Use true or false.", "dontwait must be true or false, not %s", show(value))
		}
		c.DontWait = b
	default:
		return unknownKey(key, "setting", settingNames())
	}
	return nil
}

func (c *Config) setTimeout(value any) error {
	number, err := Number(textOf(value))
	var seconds float64
	if err == nil {
		seconds, err = number.Float64()
	}
	if err != nil || seconds < 0 || seconds > 1e6 {
		return problemf("Write it like 10 or 2.5; 0 waits for ever.", "timeout must be a number of seconds, not %s", show(value))
	}
	d := time.Duration(seconds * float64(time.Second))
	if seconds > 0 {
		// A tiny time must not become 0, which means no limit.
		d = max(d, 1)
	}
	c.Timeout = &d
	return nil
}

func (c *Config) setProxy(value any) error {
	given, ok := value.(*bitrix24.Object)
	if !ok {
		return problemf("Write it as {'Protocol':'http','Host':'127.0.0.1','Port':3128}.", "proxy must be a structure")
	}
	p := &bitrix24.Proxy{}
	for key, v := range given.All() {
		if err := setProxyKey(p, key, v); err != nil {
			return err
		}
	}
	c.Proxy = p
	return nil
}

func setProxyKey(p *bitrix24.Proxy, key string, value any) error {
	name := strings.ToLower(key)
	i := slices.IndexFunc(proxyKeys, func(k string) bool { return strings.EqualFold(k, name) })
	if i < 0 {
		return unknownKey(key, "key of proxy", proxyKeys)
	}
	text, ok := scalarText(value)
	if !ok {
		return problemf("Write it in quotes.", "proxy: %s must be a text", proxyKeys[i])
	}
	switch name {
	case "protocol":
		p.Protocol = strings.TrimSpace(text)
	case "host":
		p.Host = strings.TrimSpace(text)
	case "port":
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return problemf("Use a whole number such as 3128.", "proxy: Port must be a number")
		}
		p.Port = n
	case "user":
		p.User = text
	case "password":
		p.Password = bitrix24.NewSecret(text)
	case "useosauthentication":
		b, err := Bool(text)
		if err != nil {
			return problemf("Use true or false.", "proxy: UseOSAuthentication must be true or false")
		}
		p.UseOSAuthentication = b
	}
	return nil
}

func settingNames() []string {
	var names []string
	for _, s := range KnownSettings() {
		names = append(names, s.Name)
	}
	return names
}

func unknownKey(key, what string, known []string) error {
	remedy := "Known are " + strings.Join(known, ", ") + "."
	if near := catalog.Closest(key, known); len(near) > 0 {
		remedy = "Did you mean " + strings.Join(near, " or ") + "? " + remedy
	}
	return problemf(remedy, "unknown %s %q", what, shorten(key, 30))
}

// scalarText returns the text of a JSON text, number or boolean.
func scalarText(value any) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// textOf is scalarText without the blanks around it; other kinds have no text.
func textOf(value any) string {
	text, _ := scalarText(value)
	return strings.TrimSpace(text)
}

// show is a value for a message; of a structure or array only its kind.
func show(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(shorten(v, 40))
	case *bitrix24.Object:
		return "a structure"
	case []any:
		return "an array"
	}
	return shorten(fmt.Sprint(value), 40)
}
