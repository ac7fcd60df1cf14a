// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Slot: the file in which the vault's key lies, closed under the passphrase (docs/spec/vault.md).
// Private to this folder.

#include <array>
#include <cstdint>
#include <tuple>

#include "client/vault.h"
#include "crypto/aead.h"

namespace cercle::client {

struct Slot {
    std::uint8_t version = vault_version;
    std::uint32_t memory_kib = 0;
    std::uint32_t passes = 0;
    std::array<std::uint8_t, 16> salt{};
    std::array<std::uint8_t, crypto::aead_nonce_size> nonce{};
    Bytes wrapped;

    auto fields(this auto& self) {
        return std::tie(
            self.version, self.memory_kib, self.passes, self.salt, self.nonce, self.wrapped);
    }
};

}  // namespace cercle::client
