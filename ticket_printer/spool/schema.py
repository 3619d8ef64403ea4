"""The tables of the spool, and how an older spool becomes one of today."""

import sqlite3
from uuid import uuid4

_VERSION = 2
_FIRST = """
CREATE TABLE jobs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL UNIQUE,
  printer TEXT NOT NULL,
  slip TEXT NOT NULL,
  state TEXT NOT NULL,
  detail TEXT NOT NULL,
  detail_en TEXT NOT NULL,
  sendings INTEGER NOT NULL DEFAULT 0,
  reprint_of TEXT,
  accepted_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
);
CREATE INDEX jobs_open ON jobs (printer, state, seq);
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  job_id TEXT NOT NULL,
  state TEXT NOT NULL,
  detail_en TEXT NOT NULL
);
CREATE TABLE capabilities (
  printer TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  caps TEXT NOT NULL,
  found_at TEXT NOT NULL
);
CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
# ``wanted`` is the printer that a job was for before it went to another one.
_SECOND = """
ALTER TABLE jobs ADD COLUMN wanted TEXT NOT NULL DEFAULT '';
UPDATE jobs SET wanted = printer;
UPDATE notes SET value = '1' WHERE name LIKE 'out:%';
CREATE TABLE rolls (
  printer TEXT PRIMARY KEY,
  used_mm REAL NOT NULL DEFAULT 0,
  ran_out INTEGER NOT NULL DEFAULT 0,
  loaded_at TEXT NOT NULL DEFAULT ''
);
CREATE TABLE reprints (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  report TEXT NOT NULL
);
"""
# What makes names out of job ids that no other spool makes.
IDENTITY = "identity"


def prepare(db: sqlite3.Connection) -> None:
    """Makes the tables or brings them up to date. Raises sqlite3.Error."""
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > _VERSION:
        raise sqlite3.DatabaseError(f"made by a newer version of this program ({version})")
    steps = [_FIRST, _SECOND][version:]
    if not steps:
        return
    db.executescript(
        f"BEGIN IMMEDIATE; {' '.join(steps)}"  # noqa: S608 - constants and a UUID
        f"INSERT OR IGNORE INTO notes VALUES ('{IDENTITY}', '{uuid4()}');"
        f"PRAGMA user_version = {_VERSION}; COMMIT;"
    )
