// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Argon2id (RFC 9106): from what a person can remember to a key.

#include <cstddef>
#include <cstdint>

#include "base/secret.h"

namespace cercle::crypto {

struct Argon2Cost {
    std::uint32_t memory_kib = 64 * 1024;
    std::uint32_t passes = 3;
};

[[nodiscard]] Secret argon2id(BytesView passphrase,
                              BytesView salt,
                              Argon2Cost cost,
                              std::size_t size);

}  // namespace cercle::crypto
