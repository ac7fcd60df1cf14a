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

namespace {

// RFC 5869 section 2.3: T(N) = HMAC-Hash(PRK, T(N-1) | info | N), T(0) = empty string. `keyed`
// has taken in PRK.
Secret expand_with(Hmac& keyed, std::size_t step, BytesView info, std::size_t size) {
    CHECK(size <= 255 * step, "HKDF gives at most 255 digests");
    Secret output(size);
    Secret block(step);
    std::span<std::uint8_t> left = output.expose();
    for (std::uint8_t counter = 1; !left.empty(); ++counter) {
        keyed.restart();
        if (counter > 1) keyed.add(block.reveal());
        keyed.add(info).add({&counter, 1}).finish(block.expose());
        const std::size_t taken = std::min(step, left.size());
        std::ranges::copy(block.reveal().first(taken), left.begin());
        left = left.subspan(taken);
    }
    return output;
}

}  // namespace

Secret hkdf_expand(HashAlgorithm algorithm, BytesView key, BytesView info, std::size_t size) {
    Hmac keyed(algorithm, key);
    return expand_with(keyed, digest_size(algorithm), info, size);
}

struct HkdfKey::State {
    Hmac keyed;
    std::size_t step;
};

HkdfKey::HkdfKey(HashAlgorithm algorithm, BytesView key)
    : state_(std::make_unique<State>(Hmac(algorithm, key), digest_size(algorithm))) {}

HkdfKey::~HkdfKey() = default;

Secret HkdfKey::expand(BytesView info, std::size_t size) const {
    return expand_with(state_->keyed, state_->step, info, size);
}

}  // namespace cercle::crypto
