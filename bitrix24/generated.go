package bitrix24

// What the generated methods share. Ids travel as texts, as in the original's
// requests, and optional parameters that are not set are not sent.

// setText sends a text unless it is empty.
func setText(o *Object, name, value string) {
	if value != "" {
		o.append(name, value)
	}
}

// setID sends an id unless it is zero.
func setID(o *Object, name string, value ID) {
	if value != 0 {
		o.append(name, value.String())
	}
}

// yesNo is the portal's "Y" or "N".
func yesNo(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// merge copies params to the top level of o.
func merge(o *Object, params Params) {
	if params == nil {
		return
	}
	given := params.ordered()
	o.grow(given.Len() + 1) // what is merged seldom stands alone
	for name, value := range given.All() {
		o.Set(name, value)
	}
}

// blank empties the values of a template.
func blank(o *Object) {
	for i := range o.values {
		o.values[i] = ""
	}
}
