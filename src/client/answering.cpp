// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/answering.h"

#include <utility>

#include "base/utf8.h"
#include "client/circle_policy.h"
#include "client/compose.h"
#include "client/sight.h"
#include "codec/tls.h"

namespace cercle::client {
namespace {

constexpr auto ed25519 = crypto::SignatureAlgorithm::Ed25519;

template <class... Value>
Result<std::vector<Asking>> read(store::Database& database,
                                 store::Sql sql,
                                 const Value&... values) {
    std::vector<Asking> askings;
    const auto keep = [&askings](AskingId asking,
                                 identity::MemberId member,
                                 protocol::LogId log,
                                 std::string label,
                                 protocol::Tier tier,
                                 std::string hours,
                                 std::uint32_t budget,
                                 auto... rest) -> Result<store::Visit> {
        askings.push_back({asking,
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
                            AnsweringStage,
                            std::optional<protocol::CardId>,
                            Standing,
                            std::uint64_t,
                            std::int64_t,
                            std::int64_t>(keep, sql, values...)));
    return askings;
}

Result<std::optional<Asking>> first(Result<std::vector<Asking>> found) {
    TRY(auto askings, std::move(found));
    if (askings.empty()) return std::optional<Asking>();
    return std::optional(std::move(askings.front()));
}

void announce(Core& core) {
    core.changed.notify_all();
    core.work.set();
}

Result<void> say(Core& core,
                 store::Transaction& transaction,
                 const Asking& asking,
                 AnsweringWord word) {
    const Secret encoded = codec::encode_secret(word);
    TRY(const std::int64_t place,
        write_content(core, transaction, asking.log, envelope::answering_type, encoded.reveal()));
    return transaction.run(
        "UPDATE answering SET word = ?2 WHERE asking = ?1", asking.asking, place);
}

Result<void> tell(Core& core,
                  store::Transaction& transaction,
                  const Asking& asking,
                  Standing standing,
                  std::uint64_t leaked) {
    TRY_VOID(transaction.run("UPDATE answering SET told = ?2, told_leaked = ?3 WHERE asking = ?1",
                             asking.asking,
                             standing,
                             leaked));
    return say(core,
               transaction,
               asking,
               {answering_word_version, StandingTold{asking.asking, standing, leaked}});
}

/// A code's secret and a key, of this device alone; its owner is told both, and signs for the key.
Result<void> make(Core& core, store::Transaction& transaction, const Asking& asking) {
    Secret secret(identity::card_secret_size);
    core.world.random.fill(secret.expose());
    const auto key = crypto::SigningKey::generate(ed25519, core.world.random);
    TRY_VOID(transaction.run(
        "UPDATE answering SET stage = 1, card = ?2, secret = ?3, card_key = ?4 WHERE asking = ?1",
        asking.asking,
        identity::card_rights(secret).card,
        secret,
        key.secret()));
    return say(core,
               transaction,
               asking,
               {answering_word_version,
                Made{asking.asking, std::move(secret), public_id<identity::AnsweringKey>(key)}});
}

Result<void> end(store::Transaction& transaction, const Asking& asking) {
    if (asking.stage == AnsweringStage::Answered && asking.card) {
        return cards::close_in(transaction, *asking.card);
    }
    return transaction.run(
        "UPDATE answering SET stage = 3, secret = NULL, card_key = NULL WHERE asking = ?1",
        asking.asking);
}

Result<void> check_agreement(Core& core, const Asking& asking) {
    TRY_VOID(circle_policy::check_card(core, asking.plan.tier));
    return sight::check_meeting(core, {core.self.member}, {asking.member});
}

bool is_same(const CardPlan& one, const CardPlan& other) {
    return one.label == other.label && one.tier == other.tier && one.hours == other.hours &&
           one.budget == other.budget;
}

/// Whether this person has agreed to answer that one already: on the same terms, instead of one
/// that stands. What does not go on waits, and who confirms it is told if it cannot be.
Result<bool> is_agreed(Core& core, const std::optional<Asking>& old, const Asking& asking) {
    if (!old || !is_same(old->plan, asking.plan)) return false;
    bool stands = old->stage == AnsweringStage::Agreed;
    if (old->stage == AnsweringStage::Answered && old->card) {
        // It ends by being renewed, so that none is renewed twice, or by this person's own word.
        TRY(const auto file, cards::find(core.database, *old->card));
        stands = file && file->stage != CardStage::Closed;
    }
    return stands && check_agreement(core, asking).has_value();
}

Result<bool> has_room(store::Transaction& transaction, const identity::MemberId& member) {
    TRY(const auto number,
        transaction.one<std::int64_t>(
            "SELECT count(*) FROM answering WHERE member = ?1 AND stage = 0", member));
    return !number || std::get<0>(*number) < most_askings;
}

/// A second one of that name, unless this person has none open that is called so.
Result<std::string> label_here(Core& core, const Asking& asking) {
    const auto free = cards::check_label(core.database, asking.plan.label);
    if (free) return asking.plan.label;
    if (free.error().code != Code::already_exists) return std::unexpected(free.error());
    TRY(const auto owner, core.people.find(asking.member));
    const std::string longer =
        asking.plan.label + " (" + (owner ? owner->name : asking.member.hex()) + ")";
    return is_name(longer) ? longer : asking.asking.hex();
}

/// Where a card stands that its owner may be told of; nothing: the relay has to hear of it first.
std::optional<Standing> standing_of(const CardFile& file) {
    if (file.put != 0 || file.revoke != 0) return std::nullopt;
    if (file.stage == CardStage::Closed) return Standing::Closed;
    if (file.stage == CardStage::Bound) return Standing::Bound;
    if (file.frozen != 0) return Standing::Frozen;
    return file.stage == CardStage::Claimed ? Standing::Claimed : Standing::Open;
}

/// Only what can be said: nobody reads in a conversation that is closed.
Result<bool> can_say(Core& core, const Asking& asking) {
    const auto conversation = writable(core, asking.log);
    if (conversation) return true;
    const Code code = conversation.error().code;
    if (code == Code::not_a_member || code == Code::unknown) return false;
    return std::unexpected(conversation.error());
}

}  // namespace

namespace answering {

Result<std::vector<Asking>> waiting(store::Database& database) {
    return read(database, "SELECT * FROM answering_files WHERE stage = 0 ORDER BY ordinal");
}

Result<std::vector<Asking>> agreed(store::Database& database) {
    return read(database, "SELECT * FROM answering_files WHERE stage = 1 ORDER BY ordinal");
}

Result<std::optional<Asking>> find(store::Database& database, const AskingId& asking) {
    return first(read(database, "SELECT * FROM answering_files WHERE asking = ?1", asking));
}

Result<std::optional<Asking>> of_card(store::Database& database, const protocol::CardId& card) {
    return first(read(database, "SELECT * FROM answering_files WHERE card = ?1", card));
}

Result<void> confirm(Core& core, const Asking& asking) {
    if (asking.stage != AnsweringStage::Asked) return {};
    TRY_VOID(check_agreement(core, asking));
    TRY(auto transaction, core.database.begin());
    TRY_VOID(make(core, transaction, asking));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return {};
}

Result<void> refuse(Core& core, const Asking& asking) {
    TRY(auto transaction, core.database.begin());
    TRY_VOID(end(transaction, asking));
    TRY_VOID(tell(core, transaction, asking, Standing::Declined, 0));
    TRY_VOID(std::move(transaction).commit());
    announce(core);
    return {};
}

Result<void> take(Core& core,
                  store::Transaction& transaction,
                  const WordAuthor& author,
                  const Ask& ask) {
    TRY(const auto before, find(core.database, ask.asking));
    if (before) return {};
    const Asking asking{
        ask.asking, author.member, author.log, {ask.label, ask.tier, ask.hours, ask.budget}};
    TRY(auto old, find(core.database, ask.instead));
    const bool his = old && old->member == author.member && old->stage != AnsweringStage::Over;
    if (!his) old.reset();
    TRY(const bool goes_on, is_agreed(core, old, asking));
    if (old) TRY_VOID(end(transaction, *old));
    TRY(const bool room, has_room(transaction, author.member));
    if (!goes_on && !room && !old) {
        return fail(Code::too_many, "a card to be answered, and one too many of that member's");
    }
    TRY_VOID(
        transaction.run("INSERT INTO answering (asking, member, log, label, tier, hours, budget)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                        ask.asking,
                        author.member,
                        author.log,
                        ask.label,
                        ask.tier,
                        ask.hours,
                        ask.budget));
    if (goes_on) return make(core, transaction, asking);
    if (room) return {};
    // To fail would undo the end of the one it was to stand instead of.
    TRY_VOID(end(transaction, asking));
    return tell(core, transaction, asking, Standing::Declined, 0);
}

Result<void> take(Core& core,
                  store::Transaction& transaction,
                  const WordAuthor& author,
                  const Attested& attested) {
    TRY(const auto asking, find(core.database, attested.asking));
    if (!asking || asking->member != author.member) return {};
    // Another device of this person's has agreed to it.
    if (asking->stage == AnsweringStage::Asked) return end(transaction, *asking);
    if (asking->stage != AnsweringStage::Agreed || !asking->card) return {};
    TRY(auto keys,
        (transaction.one<Secret, Secret>("SELECT secret, card_key FROM answering WHERE asking = ?1",
                                         attested.asking)));
    if (!keys) return fail(Code::store_corrupt, "a card to be answered without its keys");
    const auto& [secret, key_secret] = *keys;
    TRY(const auto key, crypto::SigningKey::from_secret(ed25519, key_secret.reveal()));
    const auto word =
        identity::open_answering(attested.answering, *asking->card, attested.card_key);
    const identity::AnsweringNames names{attested.answerer, attested.owner, attested.salt};
    // He has taken what another device of this person's has made, or his word is none.
    if (!word || word->key != public_id<identity::AnsweringKey>(key) ||
        word->names != identity::hash_of_names(names)) {
        return end(transaction, *asking);
    }
    CardPlan plan = asking->plan;
    TRY(plan.label, label_here(core, *asking));
    TRY_VOID(cards::insert_answered(core, transaction, plan, *asking->card, secret, key));
    return transaction.run(
        "UPDATE answering SET stage = 2, secret = NULL, card_key = NULL, answering = ?2,"
        " answerer = ?3, owner = ?4, salt = ?5 WHERE asking = ?1",
        attested.asking,
        codec::encode(attested.answering),
        attested.answerer,
        attested.owner,
        attested.salt);
}

Result<void> take(Core& core,
                  store::Transaction& transaction,
                  const WordAuthor& author,
                  const EndOfAsking& end_of) {
    TRY(const auto asking, find(core.database, end_of.asking));
    if (!asking || asking->member != author.member) return {};
    TRY_VOID(end(transaction, *asking));
    if (asking->stage == AnsweringStage::Answered) {
        // Of a card, the relay is told first; and its owner once more, who may have missed it.
        return transaction.run(
            "UPDATE answering SET told = ?2 WHERE asking = ?1", asking->asking, Standing::Asked);
    }
    return tell(core, transaction, *asking, Standing::Closed, asking->told_leaked);
}

Result<std::optional<identity::SignedAnswering>> word_on(store::Database& database,
                                                         const protocol::CardId& card) {
    TRY(const auto row,
        database.one<Bytes>("SELECT answering FROM answering WHERE card = ?1 AND stage = 2", card));
    if (!row) return std::optional<identity::SignedAnswering>();
    TRY(auto word, codec::decode<identity::SignedAnswering>(std::get<0>(*row)));
    return std::optional(std::move(word));
}

Result<std::optional<identity::AnsweringNames>> names_on(store::Transaction& transaction,
                                                         const protocol::CardId& card) {
    TRY(auto row,
        (transaction.one<std::string, std::string, identity::NamesSalt>(
            "SELECT answerer, owner, salt FROM answering WHERE card = ?1 AND stage = 2", card)));
    if (!row) return std::optional<identity::AnsweringNames>();
    auto& [answerer, owner, salt] = *row;
    return std::optional(identity::AnsweringNames{std::move(answerer), std::move(owner), salt});
}

Result<Progress> report(Core& core) {
    TRY(const auto askings,
        read(core.database, "SELECT * FROM answering_files WHERE stage = 2 AND told < 5"));
    Progress progress = Progress::Idle;
    for (const Asking& asking : askings) {
        TRY(const auto file, cards::find(core.database, *asking.card));
        const auto standing = file ? standing_of(*file) : std::optional(Standing::Closed);
        const std::uint64_t leaked = file ? file->leaked : asking.told_leaked;
        if (!standing || (*standing == asking.told && leaked == asking.told_leaked)) continue;
        TRY(const bool can, can_say(core, asking));
        if (!can) continue;
        TRY(auto transaction, core.database.begin());
        TRY_VOID(tell(core, transaction, asking, *standing, leaked));
        TRY_VOID(std::move(transaction).commit());
        progress = Progress::Moved;
    }
    if (progress == Progress::Moved) announce(core);
    return progress;
}

Result<bool> is_told(Core& core, const AskingId& asking) {
    TRY(const auto found, find(core.database, asking));
    if (!found) return true;
    TRY(const bool waits, core.outbox.has(found->word));
    return !waits;
}

}  // namespace answering

}  // namespace cercle::client
