// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Slab: the one piece of locked memory in which all secrets of a process live.
//
// mlock'ed (never swapped), excluded from core dumps, fenced by unreadable pages. If it cannot
// be had the program must refuse to start; secrets in ordinary memory are not an answer. It is
// small on purpose (4 MiB of the usual 8 MiB limit): what is not in use rests in the vault,
// encrypted, and not here.

#include <cstddef>
#include <cstdint>

#include "base/result.h"

namespace cercle::slab {

inline constexpr std::size_t capacity = std::size_t{4} << 20U;

/// Reserves and locks the memory. Call first thing in main(); harmless a second time.
/// Errors: locked_memory.
Result<void> open();

/// At least `size` bytes, zeroed; never null. Opens the slab if main() did not. Ends the
/// process when the slab is full, as any program does that is out of memory.
[[nodiscard]] std::uint8_t* take(std::size_t size);

/// Wipes and gives back what take() returned for that size.
void give_back(std::uint8_t* block, std::size_t size);

/// Bytes taken at the moment, rounded up as the slab rounds them. For tests.
[[nodiscard]] std::size_t in_use();

}  // namespace cercle::slab

namespace cercle {

/// Zeroes memory in a way that no optimiser removes.
void wipe(void* memory, std::size_t size);

/// No core dumps, and no other process of this user may read our memory. To be called first in
/// main(): the program is started anew, once, with all functions of all libraries bound
/// (LD_BIND_NOW). A function that is bound at its first call has the dynamic linker save vector
/// registers on the stack, and secrets may stand in them.
void harden_process();

}  // namespace cercle
