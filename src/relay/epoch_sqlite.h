// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Epochs in the store of logs' SQLite file. Private to this folder.

#include "relay/epoch_tables.h"
#include "relay/known_logs.h"
#include "store/transaction.h"

namespace cercle::relay {

class SqliteEpochs final : public EpochTables {
  public:
    /// All are borrowed; without a transaction it only reads.
    SqliteEpochs(store::Database& database, store::Transaction* transaction, KnownLogs& logs)
        : database_(database),
          transaction_(transaction),
          logs_(logs) {}

    [[nodiscard]] Result<std::vector<Candidate>> candidates(const LogId& log, Epoch epoch) override;
    [[nodiscard]] Result<std::optional<Candidate>> candidate_at(const LogId& log,
                                                                Seq position) override;
    Result<void> insert_candidate(const LogId& log, const Candidate& candidate) override;
    Result<void> end_candidates(const LogId& log,
                                Epoch epoch,
                                const BundleKey& key,
                                Seq bundle) override;
    [[nodiscard]] Result<std::vector<Departure>> departures(const LogId& log) override;
    Result<void> insert_departure(const LogId& log, const Departure& departure) override;
    [[nodiscard]] Result<std::uint64_t> count_dropped_after(const LogId& log,
                                                            Seq position) override;
    Result<void> delete_departures(const LogId& log, Seq bundle) override;
    [[nodiscard]] Result<std::uint64_t> add_follower(const LogId& log,
                                                     Seq bundle,
                                                     const ReaderKey& reader) override;

  private:
    [[nodiscard]] store::Transaction& writing() const;

    template <class... Value>
    Result<std::vector<Candidate>> select(store::Sql sql, const Value&... values);

    store::Database& database_;
    store::Transaction* transaction_;
    KnownLogs& logs_;
};

}  // namespace cercle::relay
