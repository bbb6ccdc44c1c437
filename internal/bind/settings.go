package bind

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
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
		{"dontwait", "Start a background job and print its data; not available yet"},
	}
}

var proxyKeys = []string{"Protocol", "Host", "Port", "User", "Password", "UseOSAuthentication"}

// Settings reads the value of --config: JSON, a file or an address. Keys are
// matched without regard to case.
func Settings(ctx context.Context, src *Source, text string) (Config, error) {
	var c Config
	given, err := structure(ctx, src, text)
	if err != nil {
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
		if b, err := Bool(textOf(value)); err != nil || b {
			return problemf("Leave it out to wait for the answer.", "dontwait comes with background jobs, which this version does not have")
		}
	default:
		return unknownKey(key, "setting", settingNames())
	}
	return nil
}

func (c *Config) setTimeout(value any) error {
	seconds, err := strconv.ParseFloat(textOf(value), 64)
	if err != nil || seconds < 0 || math.IsNaN(seconds) || seconds > 1e6 {
		return problemf("Write it like 10 or 2.5; 0 waits for ever.", "timeout must be a number of seconds, not %s", show(value))
	}
	d := time.Duration(seconds * float64(time.Second))
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
		text := textOf(v)
		switch strings.ToLower(key) {
		case "protocol":
			p.Protocol = text
		case "host":
			p.Host = text
		case "port":
			n, err := strconv.Atoi(text)
			if err != nil {
				return problemf("Use a whole number such as 3128.", "proxy: Port must be a number, not %s", show(v))
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
		default:
			return unknownKey(key, "key of proxy", proxyKeys)
		}
	}
	c.Proxy = p
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

// textOf returns a JSON scalar as text; other kinds have none.
func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func show(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("a %T", value)
	}
	return shorten(string(raw), 40)
}
