// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The tree of records in the relay's one SQLite file. Private to this folder.

#include "relay/record_tables.h"
#include "store/transaction.h"

namespace cercle::relay {

class SqliteRecords final : public RecordTables {
  public:
    /// Both are borrowed; without a transaction it only reads.
    SqliteRecords(store::Database& database, store::Transaction* transaction)
        : database_(database),
          transaction_(transaction) {}

    Result<merkle::TreeSize> size() override;
    Result<merkle::Hash> node(merkle::Node node) override;
    Result<void> add(const protocol::LogId& log,
                     protocol::Seq seq,
                     const std::vector<merkle::StoredNode>& nodes) override;
    Result<std::optional<merkle::LeafNumber>> find(const protocol::LogId& log,
                                                   protocol::Seq seq) override;
    Result<void> each_node(
        const std::function<Result<void>(const merkle::StoredNode&)>& visit) override;
    Result<std::uint64_t> count() override;

  private:
    store::Database& database_;
    store::Transaction* transaction_;
};

}  // namespace cercle::relay
