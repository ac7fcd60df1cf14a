// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cards.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "client/answering.h"
#include "client/card_hours.h"
#include "client/circle_policy.h"
#include "client/compose.h"
#include "codec/tls.h"
#include "crypto/hash.h"
#include "identity/six_words.h"

namespace cercle::client {
namespace {

constexpr auto ed25519 = crypto::SignatureAlgorithm::Ed25519;

template <class... Value>
Result<std::vector<CardFile>> read(store::Database& database,
                                   store::Sql sql,
                                   const Value&... values) {
    std::vector<CardFile> files;
    const auto keep = [&files](protocol::CardId card,
                               std::string label,
                               protocol::Tier tier,
                               std::string hours,
                               std::uint32_t budget,
                               CardStage stage,
                               auto... rest) -> Result<store::Visit> {
        files.push_back(
            {card, {std::move(label), tier, std::move(hours), budget}, stage, std::move(rest)...});
        return store::Visit::Continue;
    };
    TRY_VOID((database.each<protocol::CardId,
                            std::string,
                            protocol::Tier,
                            std::string,
                            std::uint32_t,
                            CardStage,
                            std::int64_t,
                            std::uint64_t,
                            std::optional<ClaimId>,
                            std::string,
                            std::string,
                            std::optional<protocol::HolderKey>,
                            WallTime,
                            std::int64_t,
                            std::int64_t,
                            std::int64_t,
                            WallTime>(keep, sql, values...)));
    return files;
}

void announce(Core& core) {
    core.changed.notify_all();
    core.work.set();
}

/// What a card consists of, beside its plan.
struct CardKeys {
    protocol::CardId card;
    const Secret& secret;
    const crypto::SigningKey& key;
};

Result<void> insert(Core& core,
                    store::Transaction& transaction,
                    const CardPlan& plan,
                    CardWish wish,
                    const CardKeys& keys) {
    TRY_VOID(transaction.run(
        "INSERT INTO cards (card, wish, label, tier, hours, budget, secret, card_key, made)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        keys.card,
        wish,
        plan.label,
        plan.tier,
        plan.hours,
        plan.budget,
        keys.secret,
        keys.key.secret(),
        core.world.clock.wall()));
    TRY_VOID(card_talk::add_key(transaction, keys.card, core.world.random));
    return {};
}

/// With a secret and a key that are new.
Result<protocol::CardId> insert_new(Core& core,
                                    store::Transaction& transaction,
                                    const CardPlan& plan,
                                    CardWish wish) {
    auto& random = core.world.random;
    Secret secret(identity::card_secret_size);
    random.fill(secret.expose());
    const auto made = identity::card_rights(secret).card;
    const auto key = crypto::SigningKey::generate(ed25519, random);
    TRY_VOID(insert(core, transaction, plan, wish, {made, secret, key}));
    return made;
}

Result<std::optional<protocol::CardId>> made_before(store::Database& database, CardWish wish) {
    TRY(const auto row,
        database.one<protocol::CardId>("SELECT card FROM cards WHERE wish = ?1", wish));
    return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

/// The first letter to whom it is bound: with the owner's name, and who answers him if it is not
/// the owner. A second one changes nothing.
Result<void> write_binding(Core& core,
                           store::Transaction& transaction,
                           const protocol::CardId& card) {
    TRY(const auto names, answering::names_on(transaction, card));
    if (names) {
        return card_talk::write(transaction,
                                card,
                                {envelope::LetterWords::Kind::AnsweredBinding,
                                 envelope::MessageId{names->salt.bytes},
                                 envelope::text_of({names->answerer, names->owner})},
                                core.world.random);
    }
    TRY(const auto person, core.people.find(core.self.member));
    return card_talk::write(
        transaction,
        card,
        {envelope::LetterWords::Kind::Binding, std::nullopt, person ? person->name : std::string()},
        core.world.random);
}

/// Whether one is on its way: of all that goes by a card, it alone is in no timeline.
Result<bool> binding_waits(store::Transaction& transaction, const protocol::CardId& card) {
    TRY(const auto row,
        transaction.one<std::int64_t>(
            "SELECT 1 FROM card_outbox o WHERE card = ?1 AND NOT EXISTS (SELECT 1 FROM timeline t"
            " WHERE t.log = o.card AND t.id = o.message) LIMIT 1",
            card));
    return row.has_value();
}

/// Of many that are made by one wish, each has its own.
CardWish wish_of(CardWish wish, const protocol::CardId& renewed) {
    const auto digest = crypto::sha256({wish.view(), renewed.view()});
    return *CardWish::from(BytesView(digest).first(CardWish::size));
}

Result<std::optional<CardFile>> of_claim(store::Database& database, std::string_view claim) {
    const auto id = ClaimId::from_hex(claim);
    if (!id) return std::optional<CardFile>();
    TRY(auto found, read(database, "SELECT * FROM card_files WHERE claim = ?1", *id));
    if (found.empty()) return std::optional<CardFile>();
    return std::optional(std::move(found.front()));
}

struct Claimant {
    protocol::HolderKey holder;
    Bytes reader;
    crypto::SigningKey author;
};

Result<Claimant> claimant_of(store::Database& database, const protocol::CardId& card) {
    TRY(auto row,
        (database.one<std::optional<protocol::HolderKey>, std::optional<Bytes>, Secret>(
            "SELECT holder, claim_key, card_key FROM cards WHERE card = ?1", card)));
    if (!row || !std::get<0>(*row) || !std::get<1>(*row)) {
        return fail(Code::store_corrupt, "a claim without a claimant");
    }
    TRY(auto author, crypto::SigningKey::from_secret(ed25519, std::get<2>(*row).reveal()));
    return Claimant{*std::get<0>(*row), *std::move(std::get<1>(*row)), std::move(author)};
}

}  // namespace

namespace cards {

Result<std::vector<CardFile>> all(store::Database& database) {
    return read(database, "SELECT * FROM card_files ORDER BY made DESC, card");
}

Result<std::optional<CardFile>> find(store::Database& database, const protocol::CardId& card) {
    TRY(auto found, read(database, "SELECT * FROM card_files WHERE card = ?1", card));
    if (found.empty()) return std::optional<CardFile>();
    return std::optional(std::move(found.front()));
}

Result<std::optional<CardFile>> meant(store::Database& database, std::string_view which) {
    if (const auto id = protocol::CardId::from_hex(which)) {
        TRY(auto found, find(database, *id));
        if (found) return found;
    }
    // A closed card's label may be another one's by now.
    TRY(auto named,
        read(database,
             "SELECT * FROM card_files WHERE label = ?1 ORDER BY stage = 3, made DESC",
             which));
    if (named.empty()) return std::optional<CardFile>();
    const bool several = named.size() > 1 && named[0].stage == CardStage::Closed;
    if (several) {
        return fail(Code::ambiguous, "several closed cards are called that; use the id");
    }
    return std::optional(std::move(named.front()));
}

Result<CardFile> resolve(store::Database& database, std::string_view which) {
    TRY(auto found, meant(database, which));
    if (!found) return fail(Code::unknown, "no card is called that; see: card list");
    return *std::move(found);
}

Result<protocol::CardId> create(Core& core, const CardPlan& plan, CardWish wish) {
    TRY_VOID(check_plan(plan));
    TRY(const auto before, made_before(core.database, wish));
    if (before) return *before;
    TRY_VOID(circle_policy::check_card(core, plan.tier));
    TRY_VOID(check_label(core.database, plan.label));
    TRY(auto transaction, core.database.begin());
    TRY(const auto made, insert_new(core, transaction, plan, wish));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return made;
}

Result<void> check_plan(const CardPlan& plan) {
    if (!is_name(plan.label)) {
        return fail(Code::invalid_text,
                    "a card's label is 1 to 200 bytes of visible characters, without tricks");
    }
    if (plan.budget == 0 || plan.budget > largest_budget) {
        return fail(Code::invalid_argument, "a card's budget is 1 to 10000 letters a day");
    }
    TRY_VOID(read_hours(plan.hours));
    return {};
}

Result<void> check_label(store::Database& database, std::string_view label) {
    TRY(const auto open,
        database.one<std::int64_t>("SELECT 1 FROM cards WHERE label = ?1 AND stage <> 3"
                                   " UNION ALL SELECT 1 FROM answered_files"
                                   " WHERE label = ?1 AND standing < 5 AND closing = 0 LIMIT 1",
                                   label));
    if (!open) return {};
    return fail(Code::already_exists,
                "a card of that label is open already; close or renew it, or say another");
}

Result<void> insert_answered(Core& core,
                             store::Transaction& transaction,
                             const CardPlan& plan,
                             const protocol::CardId& card,
                             const Secret& secret,
                             const crypto::SigningKey& key) {
    return insert(
        core, transaction, plan, CardWish::random(core.world.random), {card, secret, key});
}

Result<std::string> code_text(Core& core, const protocol::CardId& card) {
    TRY(auto row,
        (core.database.one<Secret, Secret, WallTime, CardStage>(
            "SELECT secret, card_key, made, stage FROM cards WHERE card = ?1", card)));
    if (!row || std::get<3>(*row) >= CardStage::Bound) {
        return fail(Code::unknown, "this card has no code to be handed over any more");
    }
    auto& [secret, key_secret, made, stage] = *row;
    TRY(const auto key, crypto::SigningKey::from_secret(ed25519, key_secret.reveal()));
    const identity::CardCode code{core.self.relay,
                                  core.self.relay_key,
                                  public_id<identity::CardKey>(key),
                                  std::move(secret),
                                  made + life_of_code};
    return code.to_text();
}

Result<void> close_in(store::Transaction& transaction, const protocol::CardId& card) {
    TRY_VOID(
        transaction.run("UPDATE cards SET stage = 3, claim = NULL, put = 0, bind = 0, revoke = 1"
                        " WHERE card = ?1 AND stage <> 3",
                        card));
    if (transaction.changed() == 0) return {};
    return card_talk::end(transaction, card);
}

Result<void> close(Core& core, const protocol::CardId& card) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(close_in(transaction, card));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return {};
}

Result<std::vector<protocol::CardId>> renew(Core& core,
                                            store::Transaction& transaction,
                                            const std::vector<CardFile>& files,
                                            CardWish wish) {
    std::vector<protocol::CardId> made;
    for (const CardFile& file : files) {
        const CardWish own = wish_of(wish, file.card);
        TRY(const auto before, made_before(core.database, own));
        if (before) {
            made.push_back(*before);
            continue;
        }
        if (file.stage == CardStage::Closed) {
            return fail(Code::invalid_argument, "that card is closed; create another one");
        }
        TRY_VOID(circle_policy::check_card(core, file.plan.tier));
        TRY_VOID(close_in(transaction, file.card));
        TRY(const auto card, insert_new(core, transaction, file.plan, own));
        made.push_back(card);
    }
    return made;
}

Result<std::vector<CardFile>> renewed_by(store::Database& database, CardWish wish) {
    TRY(auto every, all(database));
    std::vector<CardFile> old;
    for (CardFile& file : every) {
        TRY(const auto made, made_before(database, wish_of(wish, file.card)));
        if (made) old.push_back(std::move(file));
    }
    return old;
}

Result<void> tell_all_anew(Core& core, store::Transaction& transaction) {
    TRY(const auto files, all(core.database));
    for (const CardFile& file : files) {
        if (file.stage != CardStage::Bound) continue;
        // A relay that says it was restored again and again is to fill no disk.
        TRY(const bool waits, binding_waits(transaction, file.card));
        if (!waits) TRY_VOID(write_binding(core, transaction, file.card));
    }
    return transaction.run(
        "UPDATE cards SET put = (stage < 3), bind = (stage = 2), revoke = (stage = 3)");
}

Result<void> renew_face(Core& core, const protocol::CardId& card) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(card_talk::add_key(transaction, card, core.world.random));
    TRY_VOID(transaction.run(
        "UPDATE cards SET face_number = face_number + 1, put = 1 WHERE card = ?1 AND stage = 0",
        card));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return {};
}

Result<std::vector<CardFile>> claims(store::Database& database) {
    return read(database,
                "SELECT * FROM card_files WHERE stage = 1 AND claim IS NOT NULL"
                " ORDER BY claimed, card");
}

Result<CardFile> confirm(Core& core, std::string_view claim) {
    TRY(auto file, of_claim(core.database, claim));
    if (!file) return fail(Code::unknown, "no such request waits; see: requests");
    if (file->stage != CardStage::Claimed) return *std::move(file);
    TRY_VOID(circle_policy::check_guest(core));
    TRY(auto claimant, claimant_of(core.database, file->card));
    TRY(auto transaction, core.database.begin());
    TRY_VOID(transaction.run("UPDATE cards SET stage = 2, frozen = 0, bind = 1 WHERE card = ?1",
                             file->card));
    TRY_VOID(card_talk::begin(transaction,
                              file->card,
                              {envelope::CardWay::ToHolder,
                               std::move(claimant.author),
                               to_bytes(claimant.holder.view()),
                               std::move(claimant.reader)}));
    TRY_VOID(write_binding(core, transaction, file->card));
    Line line;
    line.log = conversation_of(file->card);
    line.member = holder_of(file->card);
    line.device = {line.member.bytes};
    line.id = *envelope::MessageId::from(file->claim->view());
    line.text = file->introduction;
    line.at = file->claimed;
    TRY(line.seq, card_talk::next_place(transaction, file->card));
    if (!line.text.empty()) TRY_VOID(Timeline::add(transaction, line));
    TRY_VOID(std::move(transaction).commit());
    file->stage = CardStage::Bound;
    announce(core);
    return *std::move(file);
}

Result<CardFile> refuse(Core& core, std::string_view claim) {
    TRY(auto file, of_claim(core.database, claim));
    if (!file || file->stage != CardStage::Claimed) {
        return fail(Code::unknown, "no such request waits; see: requests");
    }
    TRY_VOID(close(core, file->card));
    file->stage = CardStage::Closed;
    return *std::move(file);
}

Result<void> write_text(Core& core,
                        const protocol::CardId& card,
                        envelope::MessageId id,
                        std::string_view text) {
    if (text.empty()) return fail(Code::invalid_text, "there is nothing to send");
    if (text.size() > envelope::longest_letter_text) {
        return fail(Code::too_large, "the text is too long; 56,000 bytes go by a card");
    }
    if (!is_plain_text(text, envelope::longest_letter_text)) {
        return fail(Code::invalid_text, "what goes by a card is plain text: lines of characters");
    }
    const protocol::LogId log = conversation_of(card);
    const NewText words{id, text, std::nullopt};
    TRY(const auto earlier, core.timeline.own(core.self.device, id));
    if (earlier && is_same(*earlier, log, words)) return {};
    if (earlier) return fail(Code::id_reused, "this id already stands for another message");
    TRY(const auto file, find(core.database, card));
    if (!file || file->stage != CardStage::Bound) {
        return fail(Code::not_a_member,
                    "nobody is bound to this card; see: requests, and card list");
    }
    TRY(auto transaction, core.database.begin());
    TRY_VOID(card_talk::write(transaction,
                              card,
                              {envelope::LetterWords::Kind::Text, id, std::string(text)},
                              core.world.random));
    TRY_VOID(Timeline::add(transaction, own_line(core, log, words, LineState::Queued)));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return {};
}

std::string words_of_claim(const identity::CardKey& card_key,
                           const protocol::HolderKey& claimant,
                           BytesView claim) {
    codec::Writer writer;
    writer.opaque(view_of("Cercle 1 card words"));
    codec::write(writer, card_key);
    codec::write(writer, claimant);
    writer.opaque(claim);
    return identity::six_words(crypto::sha256(writer.bytes()));
}

}  // namespace cards

}  // namespace cercle::client
