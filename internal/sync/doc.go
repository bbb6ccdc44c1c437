// Package sync brings tables into a portal and back: a plan says what would
// change, applying it changes it exactly once whatever happens on the way, and
// an export is a table that can be planned again without a difference.
//
// An entity is a description (entity.go); nothing else here knows users from
// departments, except where one refers to the other.
package sync
