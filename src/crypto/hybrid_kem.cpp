// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/hybrid_kem.h"

#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/labeled.h"
#include "crypto/raw_key.h"

namespace cercle::crypto {
namespace {

/// SHA3-256(ss_PQ || ss_T || ct_T || ek_T || Label)
Secret combine(const HybridKem& kem,
               const Secret& from_lattice,
               const Secret& from_curve,
               BytesView curve_ciphertext,
               BytesView curve_public_key) {
    return sha3_256({from_lattice.reveal(),
                     from_curve.reveal(),
                     curve_ciphertext,
                     curve_public_key,
                     view_of(kem.label)});
}

/// RandomScalar(seed): the first candidate in the seed that is a scalar.
BytesView scalar_in(const Curve& curve, BytesView seed) {
    for (; seed.size() >= curve.scalar_size; seed = seed.subspan(curve.scalar_size)) {
        const BytesView candidate = seed.first(curve.scalar_size);
        if (curve.is_scalar(candidate)) return candidate;
    }
    // "< 2^-128 for P-256 and < 2^-192 for P-384"
    end_on_bug("no scalar in a seed");
}

/// A scalar of its own for one encapsulation.
Secret random_scalar(const Curve& curve, Random& random) {
    Secret scalar(curve.scalar_size);
    for (int candidate = 0; candidate < 64; ++candidate) {
        random.fill(scalar.expose());
        if (curve.is_scalar(scalar.reveal())) return scalar;
    }
    end_on_bug("a source of randomness that is none");
}

}  // namespace

Secret HybridKem::derive(BytesView input) const {
    return labeled_derive(kem_suite_id(id), input, "DeriveKeyPair", secret_size());
}

Result<ExpandedKey> HybridKem::expand(BytesView secret) const {
    Secret seeds = shake256({secret}, Lattice::seed_size + scalar_seed_size);
    ExpandedKey key;
    key.lattice = lattice.from_seed(seeds.expose().first(Lattice::seed_size));
    key.curve = curve.import_scalar(scalar_in(curve, seeds.reveal().subspan(Lattice::seed_size)));
    key.public_key = export_public(key.lattice.get());
    append(key.public_key, curve.element_of(key.curve.get()));
    return key;
}

Result<Encapsulated> HybridKem::encapsulate(BytesView public_key, Random& random) const {
    const BytesView curve_public_key = public_key.subspan(lattice.public_key_size);
    TRY(const Pkey lattice_peer, lattice.import_public(public_key.first(lattice.public_key_size)));
    TRY(const Pkey curve_peer, curve.import_element(curve_public_key));

    // In the order of EncapsDerand's randomness.
    Secret message(Lattice::message_size);
    random.fill(message.expose());
    const Secret scalar = random_scalar(curve, random);
    const Pkey ephemeral = curve.import_scalar(scalar.reveal());
    TRY(const Secret agreed, curve.agree(ephemeral.get(), curve_peer.get()));

    Bytes ciphertext;
    const Secret encapsulated =
        lattice.encapsulate(lattice_peer.get(), message.expose(), ciphertext);
    append(ciphertext, curve.element_of(ephemeral.get()));
    Secret shared = combine(*this,
                            encapsulated,
                            agreed,
                            BytesView(ciphertext).subspan(lattice.ciphertext_size),
                            curve_public_key);
    return Encapsulated{std::move(shared), std::move(ciphertext)};
}

Result<Secret> HybridKem::decapsulate(const ExpandedKey& key, BytesView encapsulation) const {
    const BytesView curve_ciphertext = encapsulation.subspan(lattice.ciphertext_size);
    TRY(const Pkey peer, curve.import_element(curve_ciphertext));
    TRY(const Secret agreed, curve.agree(key.curve.get(), peer.get()));
    const Secret decapsulated =
        Lattice::decapsulate(key.lattice.get(), encapsulation.first(lattice.ciphertext_size));
    return combine(*this,
                   decapsulated,
                   agreed,
                   curve_ciphertext,
                   BytesView(key.public_key).subspan(lattice.public_key_size));
}

}  // namespace cercle::crypto
