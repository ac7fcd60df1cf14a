// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Shown: what the vault holds, as events for whoever looks.

#include "client/api.h"
#include "client/core.h"
#include "protocol/card.h"

namespace cercle::client {

/// As a person says a tier.
[[nodiscard]] std::string_view tier_text(protocol::Tier tier);

[[nodiscard]] Result<Event> shown(Core& core, const Line& line);
[[nodiscard]] Result<ConversationShown> shown(Core& core, const ConversationRow& row);
/// The conversations that are held by cards, once somebody is bound to them.
[[nodiscard]] Result<std::vector<ConversationShown>> card_conversations(Core& core);
[[nodiscard]] Contact shown(const Person& person);
[[nodiscard]] DeviceShown shown(const PersonDevice& device);
[[nodiscard]] AttachmentShown shown(const envelope::Attachment& attachment);
/// Everybody who is in a conversation now, device by device.
[[nodiscard]] Result<std::vector<Membership>> members_shown(Core& core, protocol::LogId log);
[[nodiscard]] std::string name_of(Core& core, identity::MemberId member);
[[nodiscard]] std::uint64_t milliseconds(WallTime time);
/// What a letter that comes by a card of this tier does.
[[nodiscard]] std::string_view notify_text(protocol::Tier tier);
[[nodiscard]] std::string_view state_text(LineState state);

}  // namespace cercle::client
