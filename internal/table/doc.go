// Package table reads and writes tables row by row: CSV, XLSX and JSON Lines.
// Delimiter and encoding of a CSV file are found out. Whatever cannot be read is
// an *Error with file, row and column.
package table
