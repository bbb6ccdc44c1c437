package bitrix24_test

import (
	"errors"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

func TestGrants(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, `{"access_token":"a1","refresh_token":"r1","expires_in":"3600","scope":"user,department","member_id":"m","domain":"oauth.example"}`))
	auth, err := bitrix24.NewAuthServer(bitrix24.WithOAuthServer(p.URL))
	if err != nil {
		t.Fatal(err)
	}
	got, err := auth.GetToken(t.Context(), "local.1", bitrix24.NewSecret("s&1"), bitrix24.NewSecret("c0de"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Result.AccessToken.Reveal() != "a1" || got.Result.RefreshToken.Reveal() != "r1" || got.Result.ExpiresIn != 3600 || got.Result.Scope != "user,department" {
		t.Errorf("token %+v", got.Result)
	}
	if _, err := auth.RefreshToken(t.Context(), "local.1", bitrix24.NewSecret("s&1"), bitrix24.NewSecret("r1")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"grant_type=authorization_code&client_id=local.1&client_secret=s%261&code=c0de",
		"grant_type=refresh_token&client_id=local.1&client_secret=s%261&refresh_token=r1",
	}
	for i, r := range p.seen() {
		if r.verb != "GET" || r.path != "/oauth/token/" || r.query != want[i] {
			t.Errorf("request %+v", r)
		}
	}
}

func TestGrantRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(400, `{"error":"invalid_grant","error_description":"Invalid refresh token"}`))
	auth, err := bitrix24.NewAuthServer(bitrix24.WithOAuthServer(p.URL + "/oauth/token/"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = auth.RefreshToken(t.Context(), "local.1", bitrix24.NewSecret("s"), bitrix24.NewSecret("r"))
	if !errors.Is(err, bitrix24.ErrInvalidGrant) || len(p.seen()) != 1 {
		t.Errorf("error %v after %d requests", err, len(p.seen()))
	}
}
