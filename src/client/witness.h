// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Witness: what every message says about the log, compared with what was read of it here. On the
// trip between envelope/open and the timeline.
//
// A relay can leave entries out, renumber the others and compute a chain of its own over them:
// each device alone sees a log without fault. But every message counts its author's messages, and
// says how far and along which chain he had read. So what a relay withholds from one of them shows
// as soon as a later message arrives. And what it has called durable must be found where it said.

#include <optional>
#include <vector>

#include "crypto/hash.h"
#include "envelope/content.h"
#include "envelope/seen.h"
#include "identity/words.h"
#include "protocol/words.h"
#include "store/transaction.h"

namespace cercle::client {

/// Something that an honest relay's log does not show.
struct Finding {
    /// message_withheld: its author had written more than was read here before it.
    /// counter_repeated: he counts as he has counted before, so he goes on from an older state.
    /// log_forked: he had read another log than this device, or more of it than stands before it.
    Code rule = Code::message_withheld;
    /// Between this position and the message's.
    protocol::Seq after;
};

/// One message, as opened, and where it stands.
struct Testimony {
    protocol::LogId log;
    identity::DeviceId device;
    envelope::Counter counter;
    envelope::Seen seen;
    protocol::Seq position;
};

namespace witness {

/// So many positions back, what others had read can be compared. Who wrote without a relay may
/// be behind, but not for a thousand entries: he reads before he sends.
inline constexpr std::uint64_t positions_kept = 1024;

/// This device has read up to here.
Result<void> note_position(store::Transaction& transaction,
                           protocol::LogId log,
                           protocol::Seq seq,
                           protocol::ChainHash chain);

/// Takes a message down, and says what does not fit.
[[nodiscard]] Result<std::vector<Finding>> hear(store::Transaction& transaction,
                                                const Testimony& testimony);

/// A message of this device's own that the relay has called durable.
struct OwnPost {
    protocol::LogId log;
    protocol::Seq position;  // as the relay says
    crypto::Digest payload{};
    envelope::MessageId message;
};

/// The log was read up to `read`. Where the message stands, or is to stand; nothing if that was
/// read already and something else stands there.
[[nodiscard]] Result<std::optional<protocol::Seq>> note_told(store::Transaction& transaction,
                                                             const OwnPost& post,
                                                             protocol::Seq read);
/// An entry that was read is a message of our own. Which one, if the relay has said that it stands
/// elsewhere.
[[nodiscard]] Result<std::optional<envelope::MessageId>> note_own(store::Transaction& transaction,
                                                                  protocol::LogId log,
                                                                  protocol::Seq position,
                                                                  const crypto::Digest& payload);
/// Where a message of our own was read, if the relay has not called it durable yet.
[[nodiscard]] Result<std::optional<protocol::Seq>> place_read(store::Database& database,
                                                              protocol::LogId log,
                                                              const crypto::Digest& payload);
/// After an entry was read: false if the relay has said that a message of ours stands there, and
/// it does not.
[[nodiscard]] Result<bool> keeps_its_word(store::Transaction& transaction,
                                          protocol::LogId log,
                                          protocol::Seq position);

/// A device comes in before this one's eyes: it counts from 1.
Result<void> note_arrival(store::Transaction& transaction,
                          protocol::LogId log,
                          identity::DeviceId device);
/// It is out: if it comes in again, it counts anew.
Result<void> note_departure(store::Transaction& transaction,
                            protocol::LogId log,
                            identity::DeviceId device);
/// This device itself comes in (again): it knows nothing of what was before.
Result<void> begin(store::Transaction& transaction, protocol::LogId log);

}  // namespace witness

}  // namespace cercle::client
