-- Version 1. Times are seconds since 1970. Numbers of rows are never given twice where a stale one
-- must not reach another's data (AUTOINCREMENT).

-- One row: the latest revision given to any domain.
CREATE TABLE sequence (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO sequence VALUES (1, 0);

CREATE TABLE domains (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    plan TEXT NOT NULL,
    emergency_exempt INTEGER NOT NULL,
    description TEXT NOT NULL,
    created INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;

CREATE TABLE subscriptions (
    domain INTEGER NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (domain, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE lists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain INTEGER NOT NULL REFERENCES domains (id),
    name TEXT NOT NULL,
    allows INTEGER NOT NULL,
    response INTEGER,
    description TEXT NOT NULL,
    created INTEGER NOT NULL,
    -- How many rows of `entries` the list has, kept by the writer.
    entries INTEGER NOT NULL,
    -- The place in the order of arrival that its next entry gets.
    next_seq INTEGER NOT NULL,
    UNIQUE (domain, name)
) STRICT;

-- Lists that were removed while rows of theirs remain in `entries`.
CREATE TABLE removed_lists (id INTEGER PRIMARY KEY) STRICT;

-- No foreign key on `list`: a removed list is gone before its entries are.
CREATE TABLE entries (
    list INTEGER NOT NULL,
    key TEXT NOT NULL,
    number TEXT NOT NULL,
    -- NULL where it follows from list, created and seq: see ids.rs.
    id BLOB,
    created INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    expires INTEGER,
    reason TEXT,
    source TEXT,
    PRIMARY KEY (list, key)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX entries_by_id ON entries (list, id) WHERE id IS NOT NULL;
CREATE UNIQUE INDEX entries_by_place ON entries (list, created, seq);
CREATE INDEX entries_by_number ON entries (list, number);
CREATE INDEX entries_by_expiry ON entries (expires) WHERE expires IS NOT NULL;

-- The order of a list's entries by (created, seq), cut into chunks: see chunks.rs.
CREATE TABLE chunks (
    list INTEGER NOT NULL REFERENCES lists (id),
    first_created INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (list, first_created, first_seq)
) STRICT, WITHOUT ROWID;

-- A list is named, not referred to: the credential outlives a list that goes with its last entry.
-- A domain is referred to: the credential must not reach another domain of the same name, and one
-- without a domain reaches all, so that it goes with its domain.
CREATE TABLE credentials (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    secret BLOB NOT NULL,
    salt BLOB NOT NULL,
    domain INTEGER REFERENCES domains (id) ON DELETE CASCADE,
    list TEXT,
    role TEXT NOT NULL,
    label TEXT NOT NULL,
    created INTEGER NOT NULL,
    revoked INTEGER
) STRICT;
CREATE INDEX credentials_by_domain ON credentials (domain);

-- Names, not references: the log outlives what it tells of. `domain_id` is the domain that had the
-- name then, for whoever may only see what is its own.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    domain TEXT,
    list TEXT,
    subject TEXT,
    detail TEXT,
    domain_id INTEGER
) STRICT;
CREATE INDEX audit_by_domain ON audit (domain);
CREATE INDEX audit_by_time ON audit (at);
