// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/succession.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/certificate.h"
#include "crypto/random.h"

namespace {

using namespace cercle;
using namespace cercle::net;
using crypto::SigningKey;

SigningKey new_key() {
    crypto::SystemRandom random;
    return SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
}

RelayKey print_of(const SigningKey& key) {
    return fingerprint_of(key.public_key());
}

Code refusal(const std::vector<Bytes>& shown, const SigningKey& pinned) {
    const auto followed = follow_succession(shown, print_of(pinned));
    return followed.has_value() ? Code::unknown : followed.error().code;
}

}  // namespace

TEST_CASE("who knows an old key of a relay follows to the new one, over several replacements") {
    std::vector<SigningKey> keys;
    for (int number = 0; number < 4; ++number)
        keys.push_back(new_key());
    std::vector<Bytes> shown{own_certificate(keys[0])};
    for (std::size_t at = 0; at + 1 < keys.size(); ++at)
        shown = succeed(keys[at], shown, keys[at + 1].public_key());
    for (std::size_t at = 0; at + 1 < keys.size(); ++at) {
        const auto followed = follow_succession(shown, print_of(keys[at]));
        REQUIRE(followed.has_value());
        REQUIRE(*followed == print_of(keys.back()));
    }
}

TEST_CASE("who knows another relay's key does not follow") {
    const SigningKey old = new_key();
    const SigningKey next = new_key();
    const auto shown = succeed(old, {own_certificate(old)}, next.public_key());
    REQUIRE(refusal(shown, new_key()) == Code::relay_key_mismatch);
    // One key alone is no succession: it is compared, not followed.
    REQUIRE(refusal({own_certificate(old)}, old) == Code::relay_key_mismatch);
    REQUIRE(refusal({}, old) == Code::relay_key_mismatch);
}

TEST_CASE("attack: nobody appoints himself as a relay's successor") {
    const SigningKey old = new_key();
    const SigningKey thief = new_key();
    // Under the right root, but signed by another key.
    auto shown = succeed(thief, {}, thief.public_key());
    shown[1] = own_certificate(old);
    REQUIRE(refusal(shown, old) != Code::unknown);
    // A true step whose next step begins at another key.
    const SigningKey next = new_key();
    shown = succeed(thief, succeed(old, {}, next.public_key()), thief.public_key());
    REQUIRE(refusal(shown, old) != Code::unknown);
    // What the old key signed for another purpose, or for itself, appoints nobody.
    crypto::SystemRandom random;
    const Bytes root = own_certificate(old);
    const auto parsed = crypto::Certificate::parse(root);
    REQUIRE(parsed.has_value());
    const auto other = crypto::issue_certificate(
        old, *parsed, thief.public_key(), {"urn:cercle:device:1"}, parsed->validity, random);
    REQUIRE(other.has_value());
    REQUIRE(refusal({*other, root}, old) != Code::unknown);
    REQUIRE(refusal({root, root}, old) != Code::unknown);
}

TEST_CASE("a relay that replaces its key for ever shows a bounded number of steps") {
    SigningKey key = new_key();
    std::vector<Bytes> shown{own_certificate(key)};
    std::vector<RelayKey> prints;
    for (std::size_t number = 0; number < most_successions + 3; ++number) {
        SigningKey next = new_key();
        shown = succeed(key, shown, next.public_key());
        prints.push_back(print_of(key));
        key = std::move(next);
    }
    REQUIRE(shown.size() == 2 * most_successions);
    REQUIRE(follow_succession(shown, prints.back()).has_value());
    REQUIRE_FALSE(follow_succession(shown, prints.front()).has_value());
}
