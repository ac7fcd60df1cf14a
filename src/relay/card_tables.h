// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a relay keeps of cards (docs/spec/cards.md), beside the inboxes and in the same
// transactions: keys, ids and hashes, on which terms, and how often somebody was refused. Nothing
// says who made a card or for whom, but whose inbox it leads to.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "protocol/card.h"
#include "relay/blob_tables.h"

namespace cercle::relay {

using protocol::CardId;
using protocol::HolderKey;
using protocol::LogId;
using protocol::Misuse;
using protocol::ReaderKey;

struct Card {
    CardId id;
    LogId inbox;
    TokenHash secret;
    protocol::CardTerms terms;
    Bytes face;
    std::optional<HolderKey> claimant{};  // who used it first
    std::optional<HolderKey> holder{};    // to whom it is bound
    std::optional<ReaderKey> bound_by{};  // the inbox's reader, under whose key stands
    Bytes signature{};                    // this signature of a BindingStatement
    std::uint8_t frozen = 0;
    std::uint8_t revoked = 0;
    std::uint8_t told = 0;   // of a misuse, since the owner looked last
    Day day{};               // of the last letter
    std::uint32_t used = 0;  // letters on that day

    auto fields(this auto& self) {
        return std::tie(self.id,
                        self.inbox,
                        self.secret,
                        self.terms,
                        self.face,
                        self.claimant,
                        self.holder,
                        self.bound_by,
                        self.signature,
                        self.frozen,
                        self.revoked,
                        self.told,
                        self.day,
                        self.used);
    }
};

class CardTables {
  public:
    using VisitMisuse = std::function<Result<void>(const CardId&, const protocol::MisuseCount&)>;

    CardTables() = default;
    CardTables(const CardTables&) = delete;
    CardTables& operator=(const CardTables&) = delete;
    virtual ~CardTables() = default;

    /// As it was put. Errors: store_corrupt, when it is not.
    [[nodiscard]] virtual Result<std::optional<Card>> find_card(const CardId& id) = 0;
    /// In place of an earlier one of that id; what is counted of it stays.
    virtual Result<void> put_card(const Card& card) = 0;
    /// With what is counted of it. It also goes with its inbox.
    virtual Result<void> delete_card(const CardId& id) = 0;
    [[nodiscard]] virtual Result<std::uint64_t> count_cards(const LogId& inbox) = 0;
    /// Of an inbox's revoked cards the one that was neither used nor tried for longest.
    [[nodiscard]] virtual Result<std::optional<CardId>> most_rested_revoked(const LogId& inbox) = 0;
    /// At most so many of an inbox, behind an id, in the order of their ids.
    [[nodiscard]] virtual Result<std::vector<Card>> cards_of(const LogId& inbox,
                                                             const CardId& after,
                                                             std::size_t most) = 0;

    /// Counts a refused use, up to a bound. A card that is none has the id of zeros: writing costs
    /// the same.
    virtual Result<void> count_misuse(const CardId& id, Misuse why, Stamp now) = 0;
    [[nodiscard]] virtual Result<std::vector<protocol::MisuseCount>> misuses(const CardId& id) = 0;
    /// Calls `visit` for what is counted of any card, or of none.
    virtual Result<void> each_misuse(const VisitMisuse& visit) = 0;

    /// Calls `visit` for every card, in the order of their ids.
    virtual Result<void> each_card(const std::function<Result<void>(const Card&)>& visit) = 0;
};

}  // namespace cercle::relay
