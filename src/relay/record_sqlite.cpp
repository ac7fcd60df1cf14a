// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/record_sqlite.h"

#include "base/check.h"

namespace cercle::relay {

using merkle::Hash;
using merkle::LeafNumber;
using merkle::Node;
using merkle::StoredNode;
using merkle::TreeSize;

Result<TreeSize> SqliteRecords::size() {
    TRY(const auto row, database_.one<TreeSize>("SELECT records FROM relay"));
    if (!row) return fail(Code::store_corrupt, "the store does not say how many records it has");
    return std::get<0>(*row);
}

Result<Hash> SqliteRecords::node(Node node) {
    TRY(const auto row,
        database_.one<Hash>("SELECT hash FROM record_nodes WHERE level = ?1 AND number = ?2",
                            node.level,
                            node.number));
    if (!row) return fail(Code::store_corrupt, "a node of the tree of records is missing");
    return std::get<0>(*row);
}

Result<void> SqliteRecords::add(const protocol::LogId& log,
                                protocol::Seq seq,
                                const std::vector<StoredNode>& nodes) {
    CHECK(transaction_ != nullptr, "a store that is only looked at is written");
    for (const auto& [node, hash] : nodes) {
        TRY_VOID(
            transaction_->run("INSERT INTO record_nodes (level, number, hash) VALUES (?1, ?2, ?3)",
                              node.level,
                              node.number,
                              hash));
    }
    TRY_VOID(transaction_->run(
        "INSERT INTO records (log, seq, number) SELECT ?1, ?2, records FROM relay", log, seq));
    return transaction_->run("UPDATE relay SET records = records + 1");
}

Result<std::optional<LeafNumber>> SqliteRecords::find(const protocol::LogId& log,
                                                      protocol::Seq seq) {
    TRY(const auto row,
        database_.one<LeafNumber>(
            "SELECT number FROM records WHERE log = ?1 AND seq = ?2", log, seq));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

Result<void> SqliteRecords::each_node(const std::function<Result<void>(const StoredNode&)>& visit) {
    const auto pass_on =
        [&visit](std::uint8_t level, std::uint64_t number, Hash hash) -> Result<store::Visit> {
        TRY_VOID(visit({{level, number}, hash}));
        return store::Visit::Continue;
    };
    return database_.each<std::uint8_t, std::uint64_t, Hash>(
        pass_on, "SELECT level, number, hash FROM record_nodes ORDER BY level, number");
}

Result<std::uint64_t> SqliteRecords::count() {
    TRY(const auto row, database_.one<std::uint64_t>("SELECT count(*) FROM records"));
    return row ? std::get<0>(*row) : 0;
}

}  // namespace cercle::relay
