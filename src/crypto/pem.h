// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// PEM of certificates (RFC 7468), of any profile: what an operator gives a server, one below the
// other, its own first.

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cercle::crypto {

inline constexpr std::size_t most_pem_certificates = 32;

[[nodiscard]] std::string encode_pem_certificates(const std::vector<Bytes>& certificates);

/// The DER of each. What stands around them is skipped, as everywhere. Errors:
/// certificate_invalid (none, too many, or something else in one of them).
[[nodiscard]] Result<std::vector<Bytes>> decode_pem_certificates(BytesView pem);

}  // namespace cercle::crypto
