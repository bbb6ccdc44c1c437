package catalog

import "slices"

// Option returns the option of that name.
func (fn *Function) Option(name string) (*Option, bool) {
	i := slices.IndexFunc(fn.Options, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return nil, false
	}
	return &fn.Options[i], true
}

// Sent returns the options that become parameters, in wire order: all but the
// portal's address and the access token, which belong to the client.
func (fn *Function) Sent() []*Option {
	if len(fn.Send) > 0 {
		sent := make([]*Option, 0, len(fn.Send))
		for _, name := range fn.Send {
			if o, ok := fn.Option(name); ok {
				sent = append(sent, o)
			}
		}
		return sent
	}
	var sent []*Option
	for i := range fn.Options {
		if o := &fn.Options[i]; o.As != AsURL && o.As != AsToken {
			sent = append(sent, o)
		}
	}
	return sent
}
