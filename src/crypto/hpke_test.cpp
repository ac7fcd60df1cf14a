// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/hpke.h"

#include <algorithm>
#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"
#include "tests/vectors/damage.h"
#include "tests/vectors/scripted_random.h"
#include "tests/vectors/vectors.h"

namespace cercle::crypto {
namespace {

using vectors::Trial;

std::optional<KemAlgorithm> our_kem(const vectors::Json& test) {
    const auto id = static_cast<KemAlgorithm>(test["kem_id"].get<std::uint16_t>());
    return std::ranges::contains(all_kems(), id) ? std::optional(id) : std::nullopt;
}

/// Every key pair of the vector, whoever's it is.
void try_keys(KemAlgorithm kem, const vectors::Json& test, Trial& trial) {
    for (const char* const who : {"R", "E", "S"}) {
        const std::string input = std::string("ikm") + who;
        // The post-quantum draft's ikmE is the randomness of an encapsulation.
        if (!test.contains(input) || !test.contains(std::string("pk") + who + "m")) continue;
        const KemKey key = KemKey::derive(kem, vectors::bytes(test[input]));
        const Bytes public_key = vectors::bytes(test[std::string("pk") + who + "m"]);
        trial.expect(key.public_key() == public_key, "public key");
        Bytes secret = to_bytes(key.secret().reveal());
        if (kem == KemAlgorithm::DhkemX448 && test["kdf_id"] > 3) {
            // The post-quantum draft writes X448's scalars as RFC 7748 section 5 decodes them.
            secret.front() &= 0xfcU;
            secret.back() |= 0x80U;
        }
        trial.expect(secret == vectors::bytes(test[std::string("sk") + who + "m"]), "private key");
    }
}

void try_encapsulation(KemAlgorithm kem, const vectors::Json& test, Trial& trial) {
    const KemKey key = KemKey::derive(kem, vectors::bytes(test["ikmR"]));
    vectors::ScriptedRandom ephemeral(vectors::bytes(test["ikmE"]));
    const auto sent = encapsulate(kem, key.public_key(), ephemeral);
    if (!trial.expect(sent.has_value(), "encapsulating")) return;
    trial.expect(sent->encapsulation == vectors::bytes(test["enc"]), "enc");
    trial.expect(to_bytes(sent->shared.reveal()) == vectors::bytes(test["shared_secret"]),
                 "shared_secret");
    const auto received = key.decapsulate(sent->encapsulation);
    trial.expect(received && *received == sent->shared, "decapsulating");
}

/// First message and all exports of one vector in base mode. A context of ours is used once, so
/// the messages after the first have nothing here to be tried with.
void try_base_mode(const HpkeSuite& suite, const vectors::Json& test, Trial& trial) {
    const Bytes info = vectors::bytes(test["info"]);
    const KemKey key = KemKey::derive(suite.kem, vectors::bytes(test["ikmR"]));
    const auto& message = test["encryptions"][0];
    const Bytes associated = vectors::bytes(message["aad"]);
    vectors::ScriptedRandom ephemeral(vectors::bytes(test["ikmE"]));
    const auto sent = hpke_encrypt(
        suite, key.public_key(), info, associated, vectors::bytes(message["pt"]), ephemeral);
    if (!trial.expect(sent.has_value(), "sealing")) return;
    trial.expect(sent->encapsulation == vectors::bytes(test["enc"]), "enc");
    trial.expect(sent->ciphertext == vectors::bytes(message["ct"]), "ct");
    const auto opened =
        hpke_decrypt(suite, key, info, associated, sent->encapsulation, sent->ciphertext);
    trial.expect(opened && to_bytes(opened->reveal()) == vectors::bytes(message["pt"]), "pt");

    for (const auto& exported : test["exports"]) {
        const Bytes context = vectors::bytes(exported["exporter_context"]);
        const Bytes expected = vectors::bytes(exported["exported_value"]);
        vectors::ScriptedRandom again(vectors::bytes(test["ikmE"]));
        const auto ours =
            hpke_send_export(suite, key.public_key(), info, context, expected.size(), again);
        if (!trial.expect(ours.has_value(), "exporting")) return;
        trial.expect(to_bytes(ours->exported.reveal()) == expected, "exported_value");
        const auto theirs =
            hpke_receive_export(suite, key, info, ours->encapsulation, context, expected.size());
        trial.expect(theirs && *theirs == ours->exported, "exported_value again");
    }
}

/// The whole of it where this door has the parts; otherwise its keys, and in base mode its
/// encapsulation.
void try_vector(const vectors::Json& test, Trial& trial) {
    constexpr HashAlgorithm hashes[] = {
        HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512};
    constexpr AeadAlgorithm aeads[] = {
        AeadAlgorithm::Aes128Gcm, AeadAlgorithm::Aes256Gcm, AeadAlgorithm::ChaCha20Poly1305};
    constexpr const char* modes[] = {"base", "psk", "auth", "auth_psk"};
    const auto kem = our_kem(test);
    if (!kem) return trial.not_covered("ML-KEM-512, which no suite of MLS has");
    try_keys(*kem, test, trial);
    const int mode = test["mode"];
    if (mode != 0) {
        return trial.not_covered(std::string("mode ") + modes[mode] +
                                 ", which MLS does not use, but its keys agree");
    }
    try_encapsulation(*kem, test, trial);
    const int kdf = test["kdf_id"];
    if (kdf > 3) {
        return trial.not_covered(
            "a SHAKE as KDF, which MLS does not use, but its keys and KEM agree");
    }
    const int aead = test["aead_id"];
    if (aead > 3) {
        return trial.not_covered("no AEAD, which MLS does not use, but its keys and KEM agree");
    }
    try_base_mode({.kem = *kem, .kdf = hashes[kdf - 1], .aead = aeads[aead - 1]}, test, trial);
}

constexpr HpkeSuite default_suite{
    .kem = KemAlgorithm::XWing, .kdf = HashAlgorithm::Sha384, .aead = AeadAlgorithm::Aes256Gcm};

}  // namespace

TEST_CASE("HPKE agrees with the vectors of RFC 9180") {
    vectors::try_list("hpke/rfc9180-vectors.json.gz", try_vector);
}

TEST_CASE("HPKE with ML-KEM and its hybrids agrees with the vectors of the post-quantum draft") {
    vectors::try_list("hpke/draft-ietf-hpke-pq.json", try_vector);
}

TEST_CASE("an HPKE message opens only whole, unchanged, in its own context") {
    vectors::SeededRandom random(5);
    for (const KemAlgorithm kem : {KemAlgorithm::DhkemX25519, KemAlgorithm::DhkemP256}) {
        const HpkeSuite suite{
            .kem = kem, .kdf = HashAlgorithm::Sha256, .aead = AeadAlgorithm::Aes128Gcm};
        const KemKey key = KemKey::generate(suite.kem, random);
        const Bytes info = to_bytes("info");
        const Bytes associated = to_bytes("associated");
        const auto sent =
            hpke_encrypt(suite, key.public_key(), info, associated, view_of("path secret"), random);
        REQUIRE(sent.has_value());
        const auto opens = [&](BytesView in, BytesView with, BytesView sealed, BytesView text) {
            const auto opened = hpke_decrypt(suite, key, in, with, sealed, text);
            if (!opened && opened.error().code != Code::forged) FAIL("another refusal");
            return opened.has_value();
        };
        vectors::require_damage_refused(info, [&](const Bytes& damaged) {
            return opens(damaged, associated, sent->encapsulation, sent->ciphertext);
        });
        vectors::require_damage_refused(associated, [&](const Bytes& damaged) {
            return opens(info, damaged, sent->encapsulation, sent->ciphertext);
        });
        vectors::require_damage_refused(sent->encapsulation, [&](const Bytes& damaged) {
            return opens(info, associated, damaged, sent->ciphertext);
        });
        vectors::require_damage_refused(sent->ciphertext, [&](const Bytes& damaged) {
            return opens(info, associated, sent->encapsulation, damaged);
        });
    }
}

TEST_CASE("an X-Wing encapsulation with any bit changed opens nothing") {
    vectors::SeededRandom random(6);
    const KemKey key = KemKey::generate(default_suite.kem, random);
    const auto sent =
        hpke_encrypt(default_suite, key.public_key(), {}, {}, view_of("init secret"), random);
    REQUIRE(sent.has_value());
    vectors::require_damage_refused(sent->encapsulation, [&](const Bytes& damaged) {
        return hpke_decrypt(default_suite, key, {}, {}, damaged, sent->ciphertext).has_value();
    });
}

TEST_CASE("an export depends on its context, and its receiver gets the same") {
    vectors::SeededRandom random(7);
    const KemKey key = KemKey::generate(default_suite.kem, random);
    const auto sent =
        hpke_send_export(default_suite, key.public_key(), {}, view_of("one"), 48, random);
    REQUIRE(sent.has_value());
    const auto same =
        hpke_receive_export(default_suite, key, {}, sent->encapsulation, view_of("one"), 48);
    const auto other =
        hpke_receive_export(default_suite, key, {}, sent->encapsulation, view_of("two"), 48);
    REQUIRE(same.has_value());
    REQUIRE(other.has_value());
    CHECK(*same == sent->exported);
    CHECK(*other != sent->exported);
}

}  // namespace cercle::crypto
