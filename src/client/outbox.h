// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Outbox: what a device still has to do for its conversations, in order. The first station of
// the trip after a person has pressed "send".
//
// An item waits as an intent until it can be closed; from the moment its ciphertext exists
// (`payload`), in one transaction with the ratchet that made it, the very same bytes are sent
// under the same entry id until the relay gives a definite answer. Only `stale` makes it an
// intent again.

#include <optional>
#include <tuple>
#include <vector>

#include "envelope/content.h"
#include "identity/words.h"
#include "protocol/words.h"
#include "store/transaction.h"

namespace cercle::client {

enum class OutboxKind : std::uint8_t { Content = 0, Change = 1 };

struct OutboxItem {
    std::int64_t ordinal = 0;
    OutboxKind kind = OutboxKind::Content;
    Bytes body;  // an encoded Content or Change
    std::optional<envelope::MessageId> message;
    std::int64_t held = 0;
    std::optional<protocol::EntryId> entry;
    std::optional<protocol::Epoch> epoch;
    std::optional<Bytes> payload;
};

/// What a commit of ours should bring about. Planned against the group as it then is: members
/// already there are not added again, and whoever is gone is not removed again.
struct Change {
    std::uint8_t version = 1;
    std::vector<identity::MemberId> add;
    std::vector<identity::MemberId> remove;
    /// Key packages that were handed over (an enrolment's); others are taken from the relay.
    std::vector<Bytes> packages;
    /// Names the taking of key packages, so that a retry takes the same.
    protocol::EntryId take;

    auto fields(this auto& self) {
        return std::tie(self.version, self.add, self.remove, self.packages, self.take);
    }
};

class Outbox {
  public:
    explicit Outbox(store::Database& database)
        : database_(database) {}

    /// Up to `limit` items of a conversation that are not held, oldest first, behind that one.
    [[nodiscard]] Result<std::vector<OutboxItem>> next(protocol::LogId log,
                                                       std::int64_t limit,
                                                       std::int64_t behind = 0) const;
    /// The oldest change that puts this member out.
    [[nodiscard]] Result<std::optional<OutboxItem>> removal(
        protocol::LogId log, std::optional<identity::MemberId> member) const;
    /// Conversations with something to do, held items aside.
    [[nodiscard]] Result<std::vector<protocol::LogId>> busy() const;
    [[nodiscard]] Result<bool> has(std::int64_t ordinal) const;
    /// The oldest change of a conversation that is not done yet.
    [[nodiscard]] Result<std::optional<std::int64_t>> first_change(protocol::LogId log) const;

    [[nodiscard]] static Result<std::int64_t> add(store::Transaction& transaction,
                                                  protocol::LogId log,
                                                  OutboxKind kind,
                                                  BytesView body,
                                                  std::optional<envelope::MessageId> message);
    [[nodiscard]] static Result<void> set_closed(store::Transaction& transaction,
                                                 std::int64_t ordinal,
                                                 protocol::EntryId entry,
                                                 protocol::Epoch epoch,
                                                 BytesView payload);
    /// It waits for its author's word.
    [[nodiscard]] static Result<void> hold(store::Transaction& transaction, std::int64_t ordinal);
    /// The relay said `stale`: an intent again.
    [[nodiscard]] static Result<void> reopen(store::Transaction& transaction, protocol::LogId log);
    [[nodiscard]] static Result<void> remove(store::Transaction& transaction, std::int64_t ordinal);
    /// The conversation is closed: what waits in it, files too, goes nowhere any more, and is shown
    /// as failed.
    [[nodiscard]] static Result<void> abandon(store::Transaction& transaction, protocol::LogId log);

  private:
    store::Database& database_;
};

}  // namespace cercle::client
