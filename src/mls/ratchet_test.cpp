// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/ratchet.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/secret_tree.h"

namespace cercle::mls {
namespace {

const Suite& suite = **find_suite(SuiteId::X25519Aes128Sha256Ed25519);

Secret some_secret() {
    vectors::SeededRandom random(1);
    return random_secret(32, random);
}

TEST_CASE("looking for a key changes nothing, taking it uses it up") {
    Ratchet ratchet(some_secret());
    auto first = ratchet.look_up(suite, 3);
    const auto again = ratchet.look_up(suite, 3);
    REQUIRE(first);
    REQUIRE(again);
    CHECK(first->key.key == again->key.key);
    CHECK(ratchet.next() == 0);
    ratchet.take(*std::move(first));
    CHECK(ratchet.next() == 4);
    CHECK(rule_of(ratchet.look_up(suite, 3)) == "mls-already-received");
    CHECK(ratchet.look_up(suite, 2));
}

TEST_CASE("generation 2^32-1 is refused at once") {
    const Ratchet ratchet(some_secret());
    CHECK(rule_of(ratchet.look_up(suite, 0xffffffffU)) == "mls-generation-exhausted");
    const SecretTree tree(TreeSize{4}, some_secret());
    CHECK(rule_of(tree.look_up(suite, {1}, RatchetKind::Application, 0xffffffffU)) ==
          "mls-generation-exhausted");
}

TEST_CASE("a message may be 1,000 generations ahead and no further") {
    const Ratchet ratchet(some_secret());
    CHECK(ratchet.look_up(suite, 1000));
    CHECK(rule_of(ratchet.look_up(suite, 1001)) == "mls-generation-too-far");
    CHECK(rule_of(ratchet.look_up(suite, 0xfffffffeU)) == "mls-generation-too-far");
}

TEST_CASE("of skipped keys the newest 64 are kept") {
    Ratchet ratchet(some_secret());
    auto found = ratchet.look_up(suite, 100);
    REQUIRE(found);
    ratchet.take(*std::move(found));
    CHECK(ratchet.skipped() == most_skipped_keys);
    CHECK(rule_of(ratchet.look_up(suite, 35)) == "mls-already-received");
    CHECK(ratchet.look_up(suite, 36));
    CHECK(ratchet.look_up(suite, 99));
}

TEST_CASE("the key of a skipped generation is the same whenever it is derived") {
    Ratchet jumping(some_secret());
    auto far = jumping.look_up(suite, 10);
    REQUIRE(far);
    jumping.take(*std::move(far));
    Ratchet walking(some_secret());
    for (std::uint32_t at = 0; at < 10; ++at) {
        auto step = walking.look_up(suite, at);
        const auto kept = jumping.look_up(suite, at);
        REQUIRE(step);
        REQUIRE(kept);
        CHECK(step->key.key == kept->key.key);
        CHECK(step->key.nonce == kept->key.nonce);
        walking.take(*std::move(step));
    }
}

TEST_CASE("all senders of an epoch together keep a bounded number of skipped keys") {
    SecretTree tree(TreeSize{64}, some_secret());
    for (std::uint32_t leaf = 0; leaf < 40; ++leaf) {
        auto found = tree.look_up(suite, {leaf}, RatchetKind::Application, 200);
        REQUIRE(found);
        tree.take(*std::move(found));
    }
    // The first senders' keys are all there, the last ones lost their own.
    CHECK(tree.look_up(suite, {0}, RatchetKind::Application, 199));
    CHECK(rule_of(tree.look_up(suite, {39}, RatchetKind::Application, 199)) ==
          "mls-already-received");
}

TEST_CASE("a secret tree survives its own bytes") {
    SecretTree tree(TreeSize{8}, some_secret());
    auto found = tree.look_up(suite, {5}, RatchetKind::Handshake, 7);
    REQUIRE(found);
    tree.take(*std::move(found));
    const Secret encoded = codec::encode_secret(tree);
    const auto decoded = codec::decode<SecretTree>(encoded.reveal());
    REQUIRE(decoded);
    CHECK(codec::encode_secret(*decoded) == encoded);
    CHECK(rule_of(decoded->look_up(suite, {5}, RatchetKind::Handshake, 7)) ==
          "mls-already-received");
    CHECK(decoded->look_up(suite, {5}, RatchetKind::Handshake, 3));
    CHECK(decoded->look_up(suite, {4}, RatchetKind::Application, 0));
}

}  // namespace
}  // namespace cercle::mls
