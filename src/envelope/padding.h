// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Padding: everything that leaves a device has one of a few sizes, so that the relay cannot tell
// "oui" from a page.

#include <cstddef>

namespace cercle::envelope {

/// The smallest size class that holds `size`: 256, 1024, 4096 and on by fours to 64 KiB, and
/// beyond that multiples of 64 KiB.
[[nodiscard]] std::size_t size_class(std::size_t size);

}  // namespace cercle::envelope
