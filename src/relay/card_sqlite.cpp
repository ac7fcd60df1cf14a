// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/card_sqlite.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/chain.h"

namespace cercle::relay {
namespace {

/// Over all of a row, so that no flipped bit in it is taken for what the relay wrote.
ContentHash digest_of(const Card& card) {
    return content_hash(ContentOf::Card, codec::encode(card));
}

ContentHash digest_of(const CardId& card, const protocol::MisuseCount& row) {
    codec::Writer writer;
    codec::write(writer, card);
    codec::write(writer, row);
    return content_hash(ContentOf::Misuse, writer.bytes());
}

}  // namespace

store::Transaction& SqliteCards::writing() const {
    CHECK(transaction_ != nullptr, "a store that is only looked at is written");
    return *transaction_;
}

template <class... Value>
Result<void> SqliteCards::visit_cards(const std::function<Result<void>(const Card&)>& visit,
                                      store::Sql sql,
                                      const Value&... values) {
    const auto pass_on = [&visit](CardId id,
                                  LogId inbox,
                                  TokenHash secret,
                                  const Bytes& terms,
                                  Bytes face,
                                  std::optional<HolderKey> claimant,
                                  std::optional<HolderKey> holder,
                                  std::optional<ReaderKey> bound_by,
                                  Bytes signature,
                                  std::uint8_t frozen,
                                  std::uint8_t revoked,
                                  std::uint8_t told,
                                  Day day,
                                  std::uint32_t used,
                                  ContentHash digest) -> Result<store::Visit> {
        auto known = codec::decode<protocol::CardTerms>(terms);
        if (!known.has_value()) return fail(Code::store_corrupt, "a card's terms are none");
        const Card card{id,
                        inbox,
                        secret,
                        *std::move(known),
                        std::move(face),
                        claimant,
                        holder,
                        bound_by,
                        std::move(signature),
                        frozen,
                        revoked,
                        told,
                        day,
                        used};
        if (digest_of(card) != digest) {
            return fail(Code::store_corrupt, "a card is not what the relay wrote");
        }
        TRY_VOID(visit(card));
        return store::Visit::Continue;
    };
    return database_.each<CardId,
                          LogId,
                          TokenHash,
                          Bytes,
                          Bytes,
                          std::optional<HolderKey>,
                          std::optional<HolderKey>,
                          std::optional<ReaderKey>,
                          Bytes,
                          std::uint8_t,
                          std::uint8_t,
                          std::uint8_t,
                          Day,
                          std::uint32_t,
                          ContentHash>(pass_on, sql, values...);
}

Result<std::optional<Card>> SqliteCards::find_card(const CardId& id) {
    std::optional<Card> found;
    TRY_VOID(visit_cards(
        [&found](const Card& card) -> Result<void> {
            found = card;
            return {};
        },
        "SELECT id, inbox, secret, terms, face, claimant, holder, bound_by, signature, frozen, "
        "revoked,"
        " told, day, used, digest FROM cards WHERE id = ?1",
        id));
    return found;
}

Result<void> SqliteCards::put_card(const Card& card) {
    return writing().run(
        "INSERT INTO cards (id, inbox, secret, terms, face, claimant, holder, bound_by, signature,"
        " frozen, revoked, told, day, used, digest)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
        " ON CONFLICT (id) DO UPDATE SET inbox = ?2, secret = ?3, terms = ?4, face = ?5,"
        " claimant = ?6, holder = ?7, bound_by = ?8, signature = ?9, frozen = ?10, revoked = ?11,"
        " told = ?12, day = ?13, used = ?14, digest = ?15",
        card.id,
        card.inbox,
        card.secret,
        codec::encode(card.terms),
        card.face,
        card.claimant,
        card.holder,
        card.bound_by,
        card.signature,
        card.frozen,
        card.revoked,
        card.told,
        card.day,
        card.used,
        digest_of(card));
}

Result<void> SqliteCards::delete_card(const CardId& id) {
    return writing().run("DELETE FROM cards WHERE id = ?1", id);
}

Result<std::uint64_t> SqliteCards::count_cards(const LogId& inbox) {
    TRY(const auto row,
        database_.one<std::uint64_t>("SELECT count(*) FROM cards WHERE inbox = ?1", inbox));
    if (!row) return fail(Code::store_corrupt, "a count without an answer");
    return std::get<0>(*row);
}

Result<std::optional<CardId>> SqliteCards::most_rested_revoked(const LogId& inbox) {
    TRY(const auto row,
        database_.one<CardId>(
            "SELECT id FROM cards WHERE inbox = ?1 AND revoked = 1 ORDER BY"
            " max(day * 86400000,"
            "     (SELECT coalesce(max(last), 0) FROM misuses WHERE card = cards.id)), id LIMIT 1",
            inbox));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

Result<std::vector<Card>> SqliteCards::cards_of(const LogId& inbox,
                                                const CardId& after,
                                                std::size_t most) {
    std::vector<Card> found;
    TRY_VOID(visit_cards(
        [&found](const Card& card) -> Result<void> {
            found.push_back(card);
            return {};
        },
        "SELECT id, inbox, secret, terms, face, claimant, holder, bound_by, signature, frozen, "
        "revoked,"
        " told, day, used, digest FROM cards WHERE inbox = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        inbox,
        after,
        most));
    return found;
}

Result<void> SqliteCards::count_misuse(const CardId& id, Misuse why, Stamp now) {
    TRY(const auto counted, misuses(id));
    const auto known = std::ranges::find(counted, why, &protocol::MisuseCount::why);
    protocol::MisuseCount row{why, 0, now, now};
    if (known != counted.end()) row = *known;
    row.count = std::min(row.count + 1, bounds::misuse_counted);
    row.last = now;
    return writing().run(
        "INSERT INTO misuses (card, why, count, first, last, digest)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (card, why) DO UPDATE SET"
        " count = excluded.count, last = excluded.last, digest = excluded.digest",
        id,
        row.why,
        row.count,
        row.first,
        row.last,
        digest_of(id, row));
}

Result<std::vector<protocol::MisuseCount>> SqliteCards::misuses(const CardId& id) {
    std::vector<protocol::MisuseCount> found;
    TRY_VOID(visit_misuses(
        [&found](const CardId& /*card*/, const protocol::MisuseCount& row) -> Result<void> {
            found.push_back(row);
            return {};
        },
        "SELECT card, why, count, first, last, digest FROM misuses WHERE card = ?1 ORDER BY why",
        id));
    return found;
}

Result<void> SqliteCards::each_misuse(const VisitMisuse& visit) {
    return visit_misuses(
        visit, "SELECT card, why, count, first, last, digest FROM misuses ORDER BY card, why");
}

template <class... Value>
Result<void> SqliteCards::visit_misuses(const VisitMisuse& visit,
                                        store::Sql sql,
                                        const Value&... values) {
    const auto pass_on = [&visit](CardId card,
                                  Misuse why,
                                  std::uint32_t count,
                                  Stamp first,
                                  Stamp last,
                                  ContentHash digest) -> Result<store::Visit> {
        const protocol::MisuseCount row{why, count, first, last};
        if (digest_of(card, row) != digest) {
            return fail(Code::store_corrupt, "a count of misuse is not what the relay wrote");
        }
        TRY_VOID(visit(card, row));
        return store::Visit::Continue;
    };
    return database_.each<CardId, Misuse, std::uint32_t, Stamp, Stamp, ContentHash>(
        pass_on, sql, values...);
}

Result<void> SqliteCards::each_card(const std::function<Result<void>(const Card&)>& visit) {
    return visit_cards(visit,
                       "SELECT id, inbox, secret, terms, face, claimant, holder, bound_by, "
                       "signature, frozen, revoked,"
                       " told, day, used, digest FROM cards ORDER BY id");
}

}  // namespace cercle::relay
