// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Local sockets: how a second command on a home speaks to the first. A Unix stream socket, mode
// 0600, frames with a 4-byte length in front. Both ends check that the other one is the same user;
// binding() is all zeros, since no TLS lies below.

#include <cstddef>
#include <filesystem>

#include "net/channel.h"
#include "net/loop.h"

namespace cercle::net {

inline constexpr std::size_t largest_local_frame = std::size_t{1} << 20U;

/// The path may be longer than a socket address allows. A socket on which nobody listens any more
/// is replaced. The listener's address is the path, with port 0.
/// Errors: busy when somebody listens there, already_exists when it is no socket, permissions,
/// not_found, disk_fault.
[[nodiscard]] Result<std::unique_ptr<Listener>> listen_local(Loop& loop,
                                                             const std::filesystem::path& path);

/// Errors: unreachable_peer when nobody listens; permissions when it is another user;
/// deadline_passed, closing.
[[nodiscard]] Task<std::unique_ptr<Channel>> dial_local(Loop& loop,
                                                        std::filesystem::path path,
                                                        Deadline deadline);

}  // namespace cercle::net
