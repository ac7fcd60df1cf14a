// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Entries, and what their ids stand for, in the store of logs' SQLite file: as they came, in
// `entries`; settled (recent.h), in `positions` and `outcomes`, too. Private to this folder.

#include "relay/recent.h"
#include "store/transaction.h"

namespace cercle::relay {

class SqliteEntries {
  public:
    /// All are borrowed; without a transaction it only reads.
    SqliteEntries(store::Database& database, store::Transaction* transaction, Recent& recent)
        : database_(database),
          transaction_(transaction),
          recent_(recent) {}

    /// What a log's row does not know yet.
    void complete(Log& log) const;

    // As LogTables has them.
    Result<void> append(const LogId& log,
                        const protocol::Entry& entry,
                        const EntryId& id,
                        const ContentHash& content);
    [[nodiscard]] Result<std::vector<protocol::Entry>> read(
        const LogId& log, Seq first, Seq last, std::size_t most, std::size_t most_bytes);
    [[nodiscard]] Result<std::optional<Seq>> kept_by_all(const LogId& log, Stamp dropped_since);
    [[nodiscard]] Result<std::vector<EntrySize>> first_sizes(const LogId& log, std::size_t most);
    Result<void> trim(const LogId& log, Seq upto);
    [[nodiscard]] Result<std::optional<Outcome>> find_outcome(const LogId& log, const EntryId& id);
    Result<void> each_outcome(const LogId& log, const std::function<void(const Outcome&)>& visit);
    Result<std::size_t> forget_ids(const LogId& log, Seq upto, std::size_t most);

    /// Takes all of a log's away.
    Result<void> remove_all(const LogId& log);

    /// Errors: store_corrupt, if they do not go on from the log's row.
    Result<void> settle(const Piece& piece);
    /// Everything with a number up to there is settled.
    Result<void> note_settled(EntryNumber number);

  private:
    [[nodiscard]] store::Transaction& writing() const;
    [[nodiscard]] Result<std::optional<Seq>> head_of(const LogId& log);
    Result<void> write_down(const Piece& piece);
    /// Settles what has come up to a position.
    Result<void> settle_to(const LogId& log, Seq upto);

    store::Database& database_;
    store::Transaction* transaction_;
    Recent& recent_;
};

/// What an earlier process has left unsettled. Errors: store_corrupt.
[[nodiscard]] Result<Recent> load_recent(store::Database& database);

}  // namespace cercle::relay
