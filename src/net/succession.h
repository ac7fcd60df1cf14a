// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Succession: how a relay's key is replaced, and those who know the old one learn the new one
// (decision 29). The old key signs a certificate for the new one, which says nothing else; the
// relay shows it in the handshake. Who pinned a key follows from it to the one that is shown.
//
//     shown:  new by K2 · root of K2 · K2 by K1 · root of K1      pinned: K1, K2 or the new one
//
// Each pair is a leaf and the self-signed root whose key has signed it (crypto/certificate.h).

#include <span>
#include <vector>

#include "base/random.h"
#include "crypto/sign.h"
#include "net/address.h"

namespace cercle::net {

/// How many keys back somebody may have been away. The oldest step is left out beyond that.
inline constexpr std::size_t most_successions = 8;

/// The fingerprint of a raw Ed25519 key.
[[nodiscard]] RelayKey fingerprint_of(BytesView public_key);

/// A self-signed certificate without any meaning, since only the key in it is looked at.
[[nodiscard]] Bytes own_certificate(const crypto::SigningKey& key);

/// What a relay shows once `next` (raw Ed25519) has replaced `key`, which had shown `before`.
[[nodiscard]] std::vector<Bytes> succeed(const crypto::SigningKey& key,
                                         const std::vector<Bytes>& before,
                                         BytesView next);

/// The key of the first certificate, if `pinned` leads to it. Errors: relay_key_mismatch.
[[nodiscard]] Result<RelayKey> follow_succession(std::span<const Bytes> shown,
                                                 const RelayKey& pinned);

}  // namespace cercle::net
