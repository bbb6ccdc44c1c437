// Package bind turns the texts of options into the parameters of a call, by the
// conversions of the catalog. It sends nothing to a portal; the only things it
// reads are files and addresses that an option names.
package bind
