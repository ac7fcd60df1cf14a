// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/hash.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/hkdf.h"
#include "tests/vectors/damage.h"
#include "tests/vectors/vectors.h"

namespace cercle::crypto {
namespace {

void try_hmac(const std::string& file, HashAlgorithm algorithm) {
    vectors::try_groups(file, [&](const auto& group, const auto& test, vectors::Trial& trial) {
        Bytes tag = hmac(algorithm, vectors::bytes(test["key"]), vectors::bytes(test["msg"]));
        tag.resize(group["tagSize"].template get<std::size_t>() / 8);  // some are cut to half
        trial.expect(
            equal_in_constant_time(tag, vectors::bytes(test["tag"])) == (test["result"] == "valid"),
            "the tag");
    });
}

void try_hkdf(const std::string& file, HashAlgorithm algorithm) {
    vectors::try_groups(file, [&](const auto&, const auto& test, vectors::Trial& trial) {
        const auto size = test["size"].template get<std::size_t>();
        if (test["result"] != "valid") {
            trial.expect(size > 255 * digest_size(algorithm), "another reason to be invalid");
            return trial.not_covered("more than 255 digests, which nobody may ask for here");
        }
        const Secret key =
            hkdf_extract(algorithm, vectors::bytes(test["salt"]), vectors::bytes(test["ikm"]));
        const Secret output =
            hkdf_expand(algorithm, key.reveal(), vectors::bytes(test["info"]), size);
        trial.expect(to_bytes(output.reveal()) == vectors::bytes(test["okm"]), "the output");
    });
}

}  // namespace

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

TEST_CASE("HMAC agrees with wycheproof") {
    try_hmac("wycheproof/hmac_sha256_test.json", HashAlgorithm::Sha256);
    try_hmac("wycheproof/hmac_sha384_test.json", HashAlgorithm::Sha384);
    try_hmac("wycheproof/hmac_sha512_test.json", HashAlgorithm::Sha512);
}

TEST_CASE("HKDF agrees with wycheproof") {
    try_hkdf("wycheproof/hkdf_sha256_test.json", HashAlgorithm::Sha256);
    try_hkdf("wycheproof/hkdf_sha384_test.json", HashAlgorithm::Sha384);
    try_hkdf("wycheproof/hkdf_sha512_test.json", HashAlgorithm::Sha512);
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
