// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/hkdf.h"

#include <algorithm>

#include "crypto/hmac.h"

namespace cercle::crypto {

Secret hkdf_extract(HashAlgorithm algorithm, BytesView salt, BytesView input) {
    // An empty key and one of zeros are padded to the same block.
    Secret key(digest_size(algorithm));
    Hmac(algorithm, salt).add(input).finish(key.expose());
    return key;
}

Secret hkdf_expand(HashAlgorithm algorithm, BytesView key, BytesView info, std::size_t size) {
    const std::size_t step = digest_size(algorithm);
    CHECK(size <= 255 * step, "HKDF gives at most 255 digests");
    Secret output(size);
    Secret block(step);
    std::span<std::uint8_t> left = output.expose();
    // RFC 5869 section 2.3: T(N) = HMAC-Hash(PRK, T(N-1) | info | N), T(0) = empty string
    for (std::uint8_t counter = 1; !left.empty(); ++counter) {
        Hmac mac(algorithm, key);
        if (counter > 1) mac.add(block.reveal());
        mac.add(info).add({&counter, 1}).finish(block.expose());
        const std::size_t taken = std::min(step, left.size());
        std::ranges::copy(block.reveal().first(taken), left.begin());
        left = left.subspan(taken);
    }
    return output;
}

}  // namespace cercle::crypto
