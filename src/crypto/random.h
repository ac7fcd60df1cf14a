// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The operating system's randomness, through OpenSSL's private generator.

#include "base/random.h"

namespace cercle::crypto {

class SystemRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> target) override;
};

}  // namespace cercle::crypto
