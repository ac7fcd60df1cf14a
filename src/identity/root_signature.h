// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// RootSignature: how the circle's authority signs, whatever it signs: with both of its keys, so
// that who can forge Ed25519 one day has not forged the circle's word (docs/decisions/0069). Made
// by Authority::sign and judged by Root::verify (identity/passport.h), and by nothing else.

#include <cstddef>
#include <tuple>

#include "base/bytes.h"

namespace cercle::identity {

struct RootSignature {
    Bytes ed25519;  // 64 bytes
    Bytes ml_dsa;   // ML-DSA-65, 3,309 bytes

    auto fields(this auto& self) { return std::tie(self.ed25519, self.ml_dsa); }

    friend bool operator==(const RootSignature&, const RootSignature&) = default;
};

/// Encoded.
inline constexpr std::size_t root_signature_size = (2 + 64) + (2 + 3309);

}  // namespace cercle::identity
