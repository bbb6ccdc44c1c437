-- One table a statement; both SQLite and PostgreSQL understand all of it.
CREATE TABLE oint_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
-- A worker lives as long as its beat goes on.
CREATE TABLE oint_worker (id TEXT PRIMARY KEY, beat BIGINT NOT NULL);
-- The job that a portal is busy with.
CREATE TABLE oint_lease (portal TEXT PRIMARY KEY, job_id BIGINT NOT NULL, worker TEXT NOT NULL);
-- The last run of a job; ended is 1 once its outcome is known.
CREATE TABLE oint_run (job_id BIGINT PRIMARY KEY, worker TEXT NOT NULL, ended INTEGER NOT NULL, exit_code INTEGER NOT NULL, problem TEXT NOT NULL);
-- What jobs print, in sealed pieces.
CREATE TABLE oint_log (job_id BIGINT NOT NULL, piece BIGINT NOT NULL, stream INTEGER NOT NULL, sealed TEXT NOT NULL, PRIMARY KEY (job_id, piece));
