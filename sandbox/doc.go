// Package sandbox is a Bitrix24 portal on your machine: the HTTP contract of
// the REST API over a SQLite store with real state, filled with an invented
// company. What is created can be read, filtered, changed and deleted.
//
// A Sandbox is an http.Handler; it also works without a listener:
//
//	portal, err := sandbox.New(sandbox.Options{})
//	defer portal.Close()
//	client := &http.Client{Transport: portal.Transport()}
//	client.Post(portal.Access().Webhook+"user.get", …)
//
// Methods it does not have answer ERROR_METHOD_NOT_FOUND and are counted. Its
// truth is the REST documentation (https://apidocs.bitrix24.com), not any
// client.
package sandbox
