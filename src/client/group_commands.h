// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The commands on groups: who is in them, who comes and who goes.

#include "client/owner.h"

namespace cercle::client {

[[nodiscard]] net::Task<void> create_group(Device& device,
                                           CreateGroup command,
                                           Waiting waiting,
                                           const EventSink& sink);
[[nodiscard]] net::Task<void> change_group(Device& device,
                                           ChangeGroup command,
                                           Waiting waiting,
                                           const EventSink& sink);
[[nodiscard]] Result<void> list_group_members(Device& device,
                                              const std::string& group,
                                              const EventSink& sink);

}  // namespace cercle::client
