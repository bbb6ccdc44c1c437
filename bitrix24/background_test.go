package bitrix24_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

// jobList is a queue that only remembers.
type jobList struct{ calls []bitrix24.BackgroundCall }

func (l *jobList) Enqueue(_ context.Context, call bitrix24.BackgroundCall) (bitrix24.Job, error) {
	l.calls = append(l.calls, call)
	return bitrix24.Job{ID: int64(len(l.calls)), Kind: call.Request.Method}, nil
}

func TestBackgroundHandsOver(t *testing.T) {
	t.Parallel()
	list := &jobList{}
	client, err := bitrix24.New("b24-xxxxxx.example", bitrix24.WithToken("s3cr3t"), bitrix24.WithJobs(list), bitrix24.WithRetries(3))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Background(t.Context(), bitrix24.Request{
		Method: "user.update", Params: bitrix24.NewObject("Z", 1, "A", bitrix24.NewSecret("word")), Replay: bitrix24.Idempotent,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := list.calls[0]
	if got.Portal != "b24-xxxxxx.example" || got.Address.Reveal() != "https://b24-xxxxxx.example/rest/" || got.Token.Reveal() != "s3cr3t" {
		t.Errorf("portal %q, address %q", got.Portal, got.Address.Reveal())
	}
	if got.Request.Replay != bitrix24.Idempotent || got.Retries != 3 || got.Timeout != bitrix24.DefaultTimeout {
		t.Errorf("%+v", got)
	}
	if want := `{"Z":1,"A":"word"}`; string(got.Params) != want {
		t.Errorf("parameters %s, want %s", got.Params, want)
	}
}

func TestBackgroundRefuses(t *testing.T) {
	t.Parallel()
	jobs := bitrix24.WithJobs(&jobList{})
	good := bitrix24.Request{Method: "user.get"}
	for _, test := range []struct {
		setting string
		options []bitrix24.Option
		request bitrix24.Request
	}{
		{"jobs", nil, good},
		{"transport", []bitrix24.Option{jobs, bitrix24.WithTransport(http.DefaultTransport)}, good},
		{"proxy", []bitrix24.Option{jobs, bitrix24.WithProxy(bitrix24.Proxy{Protocol: "http", Host: "127.0.0.1", Port: 1})}, good},
		{"method", []bitrix24.Option{jobs}, bitrix24.Request{Method: "user/get"}},
		{"parameters", []bitrix24.Option{jobs}, bitrix24.Request{Method: "user.get", Params: bitrix24.Fields{"auth": "x"}}},
	} {
		t.Run(test.setting, func(t *testing.T) {
			t.Parallel()
			client, err := bitrix24.New("https://b24-xxxxxx.example/rest/1/CODE/", test.options...)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Background(t.Context(), test.request)
			var config *bitrix24.ConfigError
			if !errors.As(err, &config) || config.Setting != test.setting {
				t.Errorf("%v, want a *ConfigError of %s", err, test.setting)
			}
		})
	}
}
