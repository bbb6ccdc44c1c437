// Package jobs keeps command lines and calls that run later, in the background,
// and survive the end of the process that gave them: a queue in a SQLite file of
// the user or in a PostgreSQL database that several machines share.
//
// The queue is River (https://riverqueue.com). What this package adds is kept in
// tables of its own beside River's: which worker lives, which job holds a portal,
// what became of a run, and the output of jobs. A worker that dies is noticed by
// its silence; its jobs run once more only where that is harmless.
//
// Everything about a command but its portal's keyed hash is sealed with AES-GCM,
// its output too.
package jobs
