// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/transparency.h"

#include <algorithm>
#include <utility>

namespace cercle::client::transparency {
namespace {

using identity::TransparencyGrowth;
using identity::TransparencyHead;
using identity::TransparencyLeaf;

merkle::Lookup nodes_of(store::Transaction& transaction) {
    return [&transaction](merkle::Node node) -> Result<merkle::Hash> {
        TRY(const auto row,
            transaction.one<merkle::Hash>(
                "SELECT hash FROM transparency_nodes WHERE level = ?1 AND number = ?2",
                node.level,
                node.number));
        if (!row) return fail(Code::store_corrupt, "a node of the transparency log is missing");
        return std::get<0>(*row);
    };
}

Result<merkle::TreeSize> size_of(store::Transaction& transaction) {
    TRY(const auto row,
        transaction.one<merkle::TreeSize>(
            "SELECT coalesce(max(number) + 1, 0) FROM transparency_leaves"));
    return row ? std::get<0>(*row) : merkle::TreeSize{};
}

/// Of the first `size` leaves that are here, which stay what they are. Computed once: each message
/// that is read asks for it.
Result<merkle::Hash> root_of(store::Transaction& transaction, merkle::TreeSize size) {
    TRY(const auto known,
        transaction.one<merkle::Hash>("SELECT root FROM transparency_heads WHERE size = ?1", size));
    if (known) return std::get<0>(*known);
    TRY(const merkle::Hash root, merkle::root_of(size, nodes_of(transaction)));
    TRY_VOID(
        transaction.run("INSERT INTO transparency_heads (size, root) VALUES (?1, ?2)", size, root));
    return root;
}

/// Whether the tree here begins with that of `head`. Requires that it is no larger.
Result<bool> is_ours(store::Transaction& transaction, const TransparencyHead& head) {
    TRY(const merkle::Hash root, root_of(transaction, head.size));
    return root == head.root;
}

Result<std::optional<TransparencyLeaf>> leaf_at(store::Transaction& transaction,
                                                merkle::LeafNumber number) {
    TRY(const auto row,
        (transaction.one<crypto::Digest, crypto::Digest>(
            "SELECT subject, fact FROM transparency_leaves WHERE number = ?1", number)));
    if (!row) return std::optional<TransparencyLeaf>();
    return std::optional(TransparencyLeaf{std::get<0>(*row), std::get<1>(*row)});
}

Result<Taking> grow(store::Transaction& transaction,
                    const identity::DirectoryPage& page,
                    const TransparencyGrowth& growth) {
    TRY(const merkle::TreeSize known, size_of(transaction));
    if (growth.first.value > known.value) return Taking::OutOfReach;
    for (std::size_t i = 0; i < growth.leaves.size(); ++i) {
        const merkle::LeafNumber number{growth.first.value + i};
        if (number.value >= known.value) {
            TRY_VOID(append(transaction, growth.leaves[i]));
            continue;
        }
        TRY(const auto before, leaf_at(transaction, number));
        if (before != growth.leaves[i]) return Taking::Forked;
    }
    TRY(const merkle::TreeSize now, size_of(transaction));
    // A page of before, whose leaves were all here.
    if (growth.head.size > now) return Taking::OutOfReach;
    TRY(const bool same, is_ours(transaction, growth.head));
    if (!same) return Taking::Forked;
    for (const TransparencyLeaf& leaf : identity::leaves_of(page)) {
        TRY(const bool said, says(transaction, leaf));
        if (!said) return Taking::Forked;
    }
    return Taking::Grown;
}

}  // namespace

Result<TransparencyHead> head(store::Transaction& transaction) {
    TRY(const merkle::TreeSize size, size_of(transaction));
    TRY(const merkle::Hash root, root_of(transaction, size));
    return TransparencyHead{size, root};
}

Result<void> append(store::Transaction& transaction, const TransparencyLeaf& leaf) {
    TRY(const merkle::TreeSize size, size_of(transaction));
    TRY(const auto complete, merkle::grow(size, identity::hash_of(leaf), nodes_of(transaction)));
    for (const auto& [node, hash] : complete) {
        TRY_VOID(transaction.run(
            "INSERT INTO transparency_nodes (level, number, hash) VALUES (?1, ?2, ?3)",
            node.level,
            node.number,
            hash));
    }
    return transaction.run(
        "INSERT INTO transparency_leaves (number, subject, fact) VALUES (?1, ?2, ?3)",
        size.value,
        leaf.subject,
        leaf.fact);
}

Result<bool> says(store::Transaction& transaction, const TransparencyLeaf& leaf) {
    TRY(const auto row,
        transaction.one<std::int64_t>(
            "SELECT 1 FROM transparency_leaves WHERE fact = ?1 AND subject = ?2 LIMIT 1",
            leaf.fact,
            leaf.subject));
    return row.has_value();
}

Result<merkle::LeafNumber> place_of(store::Transaction& transaction, const TransparencyLeaf& leaf) {
    TRY(const auto row,
        transaction.one<merkle::LeafNumber>(
            "SELECT number FROM transparency_leaves WHERE fact = ?1 AND subject = ?2"
            " ORDER BY number DESC LIMIT 1",
            leaf.fact,
            leaf.subject));
    if (!row) return fail(Code::store_corrupt, "the directory says what the log does not");
    return std::get<0>(*row);
}

Result<TransparencyGrowth> growth_from(store::Transaction& transaction, merkle::LeafNumber first) {
    TransparencyGrowth growth;
    growth.first = first;
    TRY(growth.head, head(transaction));
    TRY(const auto rows,
        (transaction.all<crypto::Digest, crypto::Digest>(
            "SELECT subject, fact FROM transparency_leaves WHERE number >= ?1 ORDER BY number",
            first)));
    for (const auto& [subject, fact] : rows)
        growth.leaves.push_back({subject, fact});
    return growth;
}

Result<Taking> take(store::Transaction& transaction,
                    const identity::DirectoryPage& page,
                    const TransparencyGrowth& growth) {
    TRY(auto savepoint, transaction.savepoint());
    TRY(const Taking taking, grow(transaction, page, growth));
    if (taking == Taking::Grown) TRY_VOID(std::move(savepoint).keep());
    return taking;
}

Result<std::vector<crypto::Digest>> hidden_of(identity::MemberId member,
                                              const identity::DirectoryPage& page,
                                              const TransparencyGrowth& growth,
                                              std::uint64_t known) {
    std::vector<crypto::Digest> hidden;
    const auto subject = identity::subject_of(member);
    const auto said = identity::leaves_of(page);
    for (std::size_t i = 0; i < growth.leaves.size(); ++i) {
        if (growth.first.value + i < known) continue;
        const TransparencyLeaf& leaf = growth.leaves[i];
        if (leaf.subject == subject && !std::ranges::contains(said, leaf)) {
            hidden.push_back(leaf.fact);
        }
    }
    return hidden;
}

Result<bool> hear(store::Transaction& transaction,
                  identity::DeviceId device,
                  const TransparencyHead& shown,
                  WallTime now) {
    TRY(const merkle::TreeSize size, size_of(transaction));
    if (shown.size <= size) return is_ours(transaction, shown);
    // The first of a device is kept, since it says how long something has been missing here.
    TRY_VOID(transaction.run(
        "INSERT INTO transparency_shown (device, size, root, since) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO NOTHING",
        device,
        shown.size,
        shown.root,
        now));
    return true;
}

Result<std::vector<Compared>> compare_kept(store::Transaction& transaction) {
    TRY(const merkle::TreeSize size, size_of(transaction));
    TRY(const auto rows,
        (transaction.all<identity::DeviceId, merkle::TreeSize, merkle::Hash>(
            "SELECT device, size, root FROM transparency_shown WHERE size <= ?1", size)));
    std::vector<Compared> compared;
    for (const auto& [device, its_size, root] : rows) {
        TRY(const bool same, is_ours(transaction, {its_size, root}));
        compared.push_back({device, root, same});
    }
    TRY_VOID(transaction.run("DELETE FROM transparency_shown WHERE size <= ?1", size));
    return compared;
}

Result<std::optional<WallTime>> behind_since(store::Database& database) {
    TRY(const auto row,
        database.one<std::optional<WallTime>>("SELECT min(since) FROM transparency_shown"));
    return row ? std::get<0>(*row) : std::nullopt;
}

}  // namespace cercle::client::transparency
