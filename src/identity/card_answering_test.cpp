// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/card_answering.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"

namespace {

using namespace cercle;
using namespace cercle::identity;

/// An owner's key, that of who answers in his name, and a card of the latter.
struct Sample {
    crypto::SystemRandom random{};
    crypto::SigningKey owner = made();
    crypto::SigningKey answerer = made();
    protocol::CardId card = protocol::CardId::random(random);
    Secret face_key = Secret(32);

    crypto::SigningKey made() {
        return crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    }

    [[nodiscard]] AnsweringNames names() const { return {"Cabinet", "The President", {}}; }

    [[nodiscard]] SignedAnswering word() const {
        return sign_answering({answering_version,
                               card,
                               *AnsweringKey::from(answerer.public_key()),
                               hash_of_names(names())},
                              owner);
    }

    [[nodiscard]] AnsweredFace face(SignedAnswering word) const {
        return {answered_face_version, card, 1, Bytes(1216, 7), std::move(word)};
    }

    Result<ShownFace> shown(const AnsweredFace& face, const crypto::SigningKey& author) {
        return open_face(close_answered_face(face, author, face_key, random),
                         card,
                         *CardKey::from(owner.public_key()),
                         face_key);
    }
};

}  // namespace

TEST_CASE("an answered card's face shows, by the code alone, under whose key it is answered") {
    Sample sample;
    const auto shown = sample.shown(sample.face(sample.word()), sample.answerer);
    REQUIRE(shown.has_value());
    CHECK(shown->key == Bytes(1216, 7));
    REQUIRE(shown->answering.has_value());
    CHECK(shown->answering->key.view()[0] == sample.answerer.public_key()[0]);
    CHECK(shown->answering->names == hash_of_names(sample.names()));
}

TEST_CASE("attack: without the owner's word on this card and this key there is no answered face") {
    Sample sample;
    const auto other = sample.made();
    // Whoever answers says so himself.
    const auto own = sign_answering(
        {answering_version, sample.card, *AnsweringKey::from(sample.answerer.public_key()), {}},
        sample.answerer);
    CHECK(sample.shown(sample.face(own), sample.answerer).error().code == Code::forged);
    // The owner's word is on another card.
    const auto elsewhere = sign_answering({answering_version,
                                           protocol::CardId::random(sample.random),
                                           *AnsweringKey::from(sample.answerer.public_key()),
                                           {}},
                                          sample.owner);
    CHECK(sample.shown(sample.face(elsewhere), sample.answerer).error().code == Code::forged);
    // Another one has copied it.
    CHECK(sample.shown(sample.face(sample.word()), other).error().code == Code::forged);
    // And who answers cannot pass for the owner, as a face that says nothing of it would.
    const Face plain{1, sample.card, 1, Bytes(1216, 7)};
    CHECK(open_face(close_face(plain, sample.answerer, sample.face_key, sample.random),
                    sample.card,
                    *CardKey::from(sample.owner.public_key()),
                    sample.face_key)
              .error()
              .code == Code::forged);
}

TEST_CASE("the hash of names is of both, in their order, and of the salt") {
    const AnsweringNames names{"Cabinet", "The President", {}};
    CHECK(hash_of_names(names) != hash_of_names({"The President", "Cabinet", {}}));
    CHECK(hash_of_names(names) != hash_of_names({"CabinetThe", " President", {}}));
    NamesSalt salt;
    salt.bytes.fill(1);
    CHECK(hash_of_names(names) != hash_of_names({"Cabinet", "The President", salt}));
}
