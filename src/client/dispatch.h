// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Dispatch: what stands in the outbox goes to the relay, conversation by conversation, in order.
// On the trip: client/outbox -> mls/group -> envelope/close -> protocol/post -> net.
//
// Each function does one step and returns whether there may be more to do. All of them may be
// interrupted anywhere, by a crash too, and be called again.

#include "client/core.h"
#include "client/session.h"
#include "client/yielding.h"

namespace cercle::client {

enum class Progress : std::uint8_t { Idle, Moved };

/// Reads what is new in a conversation's log.
[[nodiscard]] net::Task<Progress> catch_up(Core& core, Session& session, protocol::LogId log);

/// Does the next thing that the conversation's outbox holds.
[[nodiscard]] net::Task<Progress> dispatch_next(Core& core,
                                                Session& session,
                                                protocol::LogId log,
                                                Yielding& yielding);

/// The patience with the relay for one request.
inline constexpr Duration request_patience = std::chrono::seconds{30};

}  // namespace cercle::client
