// Package killsuite kills what is at work on a plan: the program, the portal, or
// the disk, and wants every row applied exactly once all the same. It runs with
// the build tag killsuite.
package killsuite
