// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/card_talk.h"

#include <utility>

namespace cercle::client {
namespace {

constexpr auto ed25519 = crypto::SignatureAlgorithm::Ed25519;

struct Side {
    Correspondent correspondent;
    std::uint64_t sent = 0;
    std::uint64_t heard = 0;
};

Result<Side> load(store::Transaction& transaction, const protocol::CardId& card) {
    TRY(auto row,
        (transaction.one<envelope::CardWay, Secret, Bytes, Bytes, std::uint64_t, std::uint64_t>(
            "SELECT way, author, other, reader, sent, heard FROM card_talks WHERE card = ?1",
            card)));
    if (!row) return fail(Code::unknown, "nobody is bound to this card");
    auto& [way, author, other, reader, sent, heard] = *row;
    TRY(auto key, crypto::SigningKey::from_secret(ed25519, author.reveal()));
    return Side{{way, std::move(key), std::move(other), std::move(reader)}, sent, heard};
}

envelope::CardWay opposite(envelope::CardWay way) {
    return way == envelope::CardWay::ToOwner ? envelope::CardWay::ToHolder
                                             : envelope::CardWay::ToOwner;
}

/// The newest key of this side, or a newer one if the other side has used that.
Result<Bytes> key_to_tell(store::Transaction& transaction,
                          const protocol::CardId& card,
                          Random& random) {
    TRY(const auto row,
        (transaction.one<Secret, std::int64_t>(
            "SELECT secret, used FROM card_keys WHERE card = ?1 ORDER BY ordinal DESC LIMIT 1",
            card)));
    if (!row || std::get<1>(*row) != 0) return card_talk::add_key(transaction, card, random);
    TRY(const auto key,
        crypto::KemKey::from_secret(envelope::card_kem, std::get<0>(*row).reveal()));
    return key.public_key();
}

Result<void> note_used(store::Transaction& transaction,
                       const protocol::CardId& card,
                       const envelope::KeyHash& hash) {
    TRY_VOID(
        transaction.run("UPDATE card_keys SET used = 1 WHERE card = ?1 AND hash = ?2", card, hash));
    return transaction.run(
        "DELETE FROM card_keys WHERE card = ?1 AND ordinal <"
        " (SELECT ordinal FROM card_keys WHERE card = ?1 AND hash = ?2)",
        card,
        hash);
}

Line line_of(const protocol::CardId& card, const identity::MemberId& member, WallTime at) {
    Line line;
    line.log = conversation_of(card);
    line.member = member;
    line.device = {member.bytes};
    line.at = at;
    return line;
}

}  // namespace

namespace card_talk {

Result<Bytes> add_key(store::Transaction& transaction,
                      const protocol::CardId& card,
                      Random& random) {
    const auto key = crypto::KemKey::generate(envelope::card_kem, random);
    TRY_VOID(transaction.run("INSERT INTO card_keys (card, hash, secret) VALUES (?1, ?2, ?3)",
                             card,
                             envelope::hash_of_key(key.public_key()),
                             key.secret()));
    return key.public_key();
}

Result<crypto::KemKey> find_key(store::Transaction& transaction,
                                const protocol::CardId& card,
                                const envelope::KeyHash& hash) {
    TRY(const auto row,
        transaction.one<Secret>(
            "SELECT secret FROM card_keys WHERE card = ?1 AND hash = ?2", card, hash));
    if (!row) return fail(Code::forged, "a letter closed to a key that is none of this card's");
    return crypto::KemKey::from_secret(envelope::card_kem, std::get<0>(*row).reveal());
}

Result<void> begin(store::Transaction& transaction,
                   const protocol::CardId& card,
                   const Correspondent& correspondent) {
    return transaction.run(
        "INSERT INTO card_talks (card, way, author, other, reader) VALUES (?1, ?2, ?3, ?4, ?5)",
        card,
        correspondent.way,
        correspondent.author.secret(),
        correspondent.other,
        correspondent.reader);
}

Result<void> end(store::Transaction& transaction, const protocol::CardId& card) {
    TRY_VOID(transaction.run("UPDATE timeline SET state = ?2 WHERE log = ?1 AND seq IS NULL",
                             conversation_of(card),
                             LineState::Failed));
    TRY_VOID(transaction.run("DELETE FROM card_outbox WHERE card = ?1", card));
    TRY_VOID(transaction.run("DELETE FROM card_keys WHERE card = ?1", card));
    return transaction.run("DELETE FROM card_talks WHERE card = ?1", card);
}

Result<void> write(store::Transaction& transaction,
                   const protocol::CardId& card,
                   const NewLetter& letter,
                   Random& random) {
    TRY(const Side side, load(transaction, card));
    TRY(Bytes key, key_to_tell(transaction, card, random));
    const envelope::LetterWords words{1,
                                      letter.kind,
                                      side.sent + 1,
                                      std::move(key),
                                      letter.id.value_or(envelope::MessageId{}),
                                      letter.text};
    TRY(const Bytes closed,
        envelope::close_card_letter({card, side.correspondent.way},
                                    side.correspondent.reader,
                                    side.correspondent.author,
                                    words,
                                    random));
    TRY_VOID(
        transaction.run("UPDATE card_talks SET sent = ?2 WHERE card = ?1", card, words.number));
    return transaction.run(
        "INSERT INTO card_outbox (card, entry, payload, message) VALUES (?1, ?2, ?3, ?4)",
        card,
        protocol::EntryId::random(random),
        closed,
        letter.id);
}

Result<Heard> hear(store::Transaction& transaction,
                   const protocol::CardId& card,
                   BytesView closed) {
    TRY(const Side side, load(transaction, card));
    TRY(const auto hash, envelope::reader_of_card_letter(closed));
    TRY(const auto key, find_key(transaction, card, hash));
    TRY(auto words,
        envelope::open_card_letter(
            {card, opposite(side.correspondent.way)}, key, side.correspondent.other, closed));
    if (words.number <= side.heard) {
        return fail(Code::counter_repeated, "a letter that was read before");
    }
    const bool gap = words.number != side.heard + 1;
    TRY_VOID(note_used(transaction, card, hash));
    TRY_VOID(transaction.run("UPDATE card_talks SET heard = ?2, reader = ?3 WHERE card = ?1",
                             card,
                             words.number,
                             words.key));
    return Heard{std::move(words), gap};
}

Result<std::optional<CardPost>> next_post(store::Database& database, const protocol::CardId& card) {
    TRY(auto row,
        (database.one<std::int64_t, protocol::EntryId, Bytes, std::optional<envelope::MessageId>>(
            "SELECT ordinal, entry, payload, message FROM card_outbox WHERE card = ?1"
            " ORDER BY ordinal LIMIT 1",
            card)));
    if (!row) return std::optional<CardPost>();
    auto& [ordinal, entry, payload, message] = *row;
    return std::optional(CardPost{ordinal, card, entry, std::move(payload), message});
}

Result<void> posted(store::Transaction& transaction,
                    const CardPost& post,
                    const identity::DeviceId& device) {
    TRY_VOID(transaction.run("DELETE FROM card_outbox WHERE ordinal = ?1", post.ordinal));
    if (!post.message) return {};
    TRY(const protocol::Seq place, next_place(transaction, post.card));
    return Timeline::set_durable(transaction, device, *post.message, place, {});
}

Result<protocol::Seq> next_place(store::Transaction& transaction, const protocol::CardId& card) {
    TRY(const auto row,
        transaction.one<protocol::Seq>("SELECT coalesce(max(seq), 0) FROM timeline WHERE log = ?1",
                                       conversation_of(card)));
    return row ? std::get<0>(*row).next() : protocol::Seq{1};
}

Result<void> show_heard(store::Transaction& transaction,
                        const protocol::CardId& card,
                        const identity::MemberId& member,
                        const Heard& heard,
                        WallTime at) {
    if (heard.gap) {
        TRY_VOID(show_skipped(transaction, card, member, Code::message_withheld, at));
    }
    Line line = line_of(card, member, at);
    line.id = heard.words.id;
    line.text = heard.words.text;
    TRY(line.seq, next_place(transaction, card));
    return Timeline::add(transaction, line);
}

Result<void> show_skipped(store::Transaction& transaction,
                          const protocol::CardId& card,
                          const identity::MemberId& member,
                          Code rule,
                          WallTime at) {
    Line line = line_of(card, member, at);
    line.kind = LineKind::Gap;
    line.text = std::string(rule_name(rule));
    TRY(const protocol::Seq place, next_place(transaction, card));
    line.seq = place;
    line.after = place.before();
    return Timeline::add(transaction, line);
}

}  // namespace card_talk

}  // namespace cercle::client
