// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/guest_file.h"

#include <utility>

#include "base/utf8.h"
#include "client/self.h"
#include "crypto/hash.h"

namespace cercle::client {
namespace {

constexpr auto ed25519 = crypto::SignatureAlgorithm::Ed25519;

}  // namespace

identity::MemberId GuestFile::owner_id() const {
    const auto digest = crypto::sha256(card_key.view());
    return *identity::MemberId::from(BytesView(digest).first(identity::MemberId::size));
}

Result<std::optional<GuestFile>> load_guest(store::Database& database) {
    TRY(auto row,
        (database.one<std::string,
                      std::string,
                      identity::RelayFingerprint,
                      protocol::CardId,
                      identity::CardKey,
                      Secret,
                      Secret,
                      Secret,
                      GuestStage,
                      std::string,
                      protocol::EntryId,
                      std::optional<Bytes>,
                      std::string,
                      std::string,
                      protocol::Seq,
                      protocol::ChainHash,
                      std::optional<identity::AnsweringKey>,
                      std::optional<crypto::Digest>,
                      std::string>(
            "SELECT code, relay, relay_key, card, card_key, token, face, holder, stage,"
            " introduction, entry, claim, words, owner, seq, chain, answering, names, answered_for"
            " FROM guest")));
    if (!row) return std::optional<GuestFile>();
    auto& [code,
           relay,
           relay_key,
           card,
           card_key,
           token,
           face,
           holder,
           stage,
           introduction,
           entry,
           claim,
           words,
           owner,
           seq,
           chain,
           answering,
           names,
           answered_for] = *row;
    TRY(auto key, crypto::SigningKey::from_secret(ed25519, holder.reveal()));
    return std::optional(GuestFile{std::move(code),
                                   std::move(relay),
                                   relay_key,
                                   card,
                                   card_key,
                                   std::move(token),
                                   std::move(face),
                                   std::move(key),
                                   stage,
                                   std::move(introduction),
                                   entry,
                                   std::move(claim),
                                   std::move(words),
                                   std::move(owner),
                                   seq,
                                   chain,
                                   answering,
                                   names,
                                   std::move(answered_for)});
}

Result<void> begin_guest(store::Database& database,
                         const std::string& code,
                         const std::string& introduction,
                         WallTime now,
                         Random& random) {
    TRY(const auto known, load_guest(database));
    if (known && known->code == code) return {};
    // One that was never claimed is given up for another.
    if (known && known->stage != GuestStage::Begun) {
        return fail(Code::home_taken,
                    "this home is a guest's already; open another card in another home");
    }
    TRY(const auto self, load_self(database));
    if (self) {
        return fail(Code::home_taken,
                    "a device of a circle lives in this home; open a card in an empty one: --home");
    }
    TRY(const auto parsed, identity::CardCode::parse(code, now));
    if (!is_plain_text(introduction, envelope::longest_introduction)) {
        return fail(Code::invalid_text,
                    "an introduction is at most 1000 characters of plain text, without tricks");
    }
    const auto rights = identity::card_rights(parsed.secret);
    const auto holder = crypto::SigningKey::generate(ed25519, random);
    TRY(auto transaction, database.begin());
    TRY_VOID(transaction.run("DELETE FROM guest"));
    TRY_VOID(transaction.run(
        "INSERT INTO guest (one, code, relay, relay_key, card, card_key, token, face, holder,"
        " stage, introduction, entry, chain)"
        " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11)",
        code,
        parsed.relay,
        parsed.relay_key,
        rights.card,
        parsed.key,
        rights.token,
        rights.face,
        holder.secret(),
        introduction,
        protocol::EntryId::random(random),
        protocol::ChainHash{}));
    return std::move(transaction).commit();
}

}  // namespace cercle::client
