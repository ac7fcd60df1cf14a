// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/epoch_rights.h"

#include "base/check.h"

namespace cercle::envelope {
namespace {

template <class Exporter>
EpochRights derive(const Exporter& epoch) {
    const Secret seed = epoch.export_secret("Cercle 1 bundle key", {}, 32);
    auto key = crypto::SigningKey::from_secret(crypto::SignatureAlgorithm::Ed25519, seed.reveal());
    CHECK(key.has_value(), "every 32 bytes are an Ed25519 key");
    return {epoch.export_secret("Cercle 1 append token", {}, access::token_size), *std::move(key)};
}

}  // namespace

protocol::Verifier EpochRights::verifier() const {
    const auto key = protocol::BundleKey::from(bundle_key.public_key());
    CHECK(key.has_value(), "an Ed25519 public key has 32 bytes");
    return {{access::token_hash(access::Right::Append, append_token)}, *key};
}

EpochRights rights_of(const mls::Group& group) {
    return derive(group);
}

EpochRights rights_of(const mls::NextEpoch& next) {
    return derive(next);
}

}  // namespace cercle::envelope
