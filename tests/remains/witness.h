// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The witness of secrets: notes everything that this process derives or draws, and when.
//
// The linker puts it behind crypto's hkdf_extract, hkdf_expand, HkdfKey::expand, shake256 and
// sha3_256, and behind mls::random_secret (the tests' --wrap), out of which every secret of MLS
// comes, so the product needs no hook for it. A note is masked: what is looked for stands nowhere
// because somebody looks for it.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "tests/remains/kept_memory.h"

namespace cercle::remains {

/// A secret, each byte of it combined with the mask.
using Masked = Bytes;

inline constexpr std::uint8_t mask = 0xa5;

/// Notes all secrets from now on, until it is destroyed; one at a time. Freed memory is kept
/// meanwhile.
class Witness {
  public:
    Witness();
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    ~Witness();

    void note(BytesView secret);

    /// Each once, in the order of their first appearance.
    [[nodiscard]] const std::vector<Masked>& notes() const { return notes_; }

  private:
    KeptMemory memory_;
    std::vector<Masked> notes_;
};

}  // namespace cercle::remains
