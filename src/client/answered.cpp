// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/answered.h"

#include <algorithm>
#include <utility>

#include "client/circle_policy.h"
#include "client/compose.h"
#include "client/sight.h"
#include "codec/tls.h"
#include "crypto/hash.h"

namespace cercle::client {
namespace {

constexpr auto ed25519 = crypto::SignatureAlgorithm::Ed25519;

template <class... Value>
Result<std::vector<AnsweredCard>> read(store::Database& database,
                                       store::Sql sql,
                                       const Value&... values) {
    std::vector<AnsweredCard> cards;
    const auto keep = [&cards](AskingId asking,
                               identity::MemberId member,
                               protocol::LogId log,
                               std::string label,
                               protocol::Tier tier,
                               std::string hours,
                               std::uint32_t budget,
                               auto... rest) -> Result<store::Visit> {
        cards.push_back({asking,
                         member,
                         log,
                         {std::move(label), tier, std::move(hours), budget},
                         std::move(rest)...});
        return store::Visit::Continue;
    };
    TRY_VOID((database.each<AskingId,
                            identity::MemberId,
                            protocol::LogId,
                            std::string,
                            protocol::Tier,
                            std::string,
                            std::uint32_t,
                            std::optional<protocol::CardId>,
                            std::string,
                            Standing,
                            std::int64_t,
                            std::uint64_t,
                            std::int64_t,
                            std::optional<identity::DeviceId>,
                            WallTime>(keep, sql, values...)));
    return cards;
}

/// In the conversation of the two, and noted as the last about that asking.
Result<void> say(Core& core,
                 store::Transaction& transaction,
                 protocol::LogId log,
                 const AskingId& asking,
                 AnsweringWord word) {
    const Secret encoded = codec::encode_secret(word);
    TRY(const std::int64_t place,
        write_content(core, transaction, log, envelope::answering_type, encoded.reveal()));
    return transaction.run("UPDATE answered_cards SET word = ?2 WHERE asking = ?1", asking, place);
}

void announce(Core& core) {
    core.changed.notify_all();
    core.work.set();
}

Result<std::optional<AskingId>> asked_before(store::Database& database, CardWish wish) {
    TRY(const auto row,
        database.one<AskingId>("SELECT asking FROM answered_cards WHERE wish = ?1", wish));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

/// Of many that are renewed by one wish, each has its own.
CardWish wish_of(CardWish wish, const AskingId& renewed) {
    const auto digest = crypto::sha256({wish.view(), renewed.view()});
    return *CardWish::from(BytesView(digest).first(CardWish::size));
}

Result<void> check_asking(Core& core, const CardPlan& plan, identity::MemberId member) {
    if (member == core.self.member) {
        return fail(Code::invalid_argument, "that is you; without --answered-by you answer it");
    }
    TRY_VOID(circle_policy::check_card(core, plan.tier));
    return sight::check_meeting(core, {core.self.member}, {member});
}

struct NewAsking {
    identity::MemberId member;
    protocol::LogId log;
    CardPlan plan;
    CardWish wish;
    AskingId instead{};
};

Result<AskingId> insert(Core& core, store::Transaction& transaction, const NewAsking& wanted) {
    const auto asking = AskingId::random(core.world.random);
    TRY_VOID(transaction.run(
        "INSERT INTO answered_cards (asking, wish, member, log, label, tier, hours, budget, made)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        asking,
        wanted.wish,
        wanted.member,
        wanted.log,
        wanted.plan.label,
        wanted.plan.tier,
        wanted.plan.hours,
        wanted.plan.budget,
        core.world.clock.wall()));
    TRY_VOID(say(core,
                 transaction,
                 wanted.log,
                 asking,
                 {answering_word_version,
                  Ask{asking,
                      wanted.instead,
                      wanted.plan.label,
                      wanted.plan.tier,
                      wanted.plan.hours,
                      wanted.plan.budget}}));
    return asking;
}

Result<void> begin_to_close(store::Transaction& transaction, const AskingId& asking) {
    return transaction.run(
        "UPDATE answered_cards SET closing = 1, standing = iif(device IS NULL, 5, standing)"
        " WHERE asking = ?1",
        asking);
}

Result<std::string> name_in_circle(Core& core, identity::MemberId member) {
    TRY(const auto person, core.people.find(member));
    if (!person) return fail(Code::unknown, "a member without a name");
    return person->name;
}

/// A code whose key has signed who answers, and signs nothing else any more.
struct Signed {
    Attested word;
    std::string code;
};

Result<Signed> sign(Core& core, const AnsweredCard& asked, const Made& made) {
    auto& random = core.world.random;
    const auto card_key = crypto::SigningKey::generate(ed25519, random);
    identity::AnsweringNames names{{}, {}, identity::NamesSalt::random(random)};
    TRY(names.answerer, name_in_circle(core, asked.member));
    TRY(names.owner, name_in_circle(core, core.self.member));
    const identity::Answering answering{identity::answering_version,
                                        identity::card_rights(made.secret).card,
                                        made.key,
                                        identity::hash_of_names(names)};
    const auto key = public_id<identity::CardKey>(card_key);
    const identity::CardCode code{core.self.relay,
                                  core.self.relay_key,
                                  key,
                                  made.secret.copy(),
                                  core.world.clock.wall() + cards::life_of_code};
    return Signed{{asked.asking,
                   key,
                   identity::sign_answering(answering, card_key),
                   std::move(names.answerer),
                   std::move(names.owner),
                   names.salt},
                  code.to_text()};
}

}  // namespace

namespace answered {

Result<std::vector<AnsweredCard>> all(store::Database& database) {
    return read(database, "SELECT * FROM answered_files ORDER BY made DESC, asking");
}

Result<std::optional<AnsweredCard>> find(store::Database& database, const AskingId& asking) {
    TRY(auto found, read(database, "SELECT * FROM answered_files WHERE asking = ?1", asking));
    if (found.empty()) return std::optional<AnsweredCard>();
    return std::optional(std::move(found.front()));
}

Result<std::optional<AnsweredCard>> meant(store::Database& database, std::string_view which) {
    if (const auto id = AskingId::from_hex(which)) {
        TRY(auto found,
            read(database, "SELECT * FROM answered_files WHERE asking = ?1 OR card = ?1", *id));
        if (!found.empty()) return std::optional(std::move(found.front()));
    }
    TRY(auto named,
        read(database,
             "SELECT * FROM answered_files WHERE label = ?1"
             " ORDER BY standing >= 5, closing, made DESC",
             which));
    if (named.empty()) return std::optional<AnsweredCard>();
    const bool over = named.front().is_over();
    if (over || named.front().closing != 0) {
        TRY(const auto own, cards::meant(database, which));
        if (own && (over || own->stage != CardStage::Closed)) return std::optional<AnsweredCard>();
    }
    if (over && named.size() > 1) {
        return fail(Code::ambiguous, "several closed cards are called that; use the id");
    }
    return std::optional(std::move(named.front()));
}

Result<AskingId> ask(Core& core, const CardPlan& plan, identity::MemberId member, CardWish wish) {
    TRY_VOID(cards::check_plan(plan));
    TRY(const auto before, asked_before(core.database, wish));
    if (before) return *before;
    TRY_VOID(check_asking(core, plan, member));
    TRY_VOID(cards::check_label(core.database, plan.label));
    TRY(const auto log, direct_conversation(core, member));
    TRY(auto transaction, core.database.begin());
    TRY(const auto asking, insert(core, transaction, {member, log, plan, wish}));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return asking;
}

Result<void> close(Core& core, const AskingId& asking) {
    TRY(const auto card, find(core.database, asking));
    if (!card || card->is_over()) return {};
    TRY(auto transaction, core.database.begin());
    TRY_VOID(
        say(core, transaction, card->log, asking, {answering_word_version, EndOfAsking{asking}}));
    TRY_VOID(begin_to_close(transaction, asking));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return {};
}

Result<AskingId> renew(Core& core,
                       store::Transaction& transaction,
                       const AnsweredCard& old,
                       CardWish wish) {
    const CardWish own = wish_of(wish, old.asking);
    TRY(const auto before, asked_before(core.database, own));
    if (before) return *before;
    if (old.is_over() || old.closing != 0) {
        return fail(Code::invalid_argument, "that card is closed; create another one");
    }
    TRY_VOID(check_asking(core, old.plan, old.member));
    TRY(const auto asking,
        insert(core, transaction, {old.member, old.log, old.plan, own, old.asking}));
    TRY_VOID(begin_to_close(transaction, old.asking));
    return asking;
}

Result<std::vector<AnsweredCard>> renewed_by(store::Database& database, CardWish wish) {
    TRY(auto every, all(database));
    std::vector<AnsweredCard> old;
    for (AnsweredCard& card : every) {
        TRY(const auto made, asked_before(database, wish_of(wish, card.asking)));
        if (made) old.push_back(std::move(card));
    }
    return old;
}

Result<void> take(Core& core,
                  store::Transaction& transaction,
                  const WordAuthor& author,
                  const Made& made) {
    TRY(const auto asked, find(core.database, made.asking));
    const bool awaited = asked && asked->member == author.member && !asked->device &&
                         !asked->is_over() && asked->closing == 0;
    if (!awaited) return {};
    TRY(Signed word, sign(core, *asked, made));
    TRY_VOID(transaction.run(
        "UPDATE answered_cards SET card = ?2, code = ?3, device = ?4 WHERE asking = ?1",
        made.asking,
        identity::card_rights(made.secret).card,
        word.code,
        author.device));
    return say(
        core, transaction, asked->log, made.asking, {answering_word_version, std::move(word.word)});
}

Result<void> take(store::Transaction& transaction,
                  const WordAuthor& author,
                  const StandingTold& told) {
    // A further device of his has not made it, and has nothing to say of it.
    return transaction.run(
        "UPDATE answered_cards SET standing = ?4, leaked = max(leaked, ?5),"
        " code = iif(?4 >= 4, '', code)"
        " WHERE asking = ?1 AND member = ?2 AND standing < 5 AND (device IS NULL OR device = ?3)",
        told.asking,
        author.member,
        author.device,
        told.standing,
        told.leaked);
}

std::string_view state_text(const AnsweredCard& card) {
    if (card.standing == Standing::Declined) return "refused";
    if (card.standing == Standing::Closed) return "closed";
    if (card.closing != 0) return "closing";
    switch (card.standing) {
        case Standing::Open:
            return "open";
        case Standing::Claimed:
            return "claimed";
        case Standing::Frozen:
            return "frozen";
        case Standing::Bound:
            return "bound";
        default:
            return "asked";
    }
}

Result<bool> is_told(Core& core, const AskingId& asking) {
    TRY(const auto card, find(core.database, asking));
    if (!card) return true;
    TRY(const bool waits, core.outbox.has(card->word));
    return !waits;
}

Result<std::vector<AnsweredCard>> take_leaks(Core& core) {
    const WallTime now = core.world.clock.wall();
    TRY(auto leaked,
        read(core.database,
             "SELECT * FROM answered_files f WHERE standing < 5 AND EXISTS (SELECT 1 FROM"
             " answered_cards c WHERE c.asking = f.asking AND c.leaked > c.alarmed AND"
             " c.alarmed_at <= ?1)",
             now - std::chrono::hours(24)));
    if (leaked.empty()) return leaked;
    TRY(auto transaction, core.database.begin());
    for (const AnsweredCard& card : leaked) {
        TRY_VOID(transaction.run(
            "UPDATE answered_cards SET alarmed = ?2, alarmed_at = ?3 WHERE asking = ?1",
            card.asking,
            card.leaked,
            now));
    }
    TRY_VOID(std::move(transaction).commit());
    return leaked;
}

}  // namespace answered

}  // namespace cercle::client
