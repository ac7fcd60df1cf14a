// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Beside: a second connection to the relay for what is large, so that texts, which go by the
// courier's, never wait behind a file.

#include <memory>

#include "client/core.h"
#include "client/session.h"

namespace cercle::client {

/// So many chunks are under way at once.
inline constexpr std::size_t chunks_under_way = 4;
/// A chunk may take a while on a slow line; a peer that is gone is noticed sooner.
inline constexpr Duration chunk_patience = std::chrono::minutes{2};

/// Errors: as Session::open.
[[nodiscard]] net::Task<std::unique_ptr<Session>> open_beside(Core& core, net::Deadline deadline);

/// Whether trying again on a new connection may help.
[[nodiscard]] bool worth_another_connection(Code code);

}  // namespace cercle::client
