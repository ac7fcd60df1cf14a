// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Inbox: how this device is invited into conversations, and the key packages by which it can be.

#include "client/dispatch.h"

namespace cercle::client {

/// Reads what is new in the inbox: each Welcome that opens becomes a conversation.
[[nodiscard]] net::Task<Progress> read_inbox(Core& core, Session& session);

/// Keeps `enough_packages` key packages at the relay.
[[nodiscard]] net::Task<void> top_up_packages(Core& core, Session& session);

inline constexpr std::uint32_t enough_packages = 24;
/// So many are kept here at most, with those that are handed out and not used yet.
inline constexpr std::int64_t most_kept_packages = 1'000;

/// A key package of this device, stored before it is shown to anybody. Its MLSMessage.
[[nodiscard]] Result<Bytes> make_package(Core& core, store::Transaction& transaction);

}  // namespace cercle::client
