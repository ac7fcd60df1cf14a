// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// HKDF (RFC 5869).

#include <cstddef>
#include <memory>

#include "crypto/hash.h"

namespace cercle::crypto {

/// RFC 5869 section 2.2; an empty salt stands for zeros.
[[nodiscard]] Secret hkdf_extract(HashAlgorithm algorithm, BytesView salt, BytesView input);

/// RFC 5869 section 2.3; `size` at most 255 digests.
[[nodiscard]] Secret hkdf_expand(HashAlgorithm algorithm,
                                 BytesView key,
                                 BytesView info,
                                 std::size_t size);

/// hkdf_expand() of one key many times: the key is taken in once, which is most of the work. For
/// one thread at a time.
class HkdfKey {
  public:
    HkdfKey(HashAlgorithm algorithm, BytesView key);
    HkdfKey(const HkdfKey&) = delete;
    HkdfKey& operator=(const HkdfKey&) = delete;
    ~HkdfKey();

    [[nodiscard]] Secret expand(BytesView info, std::size_t size) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cercle::crypto
