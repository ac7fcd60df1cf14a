// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/conversation.h"

#include <utility>

#include "codec/tls.h"

namespace cercle::client {

Result<std::vector<ConversationRow>> Conversations::all() const {
    std::vector<ConversationRow> rows;
    const auto keep = [&rows](auto... column) -> Result<store::Visit> {
        rows.push_back(ConversationRow{std::move(column)...});
        return store::Visit::Continue;
    };
    TRY_VOID((database_.each<protocol::LogId,
                             ConversationKind,
                             ConversationState,
                             std::string,
                             std::optional<identity::MemberId>>(
        keep, "SELECT log, kind, state, name, peer FROM conversations ORDER BY log")));
    return rows;
}

Result<Conversation*> Conversations::load(protocol::LogId log) {
    const auto found = loaded_.find(log);
    if (found != loaded_.end()) return found->second.get();
    TRY(Conversation conversation, read(log));
    auto kept = std::make_unique<Conversation>(std::move(conversation));
    Conversation* const borrowed = kept.get();
    loaded_.emplace(log, std::move(kept));
    return borrowed;
}

Result<Conversation> Conversations::read(protocol::LogId log) const {
    TRY(auto row,
        (database_.one<ConversationKind,
                       ConversationState,
                       std::string,
                       std::optional<identity::MemberId>,
                       Secret,
                       Bytes,
                       Secret,
                       protocol::Seq,
                       protocol::ChainHash,
                       std::uint64_t,
                       std::optional<Bytes>,
                       std::optional<Secret>,
                       std::optional<protocol::EntryId>,
                       std::optional<Bytes>,
                       protocol::Seq,
                       std::optional<Bytes>>(
            "SELECT kind, state, name, peer, reader, group_public, group_secret, seq, chain,"
            " counter, staged_public, staged_secret, bundle_id, bundle, passed_over, doubt"
            " FROM conversations WHERE log = ?1",
            log)));
    if (!row) return fail(Code::unknown, "there is no such conversation");
    auto& [kind,
           state,
           name,
           peer,
           reader_secret,
           group_public,
           group_secret,
           seq,
           chain,
           counter,
           staged_public,
           staged_secret,
           bundle_id,
           bundle,
           passed_over,
           doubt] = *row;
    TRY(auto group, mls::Group::load(group_public, group_secret, self_.signature_key));
    TRY(auto reader,
        crypto::SigningKey::from_secret(crypto::SignatureAlgorithm::Ed25519,
                                        reader_secret.reveal()));
    std::optional<PendingCommit> pending;
    if (staged_public && staged_secret && bundle_id && bundle) {
        TRY(auto staged, mls::StagedCommit::load(*staged_public, *staged_secret));
        pending = PendingCommit{std::move(staged), *bundle_id, *std::move(bundle)};
    }
    Contest contest{passed_over, std::nullopt};
    if (doubt) {
        TRY(contest.doubt, codec::decode<Doubt>(*doubt));
    }
    return Conversation{{log, kind, state, std::move(name), peer},
                        std::move(group),
                        std::move(reader),
                        seq,
                        chain,
                        counter,
                        std::move(pending),
                        contest};
}

Result<Conversation*> Conversations::add(store::Transaction& transaction,
                                         Conversation conversation) {
    TRY_VOID(transaction.run(
        "INSERT INTO conversations"
        " (log, kind, state, name, peer, reader, group_public, group_secret, seq, chain)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, x'', x'', 0, ?7)",
        conversation.row.log,
        conversation.row.kind,
        conversation.row.state,
        conversation.row.name,
        conversation.row.peer,
        conversation.reader.secret(),
        conversation.chain));
    TRY_VOID(store(transaction, conversation));
    auto kept = std::make_unique<Conversation>(std::move(conversation));
    Conversation* const borrowed = kept.get();
    loaded_.insert_or_assign(borrowed->row.log, std::move(kept));
    return borrowed;
}

Result<void> Conversations::store(store::Transaction& transaction,
                                  const Conversation& conversation) {
    const mls::Saved group = conversation.group.save();
    std::optional<Bytes> doubt;
    if (conversation.contest.doubt) doubt = codec::encode(*conversation.contest.doubt);
    TRY_VOID(transaction.run(
        "UPDATE conversations SET state = ?2, group_public = ?3, group_secret = ?4, seq = ?5,"
        " chain = ?6, counter = ?7, passed_over = ?8, doubt = ?9 WHERE log = ?1",
        conversation.row.log,
        conversation.row.state,
        group.public_part,
        group.secret_part,
        conversation.seq,
        conversation.chain,
        conversation.counter,
        conversation.contest.passed_over,
        doubt));
    if (!conversation.pending) {
        return transaction.run(
            "UPDATE conversations SET staged_public = NULL, staged_secret = NULL,"
            " bundle_id = NULL, bundle = NULL WHERE log = ?1",
            conversation.row.log);
    }
    const mls::Saved staged = conversation.pending->staged.save();
    return transaction.run(
        "UPDATE conversations SET staged_public = ?2, staged_secret = ?3, bundle_id = ?4,"
        " bundle = ?5 WHERE log = ?1",
        conversation.row.log,
        staged.public_part,
        staged.secret_part,
        conversation.pending->id,
        conversation.pending->bundle);
}

Result<std::optional<ConversationRow>> Conversations::directory() const {
    TRY(auto rows, all());
    std::optional<ConversationRow> closed;
    for (ConversationRow& row : rows) {
        if (row.kind != ConversationKind::Directory) continue;
        // One that the office has left stays, closed, beside the one that is read.
        if (row.state != ConversationState::Closed) return std::optional(std::move(row));
        closed = std::move(row);
    }
    return closed;
}

Result<std::optional<ConversationRow>> Conversations::direct_with(identity::MemberId member) const {
    TRY(auto rows, all());  // by id, so the first is the smallest
    for (ConversationRow& row : rows) {
        if (row.kind == ConversationKind::Direct && row.peer == member &&
            row.state != ConversationState::Closed) {
            return std::optional(std::move(row));
        }
    }
    return std::optional<ConversationRow>();
}

Result<ConversationRow> Conversations::group(std::string_view which) const {
    TRY(auto rows, all());
    std::vector<ConversationRow> found;
    for (ConversationRow& row : rows) {
        if (row.kind != ConversationKind::Group) continue;
        if (row.log.hex() == which) return std::move(row);
        if (row.name == which) found.push_back(std::move(row));
    }
    if (found.empty()) return fail(Code::unknown, "there is no group of that name or id");
    if (found.size() > 1) {
        return fail(Code::ambiguous, "more than one group is called that; use the id");
    }
    return std::move(found.front());
}

}  // namespace cercle::client
