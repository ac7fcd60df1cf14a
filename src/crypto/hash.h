// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Hashes and HMAC (FIPS 180-4, FIPS 202, RFC 2104).

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include "base/bytes.h"
#include "base/secret.h"

namespace cercle::crypto {

enum class HashAlgorithm : std::uint8_t { Sha256, Sha384, Sha512 };

using Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] std::size_t digest_size(HashAlgorithm algorithm);

/// The hash of the parts, one after the other.
[[nodiscard]] Bytes hash(HashAlgorithm algorithm, std::initializer_list<BytesView> parts);
[[nodiscard]] Digest sha256(std::initializer_list<BytesView> parts);
[[nodiscard]] Digest sha256(BytesView bytes);

/// A hash of what comes piece by piece, such as a file.
class RunningHash {
  public:
    explicit RunningHash(HashAlgorithm algorithm);
    RunningHash(RunningHash&&) noexcept;
    RunningHash& operator=(RunningHash&&) noexcept;
    ~RunningHash();

    void add(BytesView piece);

    /// Of everything so far and `last`, which is not added; more may follow.
    [[nodiscard]] Bytes digest(BytesView last = {}) const;

  private:
    struct State;

    std::unique_ptr<State> state_;
};

class RunningSha256 {
  public:
    void add(BytesView piece) { hash_.add(piece); }

    /// Of everything so far; more may follow.
    [[nodiscard]] Digest digest() const;

  private:
    RunningHash hash_{HashAlgorithm::Sha256};
};

/// For secrets: the result is one, too (X-Wing's combiner).
[[nodiscard]] Secret sha3_256(std::initializer_list<BytesView> parts);
/// `size` bytes of SHAKE256.
[[nodiscard]] Secret shake256(std::initializer_list<BytesView> parts, std::size_t size);

/// A tag that an enemy may see.
[[nodiscard]] Bytes hmac(HashAlgorithm algorithm, BytesView key, BytesView message);

}  // namespace cercle::crypto
