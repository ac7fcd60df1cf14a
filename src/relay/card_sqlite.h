// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Cards in the store of logs' SQLite file. Private to this folder.

#include "relay/card_tables.h"
#include "store/transaction.h"

namespace cercle::relay {

class SqliteCards final : public CardTables {
  public:
    /// Both are borrowed; without a transaction it only reads.
    SqliteCards(store::Database& database, store::Transaction* transaction)
        : database_(database),
          transaction_(transaction) {}

    [[nodiscard]] Result<std::optional<Card>> find_card(const CardId& id) override;
    Result<void> put_card(const Card& card) override;
    Result<void> delete_card(const CardId& id) override;
    [[nodiscard]] Result<std::uint64_t> count_cards(const LogId& inbox) override;
    [[nodiscard]] Result<std::optional<CardId>> most_rested_revoked(const LogId& inbox) override;
    [[nodiscard]] Result<std::vector<Card>> cards_of(const LogId& inbox,
                                                     const CardId& after,
                                                     std::size_t most) override;
    Result<void> count_misuse(const CardId& id, Misuse why, Stamp now) override;
    [[nodiscard]] Result<std::vector<protocol::MisuseCount>> misuses(const CardId& id) override;
    Result<void> each_misuse(const VisitMisuse& visit) override;
    Result<void> each_card(const std::function<Result<void>(const Card&)>& visit) override;

  private:
    [[nodiscard]] store::Transaction& writing() const;

    template <class... Value>
    Result<void> visit_cards(const std::function<Result<void>(const Card&)>& visit,
                             store::Sql sql,
                             const Value&... values);

    template <class... Value>
    Result<void> visit_misuses(const VisitMisuse& visit, store::Sql sql, const Value&... values);

    store::Database& database_;
    store::Transaction* transaction_;
};

}  // namespace cercle::relay
