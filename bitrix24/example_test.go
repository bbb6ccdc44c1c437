package bitrix24_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// The example of the README, with the portal that is built in instead of
// b24-xxxxxx.example.
func Example() {
	portal, err := sandbox.New(sandbox.Options{})
	if err != nil {
		log.Print(err)
		return
	}
	defer portal.Close() //nolint:errcheck // in memory
	ctx, token := context.Background(), portal.Access().Token

	client, err := bitrix24.New(portal.Access().Domain, bitrix24.WithToken(token), bitrix24.WithTransport(portal.Transport()))
	if err != nil {
		log.Print(err)
		return
	}
	answer, err := client.UpdateUser(ctx, 2, bitrix24.Fields{
		"EMAIL":         "o.lama@example.org",
		"NAME":          "Oleg",
		"LAST_NAME":     "Lama",
		"UF_DEPARTMENT": []int{7},
	})
	if errors.Is(err, bitrix24.ErrExpiredToken) {
		log.Print("refresh the token")
	}
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Println(answer.Result, answer.Time.Duration >= 0)

	user, err := client.GetUser(ctx, 2)
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Println(user.Result[0].Name, user.Result[0].LastName, user.Result[0].Departments)
	// Output:
	// true true
	// Oleg Lama [7]
}

// A webhook address carries its own secret. An error of the portal has its
// code, its description and the HTTP status.
func ExampleClient_webhook() {
	portal, err := sandbox.New(sandbox.Options{})
	if err != nil {
		log.Print(err)
		return
	}
	defer portal.Close() //nolint:errcheck // in memory

	client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(portal.Transport()))
	if err != nil {
		log.Print(err)
		return
	}
	_, err = client.UpdateUser(context.Background(), 2, bitrix24.Fields{"EMAIL": "no address"})
	var refused *bitrix24.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Method, refused.Status, refused.Code)
	}
	fmt.Println(client)
	// Output:
	// user.update 400 ERROR_CORE
	// bitrix24 https://b24-sandbox.example/rest/***/
}
