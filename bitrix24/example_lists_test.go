package bitrix24_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// demoClient is demo with a client of the portal.
func demoClient(run func(ctx context.Context, client *bitrix24.Client) error) {
	demo(sandbox.Standard, func(ctx context.Context, portal *sandbox.Sandbox) error {
		client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(portal.Transport()))
		if err != nil {
			return err
		}
		return run(ctx, client)
	})
}

// Changes many users in as few requests as the portal's limits make fastest.
func ExampleClient_UpdateUsers() {
	demoClient(func(ctx context.Context, client *bitrix24.Client) error {
		positions := []string{"Engineer", "Accountant", "Driver"}

		updates := func(yield func(bitrix24.UpdateUserArgs) bool) {
			for i, position := range positions {
				args := bitrix24.UpdateUserArgs{
					UserID: bitrix24.ID(2 + i),
					Fields: bitrix24.Fields{"WORK_POSITION": position},
				}
				if !yield(args) {
					return
				}
			}
		}
		for o := range client.UpdateUsers(ctx, updates) {
			fmt.Println(o.Index, o.State, o.Value, o.Err)
		}
		return nil
	})
	// Output:
	// 0 done true <nil>
	// 1 done true <nil>
	// 2 done true <nil>
}

// A command takes its id from the result of one before it.
func ExampleClient_Batch() {
	demoClient(func(ctx context.Context, client *bitrix24.Client) error {
		commands := []bitrix24.Command{
			{
				Name: "north", Method: "department.add",
				Params: bitrix24.Fields{"NAME": "North", "PARENT": 1},
			},
			{
				Method: "user.update", Replay: bitrix24.Idempotent,
				Params: bitrix24.Fields{"ID": 2, "UF_DEPARTMENT": []any{bitrix24.Ref("north")}},
			},
			{
				Method: "user.get", Replay: bitrix24.Safe,
				Params: bitrix24.Fields{"ID": 4711},
			},
			{
				Method: "department.delete",
				Params: bitrix24.Fields{"ID": 4711},
			},
		}
		for o := range client.Batch(ctx, slices.Values(commands)) {
			switch o.State {
			case bitrix24.Done:
				fmt.Println(o.Method, "done", string(o.Result))
			case bitrix24.Refused:
				fmt.Println(o.Method, "refused by the portal")
			case bitrix24.NotSent:
				fmt.Println(o.Method, "was not carried out:", o.Err)
			case bitrix24.Unknown:
				fmt.Println(o.Method, "may have been carried out:", o.Err)
			}
		}
		return nil
	})
	// Output:
	// department.add done 11
	// user.update done true
	// user.get done []
	// department.delete refused by the portal
}

// Every user, however many there are.
func ExampleClient_Users() {
	demoClient(func(ctx context.Context, client *bitrix24.Client) error {
		n := 0
		for user, err := range client.Users(ctx, bitrix24.Fields{"ACTIVE": true, ">ID": 1}) {
			if err != nil {
				return err // the list is not complete
			}
			if user.ID > 1 {
				n++
			}
		}
		fmt.Println(n)
		return nil
	})
	// Output: 41
}

// Any list method, decoded into a type of one's own.
func ExampleRows() {
	demoClient(func(ctx context.Context, client *bitrix24.Client) error {
		type employee struct {
			ID    bitrix24.ID
			Name  bitrix24.Text `json:"NAME"`
			Email bitrix24.Text `json:"EMAIL"`
		}
		params := bitrix24.Fields{
			"FILTER": bitrix24.Fields{"<=ID": 3},
			"select": []string{"ID", "NAME", "EMAIL"},
		}
		for e, err := range bitrix24.Rows[employee](ctx, client, "user.get", params) {
			var broken *bitrix24.ListError
			if errors.As(err, &broken) {
				return fmt.Errorf("only %d rows: %w", broken.Rows, err)
			}
			if err != nil {
				return err
			}
			fmt.Println(e.ID, e.Email)
		}
		return nil
	})
	// Output:
	// 1 henry.fairweather@b24-sandbox.example
	// 2 emile.montclair@b24-sandbox.example
	// 3 clara.ostermann@b24-sandbox.example
}

// A method that is not documented can be described.
func ExampleWithList() {
	demoClient(func(ctx context.Context, client *bitrix24.Client) error {
		list := bitrix24.List{Paging: bitrix24.Start, ID: "ID"}
		n := 0
		for _, err := range bitrix24.Rows[struct{ ID bitrix24.ID }](ctx, client, "user.search", nil, bitrix24.WithList(list)) {
			if err != nil {
				return err
			}
			n++
		}
		fmt.Println(n)
		return nil
	})
	// Output: 42
}

// The filter of a method of REST 3.0.
func ExampleFilter() {
	id, status := bitrix24.Where("id"), bitrix24.Where("status")
	filter := bitrix24.Filter{
		status.Equals("NEW"),
		bitrix24.AnyOf(id.In(1, 2), id.AtLeast(100)),
	}
	body, err := bitrix24.NewObject("filter", filter).MarshalJSON()
	fmt.Println(string(body), err)
	// Output: {"filter":[["status","=","NEW"],{"logic":"or","conditions":[["id","in",[1,2]],["id",">=",100]]}]} <nil>
}
