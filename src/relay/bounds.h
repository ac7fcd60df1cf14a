// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Bounds: how much of everything a relay takes. What is over one is refused, and nothing that
// was taken is ever thrown away to make room.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace cercle::relay::bounds {

// ---- what is stored
inline constexpr std::uint64_t entries_per_log = 4'000'000;
inline constexpr std::uint64_t bytes_per_log = std::uint64_t{4} << 30U;
inline constexpr std::uint64_t entries_per_inbox = 100'000;
inline constexpr std::uint64_t bytes_per_inbox = std::uint64_t{256} << 20U;
inline constexpr std::uint64_t logs_per_device = 10'000;
inline constexpr std::uint64_t readers_per_log = 20'000;
inline constexpr std::uint32_t packages_per_inbox = 100;
inline constexpr std::uint32_t taken_packages_kept = 1'000;
inline constexpr std::size_t longest_package = std::size_t{64} << 10U;
inline constexpr std::uint64_t cards_per_inbox = 1'000;
inline constexpr std::uint32_t budget_of_card = 10'000;
inline constexpr std::uint32_t misuse_counted = 1'000'000;
inline constexpr std::uint32_t share_changes_per_minute = 20;
inline constexpr std::uint64_t exchanges = 10'000;
inline constexpr std::uint8_t steps_per_exchange = 16;
inline constexpr std::size_t longest_step = std::size_t{256} << 10U;
/// Of blobs: 1 GiB a device and day, 64 GiB in all.
inline constexpr std::uint64_t places_per_device_and_day = 16'384;
inline constexpr std::uint64_t places = 1'048'576;
inline constexpr Duration blob_retention = std::chrono::days{30};
/// What nobody has acknowledged by then goes all the same; an operator may set another.
inline constexpr Duration entry_retention = std::chrono::days{90};
/// So long an entry waits for a reader that it has put out: it should hear of that.
inline constexpr Duration patience_for_the_dropped = std::chrono::days{7};

/// So long a restored log waits for its readers, before it goes on without what they have kept.
inline constexpr Duration patience_for_readers = std::chrono::minutes{5};
/// And so long something is put into its past, if it has not gone on by then.
inline constexpr Duration patience_for_giving_back = std::chrono::hours{1};

// ---- what is answered at once
inline constexpr std::size_t entries_per_answer = 1'024;
inline constexpr std::size_t bytes_per_answer = std::size_t{768} << 10U;

/// What one card takes in a list of them, at most.
inline constexpr std::size_t listed_card = 512;

// ---- sessions
inline constexpr std::size_t sessions_before_hello = 512;
/// Whom nobody vouches for yet holds little: one frame that is decided on, one that is read ahead.
inline constexpr std::size_t longest_hello = std::size_t{4} << 10U;
inline constexpr std::size_t longest_of_strangers = std::size_t{8} << 10U;
inline constexpr std::size_t strangers = 256;
inline constexpr std::size_t sessions_per_device = 8;
inline constexpr std::size_t requests_per_session = 64;
/// Until it has shown an invitation's token.
inline constexpr std::size_t requests_per_stranger = 1;
/// Of requests under way and of answers not yet sent.
inline constexpr std::size_t bytes_per_session = std::size_t{4} << 20U;
/// The same of all sessions together: beyond it, who has a request under way waits to send another;
/// beyond twice as much requests are refused.
inline constexpr std::size_t bytes_of_all_sessions = std::size_t{512} << 20U;
inline constexpr std::size_t opened_logs_per_session = 16'384;
inline constexpr std::size_t watched_exchanges_per_session = 256;
inline constexpr Duration patience_for_hello = std::chrono::seconds{10};
inline constexpr Duration patience_for_strangers = std::chrono::minutes{15};
inline constexpr Duration patience_for_sending = std::chrono::seconds{30};

// ---- rates: whoever asks for more is heard later, and not refused (rate.h)
/// Of a device, all its sessions together. An operator may set others.
inline constexpr std::uint64_t requests_per_second = 2'000;
inline constexpr std::uint64_t bytes_per_second = std::uint64_t{64} << 20U;
/// Of a session of newcomers, holders and officers of no circle here. What a card takes in a day is
/// its owner's to say (budget_of_card), and a guess waits for its own delays.
inline constexpr std::uint64_t requests_of_stranger_per_second = 20;
inline constexpr std::uint64_t bytes_of_stranger_per_second = std::uint64_t{1} << 20U;

// ---- sweeping: what has ended goes away in pieces, between which others are served
inline constexpr std::uint32_t chunks_per_sweep = 64;
inline constexpr Duration longest_pause_between_sweeps = std::chrono::hours{1};
inline constexpr std::size_t logs_per_look = 256;
inline constexpr std::size_t entries_per_trim = 1'024;
inline constexpr std::uint64_t bytes_per_trim = std::uint64_t{4} << 20U;
inline constexpr Duration pause_between_trims = std::chrono::hours{1};

// ---- settling: entries that came lately get their places in the trees later, many at a time
inline constexpr std::size_t entries_unsettled = 131'072;
inline constexpr std::size_t entries_per_settling = 4'096;

// ---- batches
inline constexpr std::size_t requests_per_batch = 512;
/// On their way to the disk: one that it works on, and one that waits for its turn there.
inline constexpr std::size_t batches_under_way = 2;
inline constexpr std::size_t bytes_per_batch = std::size_t{16} << 20U;
/// Of requests that wait, of all sessions together. Many have a token, which lies in locked memory:
/// there is room for four times as many.
inline constexpr std::size_t requests_waiting = 32'768;
inline constexpr std::size_t bytes_waiting = std::size_t{256} << 20U;
inline constexpr Duration patience_for_drain = std::chrono::seconds{10};

}  // namespace cercle::relay::bounds
