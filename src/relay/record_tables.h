// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a relay keeps of its tree of records, beside the logs and in the same transactions: the
// nodes that are complete, and which record an entry of a log is. Entries may go; the tree stays.

#include <functional>
#include <optional>
#include <vector>

#include "merkle/tree.h"
#include "protocol/words.h"

namespace cercle::relay {

class RecordTables {
  public:
    RecordTables() = default;
    RecordTables(const RecordTables&) = delete;
    RecordTables& operator=(const RecordTables&) = delete;
    virtual ~RecordTables() = default;

    [[nodiscard]] virtual Result<merkle::TreeSize> size() = 0;
    /// Errors: store_corrupt, if it is not there.
    [[nodiscard]] virtual Result<merkle::Hash> node(merkle::Node node) = 0;
    /// The next record is that entry; `nodes` are complete with it. Errors: already_exists.
    virtual Result<void> add(const protocol::LogId& log,
                             protocol::Seq seq,
                             const std::vector<merkle::StoredNode>& nodes) = 0;
    [[nodiscard]] virtual Result<std::optional<merkle::LeafNumber>> find(const protocol::LogId& log,
                                                                         protocol::Seq seq) = 0;
    /// Calls `visit` for every node, by level and number.
    virtual Result<void> each_node(
        const std::function<Result<void>(const merkle::StoredNode&)>& visit) = 0;
    /// How many entries are known as records.
    [[nodiscard]] virtual Result<std::uint64_t> count() = 0;
};

}  // namespace cercle::relay
