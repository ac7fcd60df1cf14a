// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/kem.h"

#include <utility>

#include "base/check.h"
#include "crypto/labeled.h"
#include "crypto/raw_key.h"
#include "crypto/xwing.h"

namespace cercle::crypto {
namespace {

Bytes suite_id(KemAlgorithm algorithm) {
    Bytes id = to_bytes("KEM");
    append_uint16(id, static_cast<std::size_t>(algorithm));
    return id;
}

LabeledKdf kdf_of(KemAlgorithm algorithm) {
    return {.algorithm = HashAlgorithm::Sha256, .suite_id = suite_id(algorithm)};
}

/// RFC 9180 section 4.1, ExtractAndExpand.
Secret extract_and_expand(KemAlgorithm algorithm,
                          const Secret& agreed,
                          BytesView encapsulation,
                          BytesView public_key) {
    const LabeledKdf kdf = kdf_of(algorithm);
    Bytes context = to_bytes(encapsulation);
    append(context, public_key);
    const Secret key = kdf.extract({}, "eae_prk", agreed.reveal());
    return kdf.expand(key.reveal(), "shared_secret", context, 32);
}

/// RFC 9180 section 7.1.3, for P-256.
Secret derive_p256(const LabeledKdf& kdf, const Secret& key) {
    for (std::uint8_t counter = 0; counter < 255; ++counter) {
        Secret candidate = kdf.expand(key.reveal(), "candidate", {&counter, 1}, p256_scalar_size);
        // "bitmask ... 0xFF for P-256": nothing is cut off before the comparison.
        if (is_p256_scalar(candidate.reveal())) return candidate;
    }
    // Each candidate is refused once in 2^32 times.
    end_on_bug("no P-256 key in 255 candidates");
}

Secret derive_secret(KemAlgorithm algorithm, BytesView input) {
    if (algorithm == KemAlgorithm::XWing) {
        // SHAKE256.LabeledDerive(ikm, "DeriveKeyPair", "", 32) of draft-ietf-hpke-pq:
        // ikm || "HPKE-v1" || suite_id || lengthPrefixed(label) || I2OSP(L, 2) || context
        constexpr std::string_view label = "DeriveKeyPair";
        Bytes labeled = to_bytes(hpke_version);
        append(labeled, suite_id(algorithm));
        append_uint16(labeled, label.size());
        append(labeled, view_of(label));
        append_uint16(labeled, xwing::seed_size);
        return shake256({input, labeled}, xwing::seed_size);
    }
    const LabeledKdf kdf = kdf_of(algorithm);
    const Secret key = kdf.extract({}, "dkp_prk", input);
    if (algorithm == KemAlgorithm::DhkemP256) return derive_p256(kdf, key);
    return kdf.expand(key.reveal(), "sk", {}, 32);
}

Result<Pkey> import_peer(KemAlgorithm algorithm, BytesView public_key) {
    if (algorithm == KemAlgorithm::DhkemP256) return import_p256_public(public_key);
    return import_public("X25519", public_key);
}

}  // namespace

std::size_t kem_public_key_size(KemAlgorithm algorithm) {
    switch (algorithm) {
        case KemAlgorithm::DhkemP256:
            return p256_point_size;
        case KemAlgorithm::DhkemX25519:
            return 32;
        case KemAlgorithm::XWing:
            return xwing::public_key_size;
    }
    end_on_bug("a KEM that does not exist");
}

std::size_t kem_private_key_size(KemAlgorithm /*algorithm*/) {
    return 32;
}

std::size_t kem_encapsulation_size(KemAlgorithm algorithm) {
    return algorithm == KemAlgorithm::XWing ? xwing::ciphertext_size
                                            : kem_public_key_size(algorithm);
}

KemKey::KemKey(
    KemAlgorithm algorithm, Secret secret, Bytes public_key, Pkey classical, Pkey post_quantum)
    : algorithm_(algorithm),
      secret_(std::move(secret)),
      public_key_(std::move(public_key)),
      classical_(std::move(classical)),
      post_quantum_(std::move(post_quantum)) {}

KemKey KemKey::generate(KemAlgorithm algorithm, Random& random) {
    Secret input(kem_private_key_size(algorithm));
    random.fill(input.expose());
    return derive(algorithm, input.reveal());
}

KemKey KemKey::derive(KemAlgorithm algorithm, BytesView input) {
    const Secret secret = derive_secret(algorithm, input);
    Result<KemKey> key = from_secret(algorithm, secret.reveal());
    CHECK(key.has_value(), "a derived key is not a key");
    return *std::move(key);
}

Result<KemKey> KemKey::from_secret(KemAlgorithm algorithm, BytesView secret) {
    if (secret.size() != kem_private_key_size(algorithm)) {
        return fail(Code::invalid_key, "a private key of the wrong size");
    }
    if (algorithm == KemAlgorithm::XWing) {
        xwing::KeyPair pair = xwing::expand(secret);
        return KemKey(algorithm,
                      Secret::copy_of(secret),
                      std::move(pair.public_key),
                      std::move(pair.curve),
                      std::move(pair.lattice));
    }
    if (algorithm == KemAlgorithm::DhkemP256) {
        if (!is_p256_scalar(secret)) return fail(Code::invalid_key, "a private key out of range");
        Bytes point = p256_public_of(secret);
        Pkey handle = import_p256_private(secret, point);
        return KemKey(
            algorithm, Secret::copy_of(secret), std::move(point), std::move(handle), Pkey{});
    }
    Pkey handle = import_private("X25519", secret);
    Bytes public_key = export_public(handle.get());
    return KemKey(
        algorithm, Secret::copy_of(secret), std::move(public_key), std::move(handle), Pkey{});
}

Result<Secret> KemKey::decapsulate(BytesView encapsulation) const {
    if (encapsulation.size() != kem_encapsulation_size(algorithm_)) {
        return fail(Code::invalid_key, "an encapsulation of the wrong size");
    }
    if (algorithm_ == KemAlgorithm::XWing) {
        return xwing::decapsulate(
            post_quantum_.get(), classical_.get(), public_key_, encapsulation);
    }
    TRY(const Pkey peer, import_peer(algorithm_, encapsulation));
    TRY(const Secret agreed, agree(classical_.get(), peer.get()));
    return extract_and_expand(algorithm_, agreed, encapsulation, public_key_);
}

KemKey KemKey::copy() const {
    return {algorithm_, secret_.copy(), public_key_, share(classical_), share(post_quantum_)};
}

Result<Encapsulated> encapsulate(KemAlgorithm algorithm, BytesView public_key, Random& random) {
    if (public_key.size() != kem_public_key_size(algorithm)) {
        return fail(Code::invalid_key, "a public key of the wrong size");
    }
    if (algorithm == KemAlgorithm::XWing) return xwing::encapsulate(public_key, random);
    TRY(const Pkey peer, import_peer(algorithm, public_key));
    const KemKey ephemeral = KemKey::generate(algorithm, random);
    TRY(const Secret agreed, agree(ephemeral.handle(), peer.get()));
    return Encapsulated{extract_and_expand(algorithm, agreed, ephemeral.public_key(), public_key),
                        ephemeral.public_key()};
}

}  // namespace cercle::crypto
