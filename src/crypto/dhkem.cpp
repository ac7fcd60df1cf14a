// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/dhkem.h"

#include "base/check.h"
#include "crypto/labeled.h"

namespace cercle::crypto {
namespace {

LabeledKdf kdf_of(const Dhkem& kem) {
    return {.algorithm = kem.hash, .suite_id = kem_suite_id(kem.id)};
}

/// RFC 9180 section 4.1, ExtractAndExpand.
Secret extract_and_expand(const Dhkem& kem,
                          const Secret& agreed,
                          BytesView encapsulation,
                          BytesView public_key) {
    const LabeledKdf kdf = kdf_of(kem);
    Bytes context = to_bytes(encapsulation);
    append(context, public_key);
    const Secret key = kdf.extract({}, "eae_prk", {agreed.reveal()});
    return kdf.expand(key.reveal(), "shared_secret", context, digest_size(kem.hash));
}

/// RFC 9180 section 7.1.3, for NIST's curves.
Secret derive_candidate(const Curve& curve, const LabeledKdf& kdf, const Secret& key) {
    for (std::uint8_t counter = 0; counter < 255; ++counter) {
        Secret candidate = kdf.expand(key.reveal(), "candidate", {&counter, 1}, curve.scalar_size);
        // "the bitmask is set to 0xFF for P-256 and P-384, and 0x01 for P-521"
        candidate.expose().front() &= curve.top_mask;
        if (curve.is_scalar(candidate.reveal())) return candidate;
    }
    // Each candidate is refused once in 2^32 times, or more seldom.
    end_on_bug("no private key in 255 candidates");
}

}  // namespace

Secret Dhkem::derive(BytesView input) const {
    const LabeledKdf kdf = kdf_of(*this);
    const Secret key = kdf.extract({}, "dkp_prk", {input});
    if (curve.is_prime_curve()) return derive_candidate(curve, kdf, key);
    return kdf.expand(key.reveal(), "sk", {}, curve.scalar_size);
}

Result<ExpandedKey> Dhkem::expand(BytesView secret) const {
    if (!curve.is_scalar(secret)) return fail(Code::invalid_key, "a private key out of range");
    ExpandedKey key;
    key.curve = curve.import_scalar(secret);
    key.public_key = curve.element_of(key.curve.get());
    return key;
}

Result<Encapsulated> Dhkem::encapsulate(BytesView public_key, Random& random) const {
    TRY(const Pkey peer, curve.import_element(public_key));
    Secret input(secret_size());
    random.fill(input.expose());
    const Secret scalar = derive(input.reveal());
    const Pkey ephemeral = curve.import_scalar(scalar.reveal());
    TRY(const Secret agreed, curve.agree(ephemeral.get(), peer.get()));
    Bytes encapsulation = curve.element_of(ephemeral.get());
    Secret shared = extract_and_expand(*this, agreed, encapsulation, public_key);
    return Encapsulated{std::move(shared), std::move(encapsulation)};
}

Result<Secret> Dhkem::decapsulate(const ExpandedKey& key, BytesView encapsulation) const {
    TRY(const Pkey peer, curve.import_element(encapsulation));
    TRY(const Secret agreed, curve.agree(key.curve.get(), peer.get()));
    return extract_and_expand(*this, agreed, encapsulation, key.public_key);
}

}  // namespace cercle::crypto
