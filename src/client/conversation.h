// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Conversations: each an MLS group and the log where its entries lie, with how far this device
// has read. Groups in use are kept in memory; whatever changes one stores it in the same
// transaction, and if that fails the memory is thrown away and read anew.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "client/people.h"
#include "client/policy.h"
#include "client/self.h"
#include "envelope/seen.h"
#include "mls/group.h"
#include "protocol/bundle.h"

namespace cercle::client {

enum class ConversationState : std::uint8_t { New = 0, Open = 1, Closed = 2 };

/// What a person may know of a conversation.
struct ConversationRow {
    protocol::LogId log;
    ConversationKind kind = ConversationKind::Group;
    ConversationState state = ConversationState::New;
    std::string name;
    std::optional<identity::MemberId> peer;  // of a direct one
};

/// A commit of ours that is made and not yet won.
struct PendingCommit {
    mls::StagedCommit staged;
    protocol::EntryId id;
    Bytes bundle;  // an encoded SignedBundle, sent as it is until it is answered
};

/// After a gap, until the next entry: the chain that the log stands in is not known. Only before a
/// log's first entry is it this otherwise.
inline constexpr protocol::ChainHash unknown_chain{};

/// A commit that this device alone may be unable to follow: its author has closed the path's
/// secrets to each member by itself (RFC 9420 section 7.6), and what was meant for us opens to
/// nothing. Or one that nobody is known of: it lies in a gap, and the relay says that it is there.
struct Doubt {
    protocol::ReaderKey author;    // zeros: of a gap
    protocol::Verifier next;       // of the epoch that it begins for whoever can follow it
    std::uint8_t left_behind = 0;  // 1: somebody else has gone on with it

    [[nodiscard]] bool is_of_a_gap() const { return author == protocol::ReaderKey{}; }

    auto fields(this auto& self) { return std::tie(self.author, self.next, self.left_behind); }
};

/// What was read of commits that would end the group's epoch, and did not here.
struct Contest {
    protocol::Seq passed_over;   // the last of them; 0: none
    std::optional<Doubt> doubt;  // of the first that was one
};

struct Conversation {
    ConversationRow row;
    mls::Group group;
    crypto::SigningKey reader;
    protocol::Seq seq;  // of the last entry read
    protocol::ChainHash chain;
    std::uint64_t counter = 0;  // of the last message closed
    std::optional<PendingCommit> pending;
    Contest contest{};

    /// What this device tells the others that it has read; nothing of a chain that it does not
    /// know.
    [[nodiscard]] envelope::Seen seen() const {
        if (chain == unknown_chain) return {1, {}, {}};
        return {1, seq, chain};
    }
};

class Conversations {
  public:
    Conversations(store::Database& database, const Self& self)
        : database_(database),
          self_(self) {}

    [[nodiscard]] Result<std::vector<ConversationRow>> all() const;

    /// Lives until the next forget() of it. Errors: unknown, store_corrupt.
    [[nodiscard]] Result<Conversation*> load(protocol::LogId log);

    /// After a transaction that changed it was not committed.
    void forget(protocol::LogId log) { loaded_.erase(log); }

    /// Adds a new one and keeps it in memory; forget() it if the commit fails.
    [[nodiscard]] Result<Conversation*> add(store::Transaction& transaction,
                                            Conversation conversation);
    [[nodiscard]] static Result<void> store(store::Transaction& transaction,
                                            const Conversation& conversation);

    /// The directory's conversation that the officer has this device in, once it is; while it moves
    /// to another one, that from which it comes. At the officer's: one of them.
    [[nodiscard]] Result<std::optional<ConversationRow>> directory() const;
    /// With a member: if two were begun at once, everybody takes the one with the smaller id.
    [[nodiscard]] Result<std::optional<ConversationRow>> direct_with(
        identity::MemberId member) const;
    /// A group by id or by exact and unique name. Errors: unknown, ambiguous.
    [[nodiscard]] Result<ConversationRow> group(std::string_view which) const;

  private:
    [[nodiscard]] Result<Conversation> read(protocol::LogId log) const;

    store::Database& database_;
    const Self& self_;
    std::map<protocol::LogId, std::unique_ptr<Conversation>> loaded_;
};

}  // namespace cercle::client
