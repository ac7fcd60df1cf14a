// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Town: the keys, names and tokens of a circle of many devices, each derived from its number, so
// that several processes know the same circle without telling each other.

#include <cstdint>

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "protocol/frames.h"

namespace cercle::bench {

/// Into which log a writer writes.
enum class Where : std::uint8_t { Own, Shared };

class Town {
  public:
    [[nodiscard]] crypto::SigningKey officer() const;
    [[nodiscard]] crypto::SigningKey device(std::uint32_t number) const;
    [[nodiscard]] crypto::SigningKey reader(std::uint32_t number) const;

    /// A log of which one device has all rights, or the one that all share.
    [[nodiscard]] protocol::LogId log(std::uint32_t number, Where where) const;

    /// The right to append to a device's own log.
    [[nodiscard]] crypto::Digest token(std::uint32_t number) const;

    /// An officer's order that admits a device; orders are numbered from 1, devices from 0.
    [[nodiscard]] Bytes admission(std::uint32_t number) const;
    /// A device's request for its log; the shared one has all devices up to `readers` as readers.
    [[nodiscard]] protocol::CreateLog founding(std::uint32_t number,
                                               Where where,
                                               std::uint32_t readers) const;
    /// A Post of one entry of 1 KiB, whose number, id and first bytes are zeros.
    [[nodiscard]] protocol::Post post(std::uint32_t number, Where where) const;
};

/// Another one each time, as clients choose them.
void fill_randomly(std::span<std::uint8_t> target);

}  // namespace cercle::bench
