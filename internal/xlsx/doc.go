// Package xlsx reads and writes workbooks (Office Open XML, ISO/IEC 29500) row by
// row, in memory that does not grow with the number of rows. It reads what a cell
// says: formulas by their results, numbers without float noise, dates in ISO 8601.
// It writes one sheet.
package xlsx
