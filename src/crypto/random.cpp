// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/random.h"

#include <openssl/rand.h>

#include "base/check.h"

namespace cercle::crypto {

void SystemRandom::fill(std::span<std::uint8_t> target) {
    CHECK(RAND_priv_bytes_ex(nullptr, target.data(), target.size(), 256) == 1,
          "the operating system gives no randomness");
}

}  // namespace cercle::crypto
