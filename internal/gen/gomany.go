package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/catalog"
)

// checkRows makes sure that it is known how the methods page whose rows are read
// to the end.
func checkRows(regions []*catalog.Region, methods []sourceList) error {
	for _, r := range regions {
		for _, fn := range r.Functions {
			known := func(l sourceList) bool { return l.Version == 0 && strings.EqualFold(l.Method, fn.Method) }
			if fn.Rows != "" && !slices.ContainsFunc(methods, known) {
				return fmt.Errorf("catalog/%s.yaml: %s: rows: catalog/%s has no method %s", r.Name, fn.Name, listFile, fn.Method)
			}
		}
	}
	return nil
}

// Many is the source of the methods that call a function many times or read all
// its rows.
func (m *method) Many() string {
	var b strings.Builder
	if m.Bulk != "" {
		m.bulk(&b)
	}
	if m.Rows != "" {
		m.allRows(&b)
	}
	return b.String()
}

// argsType is the struct of a function's arguments.
func (m *method) argsType() string { return m.Name + "Args" }

// bulkBody is the body of a function that has a struct of its arguments: it makes
// the request as the bulk method does.
func (m *method) bulkBody() string {
	var values []string
	for _, p := range m.Required {
		values = append(values, p.Argument)
	}
	if len(m.Optional) > 0 {
		values = append(values, "options")
	}
	request := "Method: call.Method, Params: call.Params, Replay: call.Replay" + m.unwrap()
	if m.HTTP != "POST" {
		request += fmt.Sprintf(", HTTP: %q", m.HTTP)
	}
	return fmt.Sprintf("call := %s{%s}.Command()\nreturn Do[%s](ctx, c, Request{%s}, opts...)\n",
		m.argsType(), strings.Join(values, ", "), m.Result, request)
}

// bulk writes the struct of the arguments, the command it makes, and the method
// that takes any number of them.
func (m *method) bulk(b *strings.Builder) {
	b.WriteString("\n")
	comment(b, "", fmt.Sprintf("%s are the arguments of %s, for %s.", m.argsType(), m.Name, m.Bulk))
	fmt.Fprintf(b, "type %s struct {\n", m.argsType())
	for _, p := range m.Required {
		comment(b, "", optionText(p.Option))
		fmt.Fprintf(b, "%s %s\n", p.Field, p.goType)
	}
	if len(m.Optional) > 0 {
		fmt.Fprintf(b, "// The optional parameters; nil for none.\nOptions *%s\n", m.OptionsType)
	}
	b.WriteString("}\n\n// Command is the call as a command of Batch.\n")
	statements, params := m.params("a")
	fmt.Fprintf(b, "func (a %s) Command() Command {\n%sreturn Command{Method: %q, Params: %s, Replay: %s}\n}\n\n",
		m.argsType(), statements, m.Method, params, m.replayClass())
	comment(b, "", fmt.Sprintf("%s calls %s any number of times, as Batch does: in as few or as many requests as are fastest. "+
		"It yields an outcome for every call, in order.", m.Bulk, m.Name))
	fmt.Fprintf(b, "//\n// REST method %s, %s: %s\n", m.Method, m.Replay, m.Function.Doc)
	fmt.Fprintf(b, "%s {\nreturn bulk[%s](ctx, c, calls, %q, opts)\n}\n", m.bulkSignature(), m.Result, m.Unwrap)
}

func (m *method) bulkSignature() string {
	return fmt.Sprintf("func (c *Client) %s(ctx context.Context, calls iter.Seq[%s], opts ...BatchOption) iter.Seq[OutcomeOf[%s]]",
		m.Bulk, m.argsType(), m.Result)
}

// allRows writes the method that reads the rows of every page.
func (m *method) allRows(b *strings.Builder) {
	b.WriteString("\n")
	comment(b, "", fmt.Sprintf("%s is %s for the rows of every page, see Rows.", m.Rows, m.Name))
	fmt.Fprintf(b, "//\n// REST method %s: %s\n", m.Method, m.Function.Doc)
	statements, params := m.params("")
	fmt.Fprintf(b, "%s {\n%sreturn Rows[%s](ctx, c, %q, %s)\n}\n", m.rowsSignature(), statements, m.rowType(), m.Method, params)
}

func (m *method) rowType() string { return strings.TrimPrefix(m.Result, "[]") }

func (m *method) rowsSignature() string {
	arguments := append([]string{"ctx context.Context"}, m.arguments()...)
	return fmt.Sprintf("func (c *Client) %s(%s) iter.Seq2[%s, error]", m.Rows, strings.Join(arguments, ", "), m.rowType())
}
