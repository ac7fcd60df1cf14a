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

TEST_CASE("a damaged key file is refused") {
    crypto::SystemRandom random;
    const Secret saved = ServerIdentity::generate(random).save();
    const Bytes good = to_bytes(saved.reveal());
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK(ServerIdentity::load(BytesView(good).first(size)).error().code == Code::invalid_key);
    }
    for (const std::size_t at : {std::size_t{0}, std::size_t{30}, good.size() - 2}) {
        Bytes bad = good;
        bad[at] ^= 0x40U;
        CHECK_FALSE(ServerIdentity::load(bad).has_value());
    }
}
