// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Tally: what a relay counts for its operator. Numbers only, without names, ids or addresses, and
// none of them belongs to one device, one log or one conversation.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cercle::relay {

/// How often a value came out at most so large.
template <std::size_t Count>
struct Distribution {
    std::array<std::uint64_t, Count> bounds;        // ascending
    std::array<std::uint64_t, Count + 1> counts{};  // the last one: above every bound
    std::uint64_t sum = 0;

    void add(std::uint64_t value) {
        const auto place = std::ranges::lower_bound(bounds, value) - bounds.begin();
        ++counts[static_cast<std::size_t>(place)];
        sum += value;
    }
};

/// Refusals by the number that protocol/refusal.h gives them.
inline constexpr std::size_t refusal_kinds = 32;

struct Tally {
    std::uint64_t sessions_begun = 0;
    std::uint64_t sessions_turned_away = 0;
    std::uint64_t answers = 0;   // requests that were done
    std::uint64_t appended = 0;  // entries
    std::array<std::uint64_t, refusal_kinds> refusals{};
    std::uint64_t slowed = 0;                          // pauses of sessions over their rate
    std::uint64_t store_faults = 0;                    // batches that failed as a whole
    std::uint64_t refused_for_room = 0;                // requests, for want of room on the disk
    Distribution<6> batch{{1, 4, 16, 64, 256, 1024}};  // requests in one transaction
    /// Milliseconds from the beginning of a transaction until it is on disk.
    Distribution<7> commit{{1, 2, 5, 10, 25, 100, 1'000}};
};

}  // namespace cercle::relay
