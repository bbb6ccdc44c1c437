// Package bitrix24 is a client of the Bitrix24 REST API.
//
// A client is made for one portal, from an incoming webhook or from a domain
// and an access token:
//
//	c, err := bitrix24.New("https://b24-xxxxxx.example/rest/1/CODE/")
//	c, err := bitrix24.New("b24-xxxxxx.example", bitrix24.WithToken(token))
//
// Functions are methods with typed parameters and answers (UpdateUser,
// GetDepartments …); Call and Do reach every other REST method:
//
//	answer, err := c.UpdateUser(ctx, 2958, bitrix24.Fields{"EMAIL": "o.lama@example.org"})
//	deals, err := bitrix24.Do[[]Deal](ctx, c, bitrix24.Request{Method: "crm.deal.list"})
//
// An error of the portal is an *Error with the portal's code; errors.Is matches
// it with ErrQueryLimit and its like. When no usable answer came, the error is
// a *TransportError or an *AnswerError, and Ambiguous tells whether the portal
// may have carried out the call.
//
// Calls that were refused before they ran are repeated with growing pauses. A
// call whose fate is unknown is repeated only when a second run is harmless
// (Replay) or when the caller asks for it (WithRetries).
//
// Webhook codes, tokens and passwords are never part of an error or an event.
package bitrix24

// Version is the version of oint; it is part of the User-Agent header.
const Version = "0.1.0"
