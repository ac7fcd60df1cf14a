// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/card_letter.h"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"
#include "protocol/card.h"

namespace {

using namespace cercle;
using namespace cercle::envelope;

struct Pair {
    crypto::SystemRandom random{};
    crypto::SigningKey holder = signing();
    crypto::SigningKey owner = signing();
    crypto::KemKey holder_key = crypto::KemKey::generate(card_kem, random);
    crypto::KemKey owner_key = crypto::KemKey::generate(card_kem, random);
    protocol::CardId card = protocol::CardId::random(random);

    crypto::SigningKey signing() {
        return crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    }

    [[nodiscard]] protocol::HolderKey holder_id() const {
        return *protocol::HolderKey::from(holder.public_key());
    }

    Bytes claim(std::string introduction) {
        const ClaimWords words{1, holder_id(), holder_key.public_key(), std::move(introduction)};
        return close_claim({card, CardWay::Claim}, owner_key.public_key(), holder, words, random)
            .value();
    }

    LetterWords words(std::string text) {
        return {1,
                LetterWords::Kind::Text,
                1,
                holder_key.public_key(),
                MessageId::random(random),
                std::move(text)};
    }

    Bytes letter(std::string text) {
        return close_card_letter({card, CardWay::ToOwner},
                                 owner_key.public_key(),
                                 holder,
                                 words(std::move(text)),
                                 random)
            .value();
    }
};

constexpr auto longest_line = longest_introduction;

}  // namespace

TEST_CASE("a claim and a letter open at whom they are closed to, and say what was written") {
    Pair pair;
    const auto claim = open_claim(
        {pair.card, CardWay::Claim}, pair.owner_key, pair.holder_id(), pair.claim("Zoé\nau bal"));
    REQUIRE(claim.has_value());
    CHECK(claim->introduction == "Zoé\nau bal");
    CHECK(claim->key == pair.holder_key.public_key());
    const Bytes closed = pair.letter("bonjour");
    CHECK(*reader_of_card_letter(closed) == hash_of_key(pair.owner_key.public_key()));
    const auto letter = open_card_letter(
        {pair.card, CardWay::ToOwner}, pair.owner_key, pair.holder.public_key(), closed);
    REQUIRE(letter.has_value());
    CHECK(letter->text == "bonjour");
    CHECK(letter->number == 1);
}

TEST_CASE("a claim is closed to one card: by another's key, under another's id it opens nothing") {
    Pair pair;
    Pair other;
    const Bytes closed = pair.claim("I am Zoe");
    const auto refusal =
        [&](const CardRoute& route, const crypto::KemKey& key, const protocol::HolderKey& holder) {
            return open_claim(route, key, holder, closed).error().code;
        };
    CHECK(refusal({pair.card, CardWay::Claim}, other.owner_key, pair.holder_id()) == Code::forged);
    CHECK(refusal({other.card, CardWay::Claim}, pair.owner_key, pair.holder_id()) == Code::forged);
    // The relay names another session's key.
    CHECK(refusal({pair.card, CardWay::Claim}, pair.owner_key, other.holder_id()) == Code::forged);
    CHECK(refusal({pair.card, CardWay::ToOwner}, pair.owner_key, pair.holder_id()) == Code::forged);
}

TEST_CASE("a letter by somebody else than the holder, or the other way round, is forged") {
    Pair pair;
    const CardRoute route{pair.card, CardWay::ToOwner};
    const Bytes closed = pair.letter("bonjour");
    CHECK(open_card_letter(route, pair.owner_key, pair.owner.public_key(), closed).error().code ==
          Code::forged);
    CHECK(open_card_letter(
              {pair.card, CardWay::ToHolder}, pair.owner_key, pair.holder.public_key(), closed)
              .error()
              .code == Code::forged);
}

TEST_CASE("a stranger's text is bounded and plain: no controls, no tricks of direction") {
    Pair pair;
    const auto refusal = [&](std::string introduction) {
        const auto opened = open_claim({pair.card, CardWay::Claim},
                                       pair.owner_key,
                                       pair.holder_id(),
                                       pair.claim(std::move(introduction)));
        return opened.has_value() ? Code::unknown : opened.error().code;
    };
    CHECK(refusal(std::string(longest_line, 'a')) == Code::unknown);
    CHECK(refusal("") == Code::unknown);
    CHECK(refusal(std::string(longest_line + 1, 'a')) == Code::invalid_text);
    CHECK(refusal("a\x1b[2J") == Code::invalid_text);
    CHECK(refusal("moc.\u202elive") == Code::invalid_text);
    CHECK(refusal("a\u200bb") == Code::invalid_text);
}

TEST_CASE("how long a letter is shows in classes, and the longest introduction fits a knock") {
    Pair pair;
    CHECK(pair.letter("oui").size() == pair.letter(std::string(400, 'x')).size());
    std::string widest;
    for (std::size_t at = 0; at < longest_introduction; ++at)
        widest += "\xf0\x9f\x91\x8d";
    CHECK(pair.claim(widest).size() <= protocol::longest_knock);
    CHECK(pair.letter(widest).size() <= protocol::longest_knock);
    CHECK(pair.letter(std::string(longest_letter_text, 'x')).size() <=
          protocol::longest_card_letter);
    CHECK(close_card_letter({pair.card, CardWay::ToOwner},
                            pair.owner_key.public_key(),
                            pair.holder,
                            pair.words(std::string(60'416, 'x')),
                            pair.random)
              .error()
              .code == Code::too_large);
}
