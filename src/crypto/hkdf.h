// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// HKDF (RFC 5869).

#include <cstddef>

#include "crypto/hash.h"

namespace cercle::crypto {

/// RFC 5869 section 2.2; an empty salt stands for zeros.
[[nodiscard]] Secret hkdf_extract(HashAlgorithm algorithm, BytesView salt, BytesView input);

/// RFC 5869 section 2.3; `size` at most 255 digests.
[[nodiscard]] Secret hkdf_expand(HashAlgorithm algorithm,
                                 BytesView key,
                                 BytesView info,
                                 std::size_t size);

}  // namespace cercle::crypto
