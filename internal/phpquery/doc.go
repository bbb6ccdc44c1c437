// Package phpquery holds PHP's arrays and reads and writes them as queries,
// forms and JSON, by the rules of PHP itself: brackets in names, integer keys,
// empty maps that are lists.
package phpquery
