// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Padding: everything that leaves a device has one of a few sizes, so that the relay cannot tell
// "oui" from a page.

#include <cstddef>
#include <cstdint>

namespace cercle::envelope {

/// The smallest size class that holds `size`: 256, 1024, 4096 and on by fours to 64 KiB, and
/// beyond that multiples of 64 KiB.
[[nodiscard]] std::size_t size_class(std::size_t size);

/// Padmé (Nikitin and others, 2019): the next number whose lower bits are zero, all but the highest
/// few. At most 12 % more, and what it shows of `count` is one of few classes.
[[nodiscard]] std::uint64_t padme(std::uint64_t count);

}  // namespace cercle::envelope
