// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/card.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"
#include "identity/card_answering.h"
#include "identity/invitation.h"

namespace {

using namespace cercle;
using namespace cercle::identity;
using namespace std::chrono_literals;

constexpr WallTime now{1'800'000'000'000ms};

struct Sample {
    crypto::SystemRandom random{};
    crypto::SigningKey key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    CardCode code = made();

    CardCode made() {
        CardCode card;
        card.relay = "relay.example:7443";
        card.relay_key = RelayFingerprint::random(random);
        card.key = *CardKey::from(key.public_key());
        card.secret = Secret(card_secret_size);
        random.fill(card.secret.expose());
        card.expires = now + 1h;
        return card;
    }
};

}  // namespace

TEST_CASE("a card reads back from its text until it expires") {
    const Sample sample;
    const std::string text = sample.code.to_text();
    CHECK(kind_of_code(text) == CodeKind::Card);
    const auto read = CardCode::parse(text, now);
    REQUIRE(read.has_value());
    CHECK(read->relay == sample.code.relay);
    CHECK(read->relay_key == sample.code.relay_key);
    CHECK(read->key == sample.code.key);
    CHECK(read->secret == sample.code.secret);
    CHECK(CardCode::parse(text, now + 1h).error().code == Code::invitation_expired);
}

TEST_CASE("a card is no invitation, and an invitation no card") {
    Sample sample;
    CHECK(Invitation::parse(sample.code.to_text(), now).error().code == Code::invitation_kind);
    Invitation invitation;
    invitation.relay = "relay.example:7443";
    invitation.secret = Secret(invitation_secret_size);
    invitation.expires = now + 1h;
    const std::string text = invitation.to_text();
    CHECK(kind_of_code(text) == CodeKind::Invitation);
    CHECK(CardCode::parse(text, now).error().code == Code::invitation_kind);
    CHECK_FALSE(kind_of_code("CERCLE:AAAA").has_value());
}

TEST_CASE("a card's face names another key, and the code stays") {
    Sample sample;
    const auto rights = card_rights(sample.code.secret);
    for (const std::uint64_t number : {1, 2}) {
        const Face face{1, rights.card, number, Bytes(1216, 7)};
        const Bytes closed = close_face(face, sample.key, rights.face, sample.random);
        const auto opened = open_face(closed, rights.card, sample.code.key, rights.face);
        REQUIRE(opened.has_value());
        CHECK(opened->number == number);
        CHECK(opened->key == face.key);
    }
}

TEST_CASE("a face that the card's own key has not signed, or of another card, is refused") {
    Sample sample;
    const auto rights = card_rights(sample.code.secret);
    const auto other =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, sample.random);
    const Face face{1, rights.card, 1, Bytes(1216, 7)};
    const auto refusal = [&](const Bytes& closed) {
        return open_face(closed, rights.card, sample.code.key, rights.face).error().code;
    };
    // Whoever photographed the code can close one, and not sign it.
    CHECK(refusal(close_face(face, other, rights.face, sample.random)) == Code::forged);
    const Face foreign{1, protocol::CardId::random(sample.random), 1, face.key};
    CHECK(refusal(close_face(foreign, sample.key, rights.face, sample.random)) == Code::forged);
    // The relay lacks what opens it.
    CHECK(refusal(close_face(face, sample.key, rights.token, sample.random)) == Code::forged);
    CHECK(refusal({}) == Code::forged);
}
