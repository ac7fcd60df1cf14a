// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Vectors of HPKE (RFC 9180's and the post-quantum draft's) and of X-Wing.
#include <algorithm>
#include <array>
#include <optional>

#include "crypto/hpke.h"
#include "tests/vectors/primitive_entries.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::vectors {

using namespace crypto;

namespace {

std::optional<KemAlgorithm> our_kem(const Json& entry) {
    const auto id = entry.at("kem_id").get<std::uint64_t>();
    const auto found = std::ranges::find(
        all_kems(), id, [](KemAlgorithm kem) { return static_cast<std::uint64_t>(kem); });
    return found == all_kems().end() ? std::nullopt : std::optional(*found);
}

/// Every key pair of the vector, whoever's it is.
void try_keys(KemAlgorithm kem, const Json& entry, Trial& trial) {
    for (const char* const who : {"R", "E", "S"}) {
        const std::string input = std::string("ikm") + who;
        // The post-quantum draft's ikmE is the randomness of an encapsulation.
        if (!entry.contains(input) || !entry.contains(std::string("pk") + who + "m")) continue;
        const KemKey key = KemKey::derive(kem, unhex(entry.at(input)));
        const Bytes public_key = unhex(entry.at(std::string("pk") + who + "m"));
        trial.expect(key.public_key() == public_key, "public key");
        Bytes secret = to_bytes(key.secret().reveal());
        if (kem == KemAlgorithm::DhkemX448 && entry.at("kdf_id") > 3) {
            // The post-quantum draft writes X448's scalars as RFC 7748 section 5 decodes them.
            secret.front() &= 0xfcU;
            secret.back() |= 0x80U;
        }
        trial.expect(secret == unhex(entry.at(std::string("sk") + who + "m")), "private key");
    }
}

void try_kem(KemAlgorithm kem, const Json& entry, Trial& trial) {
    const KemKey key = KemKey::derive(kem, unhex(entry.at("ikmR")));
    ScriptedRandom ephemeral(unhex(entry.at("ikmE")));
    const auto sent = encapsulate(kem, key.public_key(), ephemeral);
    if (!trial.expect(sent.has_value(), "encapsulating")) return;
    trial.expect(sent->encapsulation == unhex(entry.at("enc")), "enc");
    trial.expect(to_bytes(sent->shared.reveal()) == unhex(entry.at("shared_secret")),
                 "shared_secret");
    const auto received = key.decapsulate(sent->encapsulation);
    trial.expect(received && *received == sent->shared, "decapsulating");
}

/// First message and all exports of one vector in base mode. A context of ours is used once, so
/// the messages after the first have nothing here to be tried with.
void try_base_mode(const HpkeSuite& suite, const Json& entry, Trial& trial) {
    const Bytes info = unhex(entry.at("info"));
    const KemKey key = KemKey::derive(suite.kem, unhex(entry.at("ikmR")));
    const Json& message = entry.at("encryptions").at(0);
    const Bytes associated = unhex(message.at("aad"));
    const Bytes plaintext = unhex(message.at("pt"));
    ScriptedRandom ephemeral(unhex(entry.at("ikmE")));
    const auto sent = hpke_encrypt(suite, key.public_key(), info, associated, plaintext, ephemeral);
    if (!trial.expect(sent.has_value(), "sealing")) return;
    trial.expect(sent->encapsulation == unhex(entry.at("enc")), "enc");
    trial.expect(sent->ciphertext == unhex(message.at("ct")), "ct");
    const auto opened =
        hpke_decrypt(suite, key, info, associated, sent->encapsulation, sent->ciphertext);
    trial.expect(opened && to_bytes(opened->reveal()) == plaintext, "pt");

    for (const Json& exported : entry.at("exports")) {
        const Bytes context = unhex(exported.at("exporter_context"));
        const Bytes expected = unhex(exported.at("exported_value"));
        if (!trial.expect(expected.size() <= 255 * digest_size(suite.kdf), "exported size")) return;
        ScriptedRandom again(unhex(entry.at("ikmE")));
        const auto ours =
            hpke_send_export(suite, key.public_key(), info, context, expected.size(), again);
        if (!trial.expect(ours.has_value(), "exporting")) return;
        trial.expect(to_bytes(ours->exported.reveal()) == expected, "exported_value");
        const auto theirs =
            hpke_receive_export(suite, key, info, ours->encapsulation, context, expected.size());
        trial.expect(theirs && *theirs == ours->exported, "exported_value again");
    }
}

}  // namespace

/// The whole of it where crypto has the parts; otherwise its keys, and in base mode its
/// encapsulation.
void try_hpke(const Json& entry, Trial& trial) {
    constexpr std::array hashes{
        HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512};
    constexpr std::array aeads{
        AeadAlgorithm::Aes128Gcm, AeadAlgorithm::Aes256Gcm, AeadAlgorithm::ChaCha20Poly1305};
    constexpr std::array modes{"base", "psk", "auth", "auth_psk"};
    const auto kem = our_kem(entry);
    if (!kem) {
        return trial.not_covered(entry.at("kem_id") == 0x40
                                     ? "ML-KEM-512, which no suite of MLS has"
                                     : "a KEM that no suite of MLS has");
    }
    const auto mode = entry.at("mode").get<std::size_t>();
    const auto kdf = entry.at("kdf_id").get<std::size_t>();
    const auto aead = entry.at("aead_id").get<std::size_t>();
    if (!trial.expect(mode < modes.size() && kdf > 0 && aead > 0, "mode, kdf_id, aead_id")) return;
    try_keys(*kem, entry, trial);
    if (mode != 0) {
        return trial.not_covered(std::string("mode ") + modes.at(mode) +
                                 ", which MLS does not use, but its keys agree");
    }
    try_kem(*kem, entry, trial);
    if (kdf > hashes.size()) {
        return trial.not_covered(
            "a SHAKE as KDF, which MLS does not use, but its keys and KEM agree");
    }
    if (aead > aeads.size()) {
        return trial.not_covered("no AEAD, which MLS does not use, but its keys and KEM agree");
    }
    try_base_mode(
        {.kem = *kem, .kdf = hashes.at(kdf - 1), .aead = aeads.at(aead - 1)}, entry, trial);
}

void try_xwing(const Json& entry, Trial& trial) {
    const auto key = KemKey::from_secret(KemAlgorithm::XWing, unhex(entry.at("seed")));
    if (!trial.expect(key.has_value(), "seed")) return;
    trial.expect(key->public_key() == unhex(entry.at("pk")), "pk");
    trial.expect(to_bytes(key->secret().reveal()) == unhex(entry.at("sk")), "sk");
    ScriptedRandom random(unhex(entry.at("eseed")));
    const auto sent = encapsulate(KemAlgorithm::XWing, key->public_key(), random);
    if (!trial.expect(sent && random.used_up(), "eseed")) return;
    trial.expect(sent->encapsulation == unhex(entry.at("ct")), "ct");
    trial.expect(to_bytes(sent->shared.reveal()) == unhex(entry.at("ss")), "ss");
    const auto received = key->decapsulate(sent->encapsulation);
    trial.expect(received && *received == sent->shared, "decapsulating");
}

}  // namespace cercle::vectors
