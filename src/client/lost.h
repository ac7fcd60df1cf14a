// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Lost: what follows here from the officer's word that a device is lost (identity/revocation.h,
// decision 46). A device that holds a revocation closes nothing to that device's leaf: in each
// conversation that contains it, it first commits the leaf's Remove, and what waits goes out after
// that. Whose replacement comes into the circle is taken in again where the lost device was.
//
// Which commit counts does not depend on any of this: a device that knows of a revocation and one
// that does not yet follow the same commits. What is known here decides only whether something is
// sent, passed over, or committed.

#include <vector>

#include "client/core.h"
#include "identity/revocation.h"

namespace cercle::client::lost {

/// Takes a revocation that the authority has signed, by itself or with a page; `letter` is what
/// came of the first kind, encoded, and is kept, empty of the second. One that is known changes
/// nothing else. One of a number that stands for another device here, which no honest officer
/// signs, is passed over: Errors: forged.
[[nodiscard]] Result<void> take(store::Transaction& transaction,
                                const identity::Revocation& revocation,
                                BytesView letter);

/// Finds the leaves of devices that were revoked since this was done last.
[[nodiscard]] Result<void> look(Core& core, store::Transaction& transaction);

/// By when a device was revoked, by the officer's clock; nothing if it was not.
[[nodiscard]] Result<std::optional<WallTime>> revoked_at(store::Database& database,
                                                         identity::DeviceId device);

/// What this device holds.
struct Holding {
    identity::RevocationNumber held;    // all up to this one
    identity::RevocationNumber newest;  // more than `held`: some between were kept from it
};

[[nodiscard]] Result<Holding> holding(store::Database& database);

/// What it means to this device that the relay does not let it in: revoked, if it was in the circle
/// once. Other errors are themselves. The relay cannot say why (docs/spec/wire.md).
[[nodiscard]] Result<Error> meaning_of(Core& core, const Error& error);

// ---- what happens in conversations

/// Whose commit took a leaf out.
enum class By : std::uint8_t { Others = 0, Us = 1 };

[[nodiscard]] Result<void> note_departure(store::Transaction& transaction,
                                          protocol::LogId log,
                                          const identity::Passport& who,
                                          By by,
                                          WallTime at);

/// Whether an arrival is that of a member who was here before, with a device that was lost.
enum class Arrival : std::uint8_t { New, Replaced };

[[nodiscard]] Result<Arrival> note_arrival(store::Transaction& transaction,
                                           protocol::LogId log,
                                           const identity::Passport& who);

/// This device itself comes into a conversation. Errors: revoked, if nobody else is in it whose
/// device is not lost.
[[nodiscard]] Result<void> begin(Core& core,
                                 store::Transaction& transaction,
                                 protocol::LogId log,
                                 const mls::Group& group);

/// The conversation is closed here.
[[nodiscard]] Result<void> end(store::Transaction& transaction, protocol::LogId log);

/// Whether a message is passed over, since its device was lost when it came: errors: revoked. It
/// counts from the first entry in the log that others' stamps put at or after the revocation, so
/// that no stamp can put one behind that before it.
[[nodiscard]] Result<void> check_author(
    Core& core, protocol::LogId log, identity::DeviceId author, protocol::Seq seq, WallTime at);

// ---- what there is to do

/// Whether a lost device's leaf stands in a conversation: then nothing is closed in it.
[[nodiscard]] Result<bool> stands_in(store::Database& database, protocol::LogId log);

/// All of those.
[[nodiscard]] Result<std::vector<protocol::LogId>> standing(store::Database& database);

/// The leaves that our next commit takes out.
[[nodiscard]] Result<std::vector<mls::LeafIndex>> leaves_to_remove(
    Core& core, const Conversation& conversation);

/// Takes in again, where their lost devices were, all members who have a new one. Who took a lost
/// one out does it at once; the others when they come back and find it not done, so that a circle
/// does not use up the newcomer's key packages.
[[nodiscard]] Result<void> readmit(Core& core, store::Transaction& transaction, By removed_by);
/// What the others do.
[[nodiscard]] Result<void> readmit_all(Core& core);

/// So many conversations a lost device is out of, and in so many it still stands.
struct Counts {
    std::uint32_t done = 0;
    std::uint32_t pending = 0;
};

[[nodiscard]] Result<Counts> counts(store::Database& database);

}  // namespace cercle::client::lost
