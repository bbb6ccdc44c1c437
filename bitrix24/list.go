package bitrix24

// Paging is how a list method hands out its rows.
type Paging uint8

// The ways of paging (https://apidocs.bitrix24.com, "Features of list methods").
const (
	Single     Paging = iota // every row in one answer
	Keyset                   // ordered by id and filtered by >id, without counting
	Start                    // start and next, with the total beside the result
	Offset                   // limit and offset
	Page                     // page, from 1
	LastID                   // the last id of a page is a parameter of the next
	Pagination               // REST 3.0: pagination with limit and offset
	Cursor                   // REST 3.0: pagination with the cursor of the page before
)

// List describes a list method: how it pages, where the rows are and how they
// are filtered and ordered.
type List struct {
	Method   string
	Paging   Paging
	Rows     string // key of the rows in the result; empty when the result is the list
	Map      bool   // the rows are the values of an object
	ID       string // key of the id in a row; empty when rows have none
	FilterID string // key of the id in filter, order and select; empty when it is the same
	Filter   string // parameter of the filter; empty when its keys stand among the parameters
	Order    string // parameter of the order: an object, or with Sort a text
	Sort     string // parameter of the field to order by, where it is a text beside Order
	Select   string // parameter of the fields to return; empty when there is none
	Limit    string // Offset, Page, LastID: parameter of the number of rows, if there is one; a dot leads into a structure
	Next     string // Offset, Page, LastID, Cursor: parameter that says where to go on; a dot leads into a structure
	NextFrom string // Cursor: key of the next cursor in the result
	Size     int    // rows of a page

	// Positional are the parameters of a method that reads them by their places;
	// those that are not given are sent empty.
	Positional []string
}
