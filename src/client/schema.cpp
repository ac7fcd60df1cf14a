// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/schema.h"

#include <array>

namespace cercle::client {

std::span<const store::Sql> schema_steps() {
    static constexpr std::array<store::Sql, 61> steps{{
        // This device. `certificate` is empty until it has joined.
        "CREATE TABLE self ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1),"
        "  circle BLOB NOT NULL, relay TEXT NOT NULL, relay_key BLOB NOT NULL,"
        "  incarnation BLOB, member BLOB NOT NULL, device BLOB NOT NULL,"
        "  root BLOB NOT NULL, certificate BLOB NOT NULL,"
        "  signature_key BLOB NOT NULL, device_key BLOB NOT NULL,"
        "  inbox BLOB NOT NULL, inbox_secret BLOB NOT NULL, inbox_reader BLOB NOT NULL,"
        "  inbox_seq INTEGER NOT NULL DEFAULT 0, inbox_chain BLOB NOT NULL,"
        "  page INTEGER NOT NULL DEFAULT 0, circle_name TEXT NOT NULL DEFAULT '',"
        "  directory BLOB) STRICT",
        // How far joining has come, so that a crash resumes it with the same bytes.
        "CREATE TABLE enrolment ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1),"
        "  invitation TEXT NOT NULL, keys BLOB NOT NULL, newcomer BLOB NOT NULL,"
        "  step0 BLOB NOT NULL, step1 BLOB, step2 BLOB, step4 BLOB) STRICT",
        "CREATE TABLE members ("
        "  member BLOB PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL) STRICT",
        "CREATE TABLE devices ("
        "  device BLOB PRIMARY KEY, member BLOB NOT NULL, certificate BLOB NOT NULL,"
        "  inbox BLOB NOT NULL, inbox_secret BLOB NOT NULL,"
        "  added INTEGER NOT NULL, revoked INTEGER) STRICT",
        "CREATE TABLE key_packages ("
        "  ref BLOB PRIMARY KEY, public BLOB NOT NULL, secret BLOB NOT NULL,"
        "  reader BLOB NOT NULL, deposited INTEGER NOT NULL DEFAULT 0) STRICT",
        // `state`: 0 not yet at the relay, 1 open, 2 closed to us. The staged commit, if any,
        // stands beside the group it was made from.
        "CREATE TABLE conversations ("
        "  log BLOB PRIMARY KEY, kind INTEGER NOT NULL, state INTEGER NOT NULL,"
        "  name TEXT NOT NULL, peer BLOB, reader BLOB NOT NULL,"
        "  group_public BLOB NOT NULL, group_secret BLOB NOT NULL,"
        "  seq INTEGER NOT NULL, chain BLOB NOT NULL, counter INTEGER NOT NULL DEFAULT 0,"
        "  staged_public BLOB, staged_secret BLOB, bundle_id BLOB, bundle BLOB) STRICT",
        // What a person sees. `seq` is empty until the relay has called the message durable.
        "CREATE TABLE timeline ("
        "  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, log BLOB NOT NULL, kind INTEGER NOT NULL,"
        "  id BLOB NOT NULL, seq INTEGER, epoch INTEGER NOT NULL,"
        "  member BLOB NOT NULL, device BLOB NOT NULL, subject BLOB,"
        "  text TEXT NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL) STRICT",
        // What still has to be done for a conversation, in order. `payload` is set once the
        // ciphertext exists: from then on the very same bytes are sent until the relay answers.
        "CREATE TABLE outbox ("
        "  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, log BLOB NOT NULL, kind INTEGER NOT NULL,"
        "  body BLOB NOT NULL, message BLOB, held INTEGER NOT NULL DEFAULT 0,"
        "  entry BLOB, epoch INTEGER, payload BLOB) STRICT",
        // Letters for other devices' inboxes.
        "CREATE TABLE deposits ("
        "  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, inbox BLOB NOT NULL, token BLOB NOT NULL,"
        "  entry BLOB NOT NULL, payload BLOB NOT NULL) STRICT",
        // How far each device has counted its messages in a conversation, and where it did last.
        "CREATE TABLE heard ("
        "  log BLOB NOT NULL, device BLOB NOT NULL, counter INTEGER NOT NULL,"
        "  seq INTEGER NOT NULL, PRIMARY KEY (log, device)) STRICT, WITHOUT ROWID",
        // The chain's hashes at the last positions read, for comparing with what others have read.
        "CREATE TABLE positions ("
        "  log BLOB NOT NULL, seq INTEGER NOT NULL, chain BLOB NOT NULL,"
        "  PRIMARY KEY (log, seq)) STRICT, WITHOUT ROWID",
        // Messages of this device's own between being read in the log and being called durable
        // (`told`), whichever comes first, by the hashes of their payloads.
        "CREATE TABLE posted ("
        "  log BLOB NOT NULL, payload BLOB NOT NULL, seq INTEGER NOT NULL, message BLOB NOT NULL,"
        "  told INTEGER NOT NULL, PRIMARY KEY (log, payload)) STRICT, WITHOUT ROWID",
        // Of a gap: the last position before it.
        "ALTER TABLE timeline ADD COLUMN after INTEGER",
        // Files, by the messages that carry them.
        "CREATE TABLE attachments ("
        "  device BLOB NOT NULL, id BLOB NOT NULL, blob BLOB NOT NULL, key BLOB NOT NULL,"
        "  size INTEGER NOT NULL, sha256 BLOB NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,"
        "  expires INTEGER NOT NULL, PRIMARY KEY (device, id)) STRICT",
        // Files on their way to the relay. `state`: 0 still being taken in (what is found so when a
        // device starts was never finished), 1 waiting, 2 over, its chunks to be cleared away, 3
        // being copied for another
        // place at the relay (never finished, if a device starts with it).
        "CREATE TABLE uploads ("
        "  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, log BLOB NOT NULL, message BLOB NOT NULL,"
        "  blob BLOB NOT NULL, put BLOB NOT NULL, chunks INTEGER NOT NULL,"
        "  state INTEGER NOT NULL, held INTEGER NOT NULL DEFAULT 0) STRICT;"
        "CREATE UNIQUE INDEX uploads_alive ON uploads (message) WHERE state < 2",
        "CREATE TABLE upload_chunks ("
        "  upload INTEGER NOT NULL REFERENCES uploads (ordinal), number INTEGER NOT NULL,"
        "  chunk BLOB NOT NULL, PRIMARY KEY (upload, number)) STRICT",
        // How far files have come on their way to a place on this machine: so many chunks, which
        // hash to `prefix`.
        "CREATE TABLE downloads ("
        "  path BLOB PRIMARY KEY, blob BLOB NOT NULL, chunks INTEGER NOT NULL,"
        "  prefix BLOB NOT NULL) STRICT",
        // The timeline is asked by conversation, by message, and for what waits.
        "CREATE INDEX timeline_places ON timeline (log, seq)",
        "CREATE INDEX timeline_messages ON timeline (id, device)",
        "CREATE INDEX timeline_waiting ON timeline (log) WHERE seq IS NULL",
        // How far a conversation was read on this device. What was there before there were marks
        // counts as read.
        "CREATE TABLE read_marks (log BLOB PRIMARY KEY, seq INTEGER NOT NULL) STRICT",
        "INSERT INTO read_marks SELECT log, max(seq) FROM timeline"
        " WHERE seq IS NOT NULL GROUP BY log",
        // Texts begun and not sent, by the id of the conversation or of the member, in hex.
        "CREATE TABLE drafts (place TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT",
        // What stands for a message in those that answer to it (docs/spec/content.md): its own
        // reference, and that of what it answers to.
        "ALTER TABLE timeline ADD COLUMN reference BLOB",
        "ALTER TABLE timeline ADD COLUMN answers BLOB",
        "CREATE INDEX timeline_references ON timeline (reference) WHERE reference IS NOT NULL",
        // The circle's policy: MLS's code point. Circles that are older than this have the first.
        "ALTER TABLE self ADD COLUMN suite INTEGER NOT NULL DEFAULT 1",
        // Which file that is, among all that may come to stand under its name; empty before it is
        // there, and then nothing is in it.
        "ALTER TABLE downloads ADD COLUMN mark BLOB",
        // An id is its author's within one conversation: what is said elsewhere is another message.
        "CREATE TABLE files_of_messages ("
        "  log BLOB NOT NULL, device BLOB NOT NULL, id BLOB NOT NULL, blob BLOB NOT NULL,"
        "  key BLOB NOT NULL, size INTEGER NOT NULL, sha256 BLOB NOT NULL, name TEXT NOT NULL,"
        "  type TEXT NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY (id, device, log)) STRICT;"
        "INSERT INTO files_of_messages SELECT t.log, a.device, a.id, blob, key, size, sha256, name,"
        "  type, expires FROM attachments a JOIN timeline t"
        "  ON t.device = a.device AND t.id = a.id AND t.kind = 0;"
        "DROP TABLE attachments;"
        "ALTER TABLE files_of_messages RENAME TO attachments",
        // Letters of our inbox, by their places in it, to conversations that are still open here or
        // before whose time we seem to be. `place`: where in the log they take us in.
        "CREATE TABLE kept_welcomes ("
        "  seq INTEGER PRIMARY KEY, log BLOB NOT NULL, place INTEGER NOT NULL,"
        "  at INTEGER NOT NULL, digest BLOB NOT NULL UNIQUE, payload BLOB NOT NULL) STRICT",
        // Letters of before are of no known conversation.
        "ALTER TABLE deposits ADD COLUMN log BLOB",
        // As the relay gets it, until it has confirmed that; empty for one that is handed over.
        "ALTER TABLE key_packages ADD COLUMN closed BLOB",
        // Of a log: the bundle that this device follows last, and what the relay was told of that
        // and of how far the log is kept here.
        "CREATE TABLE acknowledgements ("
        "  log BLOB PRIMARY KEY, follows INTEGER NOT NULL DEFAULT 0,"
        "  told INTEGER NOT NULL DEFAULT 0, told_follows INTEGER NOT NULL DEFAULT 0) STRICT",
        // Commits of the present epoch that were read and passed over (conversation.h, Contest).
        "ALTER TABLE conversations ADD COLUMN passed_over INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE conversations ADD COLUMN doubt BLOB",
        // The last entries of logs, as the relay gave them (kept.h); `total`: of the bytes of all
        // that were. Logs that a restored relay may have forgotten parts of, until they were looked
        // at (`wanted`: 0 to be given back, 1 to be declared); when it began that life; and how
        // conversations of ours were founded.
        "CREATE TABLE kept_entries ("
        "  log BLOB NOT NULL, seq INTEGER NOT NULL, total INTEGER NOT NULL, kind INTEGER NOT NULL,"
        "  epoch INTEGER NOT NULL, stamp INTEGER NOT NULL, chain BLOB NOT NULL,"
        "  payload BLOB NOT NULL, UNIQUE (log, seq)) STRICT;"
        "CREATE TABLE restored_logs (log BLOB PRIMARY KEY, wanted INTEGER NOT NULL) STRICT;"
        "CREATE TABLE foundings (log BLOB PRIMARY KEY, request BLOB NOT NULL) STRICT;"
        "ALTER TABLE self ADD COLUMN incarnation_since INTEGER NOT NULL DEFAULT 0",
        // The officer's last word on the relay's key, as it came, and which key the invitation
        // said,
        // from when another was followed.
        "CREATE TABLE relay_words ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1), word_key BLOB, since INTEGER NOT NULL DEFAULT "
        "0,"
        "  word BLOB, invited_key BLOB) STRICT",
        // The officer's revocations, as he signed them. `looked`: their leaves have been looked
        // for.
        "CREATE TABLE revocations ("
        "  number INTEGER PRIMARY KEY, device BLOB NOT NULL, member BLOB NOT NULL,"
        "  at INTEGER NOT NULL, signed BLOB NOT NULL, looked INTEGER NOT NULL DEFAULT 0) STRICT;"
        "CREATE INDEX revocations_devices ON revocations (device)",
        // Leaves that are to be taken out, and those that were (lost.h). `at`: when they went.
        "CREATE TABLE lost_leaves ("
        "  log BLOB NOT NULL, device BLOB NOT NULL, member BLOB NOT NULL, leaf INTEGER NOT NULL,"
        "  by_us INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (log, device))"
        "  STRICT, WITHOUT ROWID",
        // What kind of letter: posting.h. What was reported last, of
        // how many reports; and at the officer's what devices have reported.
        "ALTER TABLE deposits ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE self ADD COLUMN reports INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE self ADD COLUMN reported BLOB;"
        "CREATE TABLE revocation_reports ("
        "  device BLOB PRIMARY KEY, count INTEGER NOT NULL, held INTEGER NOT NULL,"
        "  done INTEGER NOT NULL, pending INTEGER NOT NULL, at INTEGER NOT NULL) STRICT",
        // The circle's log of who is who, and the complete subtrees over it.
        "CREATE TABLE transparency_leaves ("
        "  number INTEGER PRIMARY KEY, subject BLOB NOT NULL, fact BLOB NOT NULL) STRICT;"
        "CREATE INDEX transparency_facts ON transparency_leaves (fact);"
        "CREATE TABLE transparency_nodes ("
        "  level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,"
        "  PRIMARY KEY (level, number)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE transparency_heads (size INTEGER PRIMARY KEY, root BLOB NOT NULL) STRICT",
        // What others have shown of it that goes beyond what has come here: the first of each.
        "CREATE TABLE transparency_shown ("
        "  device BLOB PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,"
        "  since INTEGER NOT NULL) STRICT",
        "CREATE TABLE alarms ("
        "  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, device BLOB NOT NULL,"
        "  at INTEGER NOT NULL, UNIQUE (rule, device)) STRICT",
        // Members' further devices, which the officer alone vouches for (resets.h).
        "CREATE TABLE resets ("
        "  device BLOB PRIMARY KEY, member BLOB NOT NULL, at INTEGER NOT NULL,"
        "  accepted INTEGER NOT NULL DEFAULT 0) STRICT",
        // Whether a key package shows an older certificate than this device has (renewal.cpp).
        "ALTER TABLE key_packages ADD COLUMN stale INTEGER NOT NULL DEFAULT 0",
        // Cards that were made here. `wish` names the making; `stage`: 0 open, 1 claimed, 2 bound,
        // 3
        // closed; `holder`: who claims it or is bound to it, who reads under `claim_key` at first.
        // `put`, `bind`, `revoke`: 1 until the relay has it; `zone`: the offset, in minutes, under
        // which the hours were put; `look`: 1 when misuse was told of, 2 when the person asks, and
        // `looked` when that was; `alarmed`: so many leaks a person was told of, and when.
        "CREATE TABLE cards ("
        "  card BLOB PRIMARY KEY, wish BLOB NOT NULL UNIQUE, label TEXT NOT NULL,"
        "  tier INTEGER NOT NULL, hours TEXT NOT NULL, budget INTEGER NOT NULL,"
        "  secret BLOB NOT NULL, card_key BLOB NOT NULL, made INTEGER NOT NULL,"
        "  face_number INTEGER NOT NULL DEFAULT 1, stage INTEGER NOT NULL DEFAULT 0,"
        "  frozen INTEGER NOT NULL DEFAULT 0, leaked INTEGER NOT NULL DEFAULT 0,"
        "  alarmed INTEGER NOT NULL DEFAULT 0, alarmed_at INTEGER NOT NULL DEFAULT 0,"
        "  claim BLOB UNIQUE, words TEXT NOT NULL DEFAULT '',"
        "  introduction TEXT NOT NULL DEFAULT '', holder BLOB, claim_key BLOB,"
        "  claimed INTEGER NOT NULL DEFAULT 0, put INTEGER NOT NULL DEFAULT 1,"
        "  bind INTEGER NOT NULL DEFAULT 0, revoke INTEGER NOT NULL DEFAULT 0,"
        "  zone INTEGER NOT NULL DEFAULT 0, look INTEGER NOT NULL DEFAULT 0,"
        "  looked INTEGER NOT NULL DEFAULT 0) STRICT;"
        "CREATE VIEW card_files AS SELECT card, label, tier, hours, budget, stage, frozen, leaked,"
        "  claim, words, introduction, holder, claimed, put, bind, revoke, made FROM cards;"
        // What is written by cards, at either end (card_talk.h). `used`: the other side has closed
        // a
        // letter to it.
        "CREATE TABLE card_talks ("
        "  card BLOB PRIMARY KEY, way INTEGER NOT NULL, author BLOB NOT NULL, other BLOB NOT NULL,"
        "  reader BLOB NOT NULL, sent INTEGER NOT NULL DEFAULT 0,"
        "  heard INTEGER NOT NULL DEFAULT 0) STRICT;"
        "CREATE TABLE card_keys ("
        "  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, card BLOB NOT NULL, hash BLOB NOT NULL "
        "UNIQUE,"
        "  secret BLOB NOT NULL, used INTEGER NOT NULL DEFAULT 0) STRICT;"
        "CREATE TABLE card_outbox ("
        "  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, card BLOB NOT NULL, entry BLOB NOT NULL,"
        "  payload BLOB NOT NULL, message BLOB) STRICT;"
        "CREATE TABLE card_degrees ("
        "  card BLOB NOT NULL, message BLOB NOT NULL, tier INTEGER NOT NULL,"
        "  PRIMARY KEY (card, message)) STRICT, WITHOUT ROWID;"
        // A home that is a guest's has this row and none in `self`. `stage`: 0 begun, 1 the claim
        // is
        // made, 2 the relay has it, 3 bound, 4 closed.
        "CREATE TABLE guest ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1), code TEXT NOT NULL, relay TEXT NOT NULL,"
        "  relay_key BLOB NOT NULL, card BLOB NOT NULL, card_key BLOB NOT NULL,"
        "  token BLOB NOT NULL, face BLOB NOT NULL, holder BLOB NOT NULL, stage INTEGER NOT NULL,"
        "  introduction TEXT NOT NULL, entry BLOB NOT NULL, claim BLOB,"
        "  words TEXT NOT NULL DEFAULT '', owner TEXT NOT NULL DEFAULT '',"
        "  seq INTEGER NOT NULL DEFAULT 0, chain BLOB NOT NULL) STRICT",
        // When nothing rings, and who does all the same (quiet.h).
        "CREATE TABLE quiet_hours ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1), hours TEXT NOT NULL) STRICT;"
        "CREATE TABLE quiet_through (member BLOB PRIMARY KEY) STRICT, WITHOUT ROWID",
        // The newest of the circle's policies, as it was signed; and when the one was set that
        // began
        // the drawer report, if there is one.
        "CREATE TABLE circle_policy ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, signed BLOB NOT NULL,"
        "  reporting_since INTEGER) STRICT",
        // Whether this device was opened since its last drawer report, and what all of them said;
        // at the officer's, openings of devices that cannot be told apart.
        "ALTER TABLE self ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;"
        "CREATE TABLE drawer_told ("
        "  day INTEGER PRIMARY KEY, opened INTEGER NOT NULL, policy INTEGER NOT NULL) STRICT;"
        "CREATE TABLE drawer_openings ("
        "  id BLOB PRIMARY KEY, day INTEGER NOT NULL, before INTEGER NOT NULL) STRICT",
        // Inbox secrets by their turns (rotation.h). Of this device: the one that is in force, the
        // one that was drawn and may not be yet, whether the relay is to be told of the former once
        // more, up to which revocation one was drawn, and those of before, with the last position
        // at which something can lie that was closed under them. Of all devices: the turn that the
        // directory has, and their own words, in the order in which they came.
        "ALTER TABLE devices ADD COLUMN inbox_turn INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE self ADD COLUMN inbox_turn INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE self ADD COLUMN inbox_next BLOB;"
        "ALTER TABLE self ADD COLUMN inbox_tell INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE self ADD COLUMN turned_for INTEGER NOT NULL DEFAULT 0;"
        "CREATE TABLE inbox_secrets_before ("
        "  turn INTEGER PRIMARY KEY, secret BLOB NOT NULL, upto INTEGER NOT NULL) STRICT;"
        "CREATE TABLE inbox_announcements ("
        "  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, device BLOB NOT NULL UNIQUE,"
        "  turn INTEGER NOT NULL, secret BLOB NOT NULL) STRICT",
        // The officer's last status (daily.h), and how long this device has been waiting for the
        // next one: `watched` from when to when, by its own clock. `late`: 1 it waits too long, 2
        // and a person was told.
        "CREATE TABLE daily ("
        "  one INTEGER PRIMARY KEY CHECK (one = 1), time INTEGER NOT NULL,"
        "  revocation INTEGER NOT NULL, page INTEGER NOT NULL, watched_from INTEGER NOT NULL,"
        "  watched_to INTEGER NOT NULL, late INTEGER NOT NULL DEFAULT 0) STRICT",
        // Sections by name, one a line; `seen`: 0 of whom this device sees no more; `page`:
        // on which he was named last. Who sees whom
        // (sight.h): the officer's rules, as far as they have come here.
        "ALTER TABLE members ADD COLUMN blind BLOB NOT NULL DEFAULT x'';"
        "ALTER TABLE members ADD COLUMN sections TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE members ADD COLUMN seen INTEGER NOT NULL DEFAULT 1;"
        "ALTER TABLE members ADD COLUMN page INTEGER NOT NULL DEFAULT 0;"
        "CREATE TABLE sights (one TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (one, other))"
        "  STRICT, WITHOUT ROWID",
        // Leaves that no directory page has said (unlisted.h). `alarmed`: the directory was read to
        // its end without them. `rosters_looked`: conversations of before were looked at.
        "CREATE TABLE unlisted_leaves ("
        "  log BLOB NOT NULL, device BLOB NOT NULL, member BLOB NOT NULL, key BLOB NOT NULL,"
        "  alarmed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (log, device, key))"
        "  STRICT, WITHOUT ROWID;"
        "ALTER TABLE self ADD COLUMN rosters_looked INTEGER NOT NULL DEFAULT 0",
        // Alarms by what they are about, and whether a person was told.
        "CREATE TABLE alarms_of_facts ("
        "  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, device BLOB NOT NULL,"
        "  member BLOB NOT NULL, fact BLOB NOT NULL, at INTEGER NOT NULL,"
        "  told INTEGER NOT NULL DEFAULT 0, UNIQUE (rule, device, fact)) STRICT;"
        "INSERT INTO alarms_of_facts (ordinal, rule, device, member, fact, at)"
        "  SELECT ordinal, rule, device, zeroblob(16), zeroblob(32), at FROM alarms;"
        "DROP TABLE alarms;"
        "ALTER TABLE alarms_of_facts RENAME TO alarms",
        // Members who bear another name than a person here has accepted (resets.h).
        "CREATE TABLE renames ("
        "  member BLOB PRIMARY KEY, name TEXT NOT NULL, before TEXT NOT NULL, at INTEGER NOT NULL,"
        "  accepted INTEGER NOT NULL DEFAULT 0) STRICT",
        // Which life of the relay a guest knows, and whether it has not looked since how far it has
        // read in that (guest_restored.h).
        "ALTER TABLE guest ADD COLUMN incarnation BLOB;"
        "ALTER TABLE guest ADD COLUMN incarnation_since INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE guest ADD COLUMN rewind INTEGER NOT NULL DEFAULT 0",
        // Where the office has gone since the circle was founded (offices.h), with what was signed.
        // `entered`: 0 while the old directory is read to its end. Pages, as they were signed, by
        // which a new officer's machine learns what it has missed, and the keys under which a
        // machine that knows none of a later turn may close its word. On that machine: what the
        // devices answer, in parts.
        "CREATE TABLE offices ("
        "  number INTEGER PRIMARY KEY, how INTEGER NOT NULL, member BLOB NOT NULL,"
        "  device BLOB NOT NULL, at INTEGER NOT NULL, signed BLOB NOT NULL,"
        "  entered INTEGER NOT NULL) STRICT;"
        "CREATE TABLE kept_pages (number INTEGER PRIMARY KEY, page BLOB NOT NULL) STRICT;"
        "CREATE TABLE office_keys (turn INTEGER PRIMARY KEY, closing_key BLOB NOT NULL) STRICT;"
        "CREATE TABLE account_parts ("
        "  device BLOB NOT NULL, place INTEGER NOT NULL, parts INTEGER NOT NULL,"
        "  whole BLOB NOT NULL, certificate BLOB NOT NULL, part BLOB NOT NULL,"
        "  PRIMARY KEY (device, place)) STRICT, WITHOUT ROWID",
        // Cards of this person's that another member answers (answered.h). `standing`: as he has
        // told it; `closing`: he was asked to close it; `device`: his, that has made it; `word`:
        // the
        // last one to him, by its place in the outbox.
        "CREATE TABLE answered_cards ("
        "  asking BLOB PRIMARY KEY, wish BLOB NOT NULL UNIQUE, member BLOB NOT NULL,"
        "  log BLOB NOT NULL, label TEXT NOT NULL, tier INTEGER NOT NULL, hours TEXT NOT NULL,"
        "  budget INTEGER NOT NULL, card BLOB, code TEXT NOT NULL DEFAULT '',"
        "  standing INTEGER NOT NULL DEFAULT 0, closing INTEGER NOT NULL DEFAULT 0,"
        "  leaked INTEGER NOT NULL DEFAULT 0, alarmed INTEGER NOT NULL DEFAULT 0,"
        "  alarmed_at INTEGER NOT NULL DEFAULT 0, word INTEGER NOT NULL DEFAULT 0,"
        "  device BLOB, made INTEGER NOT NULL) STRICT;"
        // A lost device's cards are dead at the relay.
        "CREATE VIEW answered_files AS SELECT asking, member, log, label, tier, hours, budget, "
        "card,"
        "  iif(gone, '', code) AS code, iif(gone AND standing < 5, 5, standing) AS standing,"
        "  closing, leaked, word, device, made FROM (SELECT *, EXISTS (SELECT 1 FROM revocations r"
        "  WHERE r.device = answered_cards.device) AS gone FROM answered_cards)",
        // Cards that this device answers for another member (answering.h). `stage`: 0 asked, 1
        // agreed, 2 answered by a card of its own, 3 over; the secrets are here until it is a card.
        "CREATE TABLE answering ("
        "  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, asking BLOB NOT NULL UNIQUE,"
        "  member BLOB NOT NULL, log BLOB NOT NULL, label TEXT NOT NULL, tier INTEGER NOT NULL,"
        "  hours TEXT NOT NULL, budget INTEGER NOT NULL, stage INTEGER NOT NULL DEFAULT 0,"
        "  card BLOB UNIQUE, secret BLOB, card_key BLOB, answering BLOB, answerer TEXT, owner TEXT,"
        "  salt BLOB, told INTEGER NOT NULL DEFAULT 0, told_leaked INTEGER NOT NULL DEFAULT 0,"
        "  word INTEGER NOT NULL DEFAULT 0) STRICT;"
        "CREATE VIEW answering_files AS SELECT asking, member, log, label, tier, hours, budget,"
        "  stage, card, told, told_leaked, word, ordinal FROM answering",
        // Of an answered card: under whose key, the hash of the names, and the owner's name.
        "ALTER TABLE guest ADD COLUMN answering BLOB;"
        "ALTER TABLE guest ADD COLUMN names BLOB;"
        "ALTER TABLE guest ADD COLUMN answered_for TEXT NOT NULL DEFAULT ''",
        // Members' pictures, as files that nothing here decodes (pictures.h).
        "CREATE TABLE pictures ("
        "  member BLOB PRIMARY KEY, digest BLOB NOT NULL, picture BLOB NOT NULL) STRICT",
        // On which page a device was named last: later ones may name its member without it.
        "ALTER TABLE devices ADD COLUMN page INTEGER NOT NULL DEFAULT 0",
    }};
    return steps;
}

}  // namespace cercle::client
