// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Restored: a relay that was put back to an earlier state, and has said so under its key, is given
// back what this device has kept of its logs (decision 44). Under the incarnation that was known
// before, a log that ends too early stays what it is: a relay that hides what it has shown.

#include "client/beside.h"
#include "client/core.h"
#include "client/session.h"

namespace cercle::client::restored {

/// At a session's start: takes a new incarnation that the relay's key has signed, and marks all
/// logs that it may have forgotten parts of. One that is not signed is left alone, and nothing is
/// marked. Errors: those of the connection and of our disk.
[[nodiscard]] net::Task<void> look_at_incarnation(Core& core, Session& session);

/// What the relay says of its life, if its key has signed it: that it is the one it greeted with,
/// and began after `last`. Errors: forged, stale.
[[nodiscard]] Result<protocol::IncarnationStatement> check(const identity::RelayFingerprint& key,
                                                           const protocol::SignedIncarnation& said,
                                                           protocol::Incarnation greeted,
                                                           protocol::Stamp last);

/// Whether a log was not looked at since.
[[nodiscard]] Result<bool> is_marked(Core& core, protocol::LogId log);
/// The relay has asked for it.
Result<void> mark(Core& core, protocol::LogId log);

/// A conversation that this device has come into since: while logs may wait for their readers, it
/// declares itself there, too.
[[nodiscard]] Result<void> mark_new(Core& core, protocol::LogId log);

/// How far a log was read.
struct Place {
    protocol::Seq seq;
    protocol::ChainHash chain;
};

/// From where a log is read on whose letters stand for themselves, so that what the relay has
/// forgotten of it is not given back. It was read up to `read` in the relay's former life, which
/// ended at `since`: right there, if the log has that in it; else where that life ends in it now.
/// The log was opened by this session. Errors: those of the relay; malformed (entries that do not
/// follow each other).
[[nodiscard]] net::Task<Place> place_to_read_from(net::Loop& loop,
                                                  Session& session,
                                                  protocol::LogId log,
                                                  protocol::Opened opened,
                                                  Place read,
                                                  protocol::Stamp since);

/// The inbox, as it was opened, is read on from that place.
[[nodiscard]] net::Task<void> rewind_inbox(Core& core, Session& session, protocol::Opened opened);

/// A log that the relay does not know any more: made anew, if this device has made it. Errors:
/// refused, if it has not.
[[nodiscard]] net::Task<void> found_again(Core& core, Session& session, protocol::LogId log);

/// What this device has of a log behind the relay's end of it goes back, once in each of the
/// relay's lives; and then the relay is told that there is no more. Errors: log_cut_short, when
/// what is kept does not reach back to what the relay has; those of the relay.
[[nodiscard]] net::Task<void> give_back(Core& core, Session& session, protocol::LogId log);

/// How a conversation was founded, for found_again().
Result<void> note_founding(store::Transaction& transaction, const protocol::CreateLog& founding);

}  // namespace cercle::client::restored
