package cli

import (
	"errors"
	"fmt"
	"hash/maphash"
	"os"
	"time"

	"github.com/oint-go/oint/internal/table"
)

// checkedRows remembers the rows that were checked, in eight bytes each. The
// table is read again to be sent, and somebody may have saved it meanwhile: a row
// that nobody has checked is not sent.
type checkedRows struct {
	seed maphash.Seed
	sums []uint64
	next int // row that is to be sent
	size int64
	when time.Time
}

// begin notes the file before its rows are read.
func (c *checkedRows) begin(in *eachInput) {
	*c = checkedRows{seed: maphash.MakeSeed()}
	c.size, c.when = in.stamp()
}

// stamp is size and time of the file; nothing of what is kept, which does not
// change.
func (in *eachInput) stamp() (int64, time.Time) {
	if in.kept != nil {
		return 0, time.Time{}
	}
	info, err := os.Stat(in.name)
	if err != nil {
		return 0, time.Time{} // opening it tells
	}
	return info.Size(), info.ModTime()
}

// again begins the second reading.
func (c *checkedRows) again(in *eachInput) error {
	c.next = 0
	if size, when := in.stamp(); size != c.size || !when.Equal(c.when) {
		return &usageError{text: in.title() + " has changed since it was checked", hint: "Run it again once the table stays as it is. Nothing was sent."}
	}
	return nil
}

// sum is a number that another row hardly has.
func (c *checkedRows) sum(row *table.Row) uint64 {
	sum := uint64(row.Number)
	for name, cell := range row.All() {
		var h maphash.Hash
		h.SetSeed(c.seed)
		for _, text := range []string{name, cell.Text, string(cell.JSON)} {
			_, _ = h.WriteString(text) // a hash takes everything
			_ = h.WriteByte(0)
		}
		sum += h.Sum64() // the columns come in any order
	}
	return sum
}

func (c *checkedRows) keep(row *table.Row) { c.sums = append(c.sums, c.sum(row)) }

var errOtherRow = errors.New("this row is another one")

// same tells whether a row that is about to be sent is the one that was checked.
func (c *checkedRows) same(row *table.Row) error {
	if c.next >= len(c.sums) || c.sums[c.next] != c.sum(row) {
		return errOtherRow
	}
	c.next++
	return nil
}

// all tells whether no row is missing.
func (c *checkedRows) all() error {
	if c.next < len(c.sums) {
		return fmt.Errorf("the table has changed since it was checked: %s of %d are there", rowsOf(c.next), len(c.sums))
	}
	return nil
}
