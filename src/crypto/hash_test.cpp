// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/hash.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/hkdf.h"
#include "tests/vectors/damage.h"

namespace cercle::crypto {

TEST_CASE("a hash taken piece by piece is that of the whole, and may be looked at on the way") {
    const Bytes whole(200'000, 7);
    RunningSha256 running;
    CHECK(running.digest() == sha256(BytesView{}));
    for (std::size_t at = 0; at < whole.size(); at += 777) {
        const auto piece =
            BytesView(whole).subspan(at, std::min<std::size_t>(777, whole.size() - at));
        running.add(piece);
        CHECK(running.digest() == sha256(BytesView(whole).first(at + piece.size())));
    }
}

TEST_CASE("a hash begun once may be ended in several ways") {
    for (const HashAlgorithm algorithm :
         {HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512}) {
        RunningHash running(algorithm);
        CHECK(running.digest() == hash(algorithm, {}));
        running.add(view_of("begun"));
        CHECK(running.digest(view_of("one")) == hash(algorithm, {view_of("begunone")}));
        CHECK(running.digest(view_of("other")) == hash(algorithm, {view_of("begunother")}));
        CHECK(running.digest() == hash(algorithm, {view_of("begun")}));
    }
}

TEST_CASE("hashes are those of FIPS 180-4 and FIPS 202") {
    const BytesView abc = view_of("abc");
    CHECK(to_hex(sha256(abc)) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(hash(HashAlgorithm::Sha256, {abc})) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(hash(HashAlgorithm::Sha384, {abc})) ==
          "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
          "8086072ba1e7cc2358baeca134c825a7");
    CHECK(to_hex(hash(HashAlgorithm::Sha512, {abc})) ==
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    CHECK(to_hex(sha3_256({abc}).reveal()) ==
          "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    CHECK(to_hex(shake256({}, 32).reveal()) ==
          "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f");
}

TEST_CASE("parts are hashed as if they stood in one piece") {
    const BytesView whole = view_of("one after the other");
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        CHECK(sha256({whole.first(cut), whole.subspan(cut)}) == sha256(whole));
    }
}

TEST_CASE("a tag matches only whole and unchanged") {
    const Bytes key(32, 7);
    const Bytes expected = hmac(HashAlgorithm::Sha256, key, view_of("message"));
    vectors::require_damage_refused(
        expected, [&](const Bytes& tag) { return equal_in_constant_time(expected, tag); });
}

}  // namespace cercle::crypto
