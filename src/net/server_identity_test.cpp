// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/server_identity.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"

namespace {

using namespace cercle;
using net::ServerIdentity;

}  // namespace

TEST_CASE("a relay's key is the same after saving and loading, and no other's") {
    crypto::SystemRandom random;
    const auto identity = ServerIdentity::generate(random);
    const Secret saved = identity.save();
    const auto loaded = ServerIdentity::load(saved.reveal());
    REQUIRE(loaded);
    CHECK(loaded->key() == identity.key());
    CHECK(loaded->save() == saved);
    CHECK(ServerIdentity::generate(random).key() != identity.key());
}

TEST_CASE("a relay's key has the fingerprint of its SubjectPublicKeyInfo") {
    // The example key pair of RFC 8410 section 10; the hash is that of its public half there.
    const auto identity = ServerIdentity::load(
        view_of("-----BEGIN PRIVATE KEY-----\n"
                "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                "-----END PRIVATE KEY-----\n"));
    REQUIRE(identity);
    CHECK(identity->key().hex() ==
          "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f");
}

TEST_CASE("a damaged key file is refused, whichever bit of it") {
    crypto::SystemRandom random;
    const Secret saved = ServerIdentity::generate(random).save();
    const Bytes good = to_bytes(saved.reveal());
    const std::size_t key_alone = to_text(good).find("SHA-256");
    REQUIRE(key_alone < good.size());
    for (std::size_t size = 0; size < good.size(); ++size) {
        // As files of before were.
        if (size == key_alone) continue;
        CHECK(ServerIdentity::load(BytesView(good).first(size)).error().code == Code::invalid_key);
    }
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CHECK_FALSE(ServerIdentity::load(bad).has_value());
    }
}
