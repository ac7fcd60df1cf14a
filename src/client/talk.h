// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Talk: the commands that write and read, and wait for the relay's word.

#include "client/owner.h"

namespace cercle::client {

/// What a person typed as a message's id; a new one for nothing. Errors: invalid_argument.
[[nodiscard]] Result<envelope::MessageId> message_id(const std::string& text, Random& random);

/// What the relay knows comes first, if it can be reached; else one goes on with what is here.
[[nodiscard]] net::Task<void> look_before(Device& device, Waiting waiting);

[[nodiscard]] net::Task<void> send(Device& device,
                                   Send command,
                                   Waiting waiting,
                                   const EventSink& sink);
[[nodiscard]] net::Task<void> release_message(Device& device,
                                              std::string id,
                                              Waiting waiting,
                                              const EventSink& sink);
[[nodiscard]] net::Task<void> synchronise(Device& device,
                                          Sync command,
                                          Waiting waiting,
                                          const EventSink& sink);
[[nodiscard]] net::Task<void> read(Device& device, Read command, const EventSink& sink);

}  // namespace cercle::client
