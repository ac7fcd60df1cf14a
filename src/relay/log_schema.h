// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The tables of log_sqlite.cpp, version by version. docs/spec/relay-store.md explains them.

#include <array>

#include "store/statement.h"

namespace cercle::relay {

inline constexpr std::array<store::Sql, 6> log_schema{
    R"(
CREATE TABLE relay (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    incarnation  BLOB    NOT NULL,
    officer      BLOB,
    last_order   INTEGER NOT NULL,
    last_content BLOB    NOT NULL
) STRICT;

CREATE TABLE devices (
    key       BLOB    PRIMARY KEY,
    inbox     BLOB    NOT NULL,
    logs_made INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE logs (
    id       BLOB    PRIMARY KEY,
    kind     INTEGER NOT NULL CHECK (kind IN (1, 2)),
    head     INTEGER NOT NULL,
    chain    BLOB    NOT NULL,
    epoch    INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    deposit  BLOB,
    founding BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE verifiers (
    log       BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    epoch     INTEGER NOT NULL,
    candidate INTEGER NOT NULL,
    token     BLOB    NOT NULL,
    bundle    BLOB    NOT NULL,
    PRIMARY KEY (log, epoch, candidate)
) STRICT, WITHOUT ROWID;

CREATE TABLE readers (
    log        BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    key        BLOB    NOT NULL,
    since      INTEGER NOT NULL,
    dropped_at INTEGER,
    PRIMARY KEY (log, key)
) STRICT, WITHOUT ROWID;

-- With row ids, so that what is appended to many logs lands side by side on the disk.
CREATE TABLE entries (
    log     BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    seq     INTEGER NOT NULL,
    kind    INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
    epoch   INTEGER NOT NULL,
    stamp   INTEGER NOT NULL,
    payload BLOB    NOT NULL,
    chain   BLOB    NOT NULL,
    UNIQUE (log, seq)
) STRICT;

CREATE TABLE outcomes (
    log     BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    id      BLOB    NOT NULL,
    content BLOB    NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY (log, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE packages (
    number  INTEGER PRIMARY KEY,
    inbox   BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    content BLOB    NOT NULL,
    package BLOB    NOT NULL,
    taker   BLOB,
    UNIQUE (inbox, content)
) STRICT;
CREATE UNIQUE INDEX packages_taken ON packages (inbox, taker) WHERE taker IS NOT NULL;
CREATE INDEX packages_left ON packages (inbox, number) WHERE taker IS NULL;

CREATE TABLE exchanges (
    id        BLOB    PRIMARY KEY,
    token     BLOB    NOT NULL,
    until     INTEGER NOT NULL,
    contested INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX exchanges_until ON exchanges (until);

CREATE TABLE steps (
    exchange BLOB    NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
    step     INTEGER NOT NULL,
    payload  BLOB    NOT NULL,
    PRIMARY KEY (exchange, step)
) STRICT, WITHOUT ROWID;
)",
    R"(
-- Places for chunks: of all blobs together, and that a device has asked for on a day.
ALTER TABLE relay ADD COLUMN places INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN places INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN places_day INTEGER NOT NULL DEFAULT 0;

CREATE TABLE blobs (
    id     BLOB    PRIMARY KEY,
    put    BLOB    NOT NULL,
    get    BLOB    NOT NULL,
    chunks INTEGER NOT NULL,
    filled INTEGER NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_until ON blobs (until);

-- With row ids, as entries are.
CREATE TABLE chunks (
    blob    BLOB    NOT NULL REFERENCES blobs (id) ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    content BLOB    NOT NULL,
    chunk   BLOB    NOT NULL,
    UNIQUE (blob, number)
) STRICT;
)",
    R"(
-- What a reader has kept, and the last bundle that it follows.
ALTER TABLE readers ADD COLUMN acknowledged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE readers ADD COLUMN follows INTEGER NOT NULL DEFAULT 0;

-- A log begins after an entry that is gone: its position, the chain after it, the epoch behind it.
ALTER TABLE logs ADD COLUMN base INTEGER NOT NULL DEFAULT 0;
ALTER TABLE logs ADD COLUMN base_chain BLOB NOT NULL
    DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
ALTER TABLE logs ADD COLUMN base_epoch INTEGER NOT NULL DEFAULT 0;
-- Ids up to a position are forgotten from a moment on; 0: nothing is to be forgotten yet.
ALTER TABLE logs ADD COLUMN forgets INTEGER NOT NULL DEFAULT 0;
ALTER TABLE logs ADD COLUMN forgets_at INTEGER NOT NULL DEFAULT 0;
-- 1: its entries are records, which no reader's acknowledgement takes away.
ALTER TABLE logs ADD COLUMN recorded INTEGER NOT NULL DEFAULT 0;

-- The tree of records: how many there are, the nodes that are complete, and which entries they are.
ALTER TABLE relay ADD COLUMN records INTEGER NOT NULL DEFAULT 0;
CREATE TABLE record_nodes (
    level  INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash   BLOB    NOT NULL,
    PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE records (
    log    BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    seq    INTEGER NOT NULL,
    number INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;
)",
    R"(
-- Contests: whose bundle began an epoch, what it goes on from, and what goes on from it.
ALTER TABLE verifiers ADD COLUMN author BLOB;
ALTER TABLE verifiers ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE verifiers ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
CREATE INDEX verifiers_candidate ON verifiers (log, candidate);
-- Until now each epoch had one candidate.
UPDATE verifiers SET
    parent = coalesce((SELECT candidate FROM verifiers AS one
                       WHERE one.log = verifiers.log AND one.epoch = verifiers.epoch - 1), 0),
    ended = coalesce((SELECT candidate FROM verifiers AS one
                      WHERE one.log = verifiers.log AND one.epoch = verifiers.epoch + 1), 0);

-- Who was there when a log was made comes before whom its first bundle brings in.
UPDATE readers SET since = 0
    WHERE since = 1 AND log IN (SELECT id FROM logs WHERE kind = 1);

CREATE TABLE departures (
    log    BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    bundle INTEGER NOT NULL,
    reader BLOB    NOT NULL,
    PRIMARY KEY (log, bundle, reader)
) STRICT, WITHOUT ROWID;

CREATE TABLE followers (
    log    BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    bundle INTEGER NOT NULL,
    reader BLOB    NOT NULL,
    PRIMARY KEY (log, bundle, reader)
) STRICT, WITHOUT ROWID;
)",
    R"(
CREATE TABLE cards (
    id        BLOB    PRIMARY KEY,
    inbox     BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    secret    BLOB    NOT NULL,
    terms     BLOB    NOT NULL,
    face      BLOB    NOT NULL,
    claimant  BLOB,
    holder    BLOB,
    bound_by  BLOB,
    signature BLOB    NOT NULL,
    frozen    INTEGER NOT NULL CHECK (frozen IN (0, 1)),
    revoked   INTEGER NOT NULL CHECK (revoked IN (0, 1)),
    told      INTEGER NOT NULL CHECK (told IN (0, 1)),
    day       INTEGER NOT NULL,
    used      INTEGER NOT NULL,
    digest    BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cards_inbox ON cards (inbox, id);

-- Refused uses. Those of cards that are unknown stand under no card (zeros), and cost the same.
CREATE TABLE misuses (
    card   BLOB    NOT NULL,
    why    INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    digest BLOB    NOT NULL,
    PRIMARY KEY (card, why)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER misuses_of_card AFTER DELETE ON cards BEGIN
    DELETE FROM misuses WHERE card = OLD.id;
END;

-- Entries of a further kind: what came by a card.
CREATE TABLE entries_of_four_kinds (
    log     BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    seq     INTEGER NOT NULL,
    kind    INTEGER NOT NULL CHECK (kind IN (1, 2, 3, 4)),
    epoch   INTEGER NOT NULL,
    stamp   INTEGER NOT NULL,
    payload BLOB    NOT NULL,
    chain   BLOB    NOT NULL,
    UNIQUE (log, seq)
) STRICT;
INSERT INTO entries_of_four_kinds (rowid, log, seq, kind, epoch, stamp, payload, chain)
    SELECT rowid, log, seq, kind, epoch, stamp, payload, chain FROM entries ORDER BY rowid;
DROP TABLE entries;
ALTER TABLE entries_of_four_kinds RENAME TO entries;
)",
    R"(
-- Entries as they come, with the ids under which they came, and without a tree of their positions:
-- that and the ids' outcomes follow later, for many entries of one log at a time.
CREATE TABLE entries_as_they_come (
    number  INTEGER PRIMARY KEY,
    log     BLOB    NOT NULL,
    seq     INTEGER NOT NULL,
    kind    INTEGER NOT NULL CHECK (kind IN (1, 2, 3, 4)),
    epoch   INTEGER NOT NULL,
    stamp   INTEGER NOT NULL,
    payload BLOB    NOT NULL,
    chain   BLOB    NOT NULL,
    id      BLOB
) STRICT;
CREATE TABLE positions (
    log   BLOB    NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    seq   INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO entries_as_they_come (number, log, seq, kind, epoch, stamp, payload, chain)
    SELECT rowid, log, seq, kind, epoch, stamp, payload, chain FROM entries ORDER BY rowid;
INSERT INTO positions (log, seq, entry) SELECT log, seq, rowid FROM entries ORDER BY log, seq;
DROP TABLE entries;
ALTER TABLE entries_as_they_come RENAME TO entries;
-- Everything with a number up to there has its position and its outcome.
ALTER TABLE relay ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
UPDATE relay SET settled = (SELECT coalesce(max(number), 0) FROM entries);
)",
};

}  // namespace cercle::relay
