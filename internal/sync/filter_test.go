package sync

import (
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

// TestFilterKeys accepts what the documentation of user.get names, with every
// operator, and refuses the rest.
//
// https://apidocs.bitrix24.com/api-reference/user/user-get.html
func TestFilterKeys(t *testing.T) {
	t.Parallel()
	users := Users()
	names := []string{"UF_DEPARTMENT", "UF_PHONE_INNER", "IS_ONLINE", "NAME_SEARCH", "USER_TYPE", "ACTIVE", "FIND", "ADMIN_MODE", "LAST_ACTIVITY_DATE", "name", "UF_USR_1700000000"}
	for _, f := range users.Fields {
		names = append(names, f.Name)
	}
	operators := []string{"", ">=", ">", "<=", "<", "@", "!@", "%", "=%", "%=", "!%", "!=%", "!%=", "=", "!=", "!"}
	for _, name := range names {
		for _, operator := range operators {
			if err := users.checkFilter(bitrix24.NewObject(operator+name, 1)); err != nil {
				t.Error(err)
			}
		}
	}
	for _, name := range []string{"NOPE", "", "NAME ", "LAST-NAME", "UF", "N>AME", "PATH"} {
		for _, operator := range operators {
			if err := users.checkFilter(bitrix24.NewObject(operator+name, 1)); err == nil {
				t.Errorf("%q is accepted", operator+name)
			}
		}
	}
}
