// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Calling: a card and the outsider who holds it, as the relay meets them. For tests of several
// folders, and for fuzz targets: no Catch2.

#include "tests/stage/stage.h"

namespace cercle::relay::stage {

/// Who holds a key and nothing else.
struct Visitor {
    SigningKey key = new_key();

    [[nodiscard]] HolderKey holder_key() const { return as<HolderKey>(key); }

    [[nodiscard]] Asker asker() const {
        Asker asker;
        asker.kind = Asker::Kind::Holder;
        asker.holder = holder_key();
        return asker;
    }
};

/// A card that Actor has made.
struct Ticket {
    LogId inbox;
    protocol::CardId id = protocol::CardId::random(chance());
    Secret secret = new_token();
    protocol::CardTerms terms{protocol::Tier::Ring, 3, {}};
    Bytes face = to_bytes("face");

    [[nodiscard]] protocol::PutCard put() const {
        return {inbox, id, hash_of(access::Right::Card, secret), terms, face};
    }

    [[nodiscard]] protocol::BindCard bind(const Actor& owner, const Visitor& visitor) const {
        const HolderKey key = visitor.holder_key();
        const Bytes statement = codec::encode(protocol::BindingStatement{inbox, id, key});
        return {inbox, id, key, access::sign(owner.reader, access::Label::CardBinding, statement)};
    }

    [[nodiscard]] protocol::ReadCard read() const { return {id, secret.copy()}; }

    [[nodiscard]] protocol::ClaimCard claim(std::string_view text) const {
        return {id, secret.copy(), {EntryId::random(chance()), to_bytes(text)}};
    }

    [[nodiscard]] protocol::AnswerCard answer(std::string_view text) const {
        return {inbox, id, {EntryId::random(chance()), to_bytes(text)}};
    }

    [[nodiscard]] protocol::OpenAnswers answers() const { return {id, secret.copy()}; }

    [[nodiscard]] protocol::UseCard use(std::string_view text) const {
        return {id, secret.copy(), {EntryId::random(chance()), to_bytes(text)}};
    }
};

}  // namespace cercle::relay::stage
