// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Fetch: the command that brings a message's file to a place on this machine.

#include "client/owner.h"

namespace cercle::client {

/// Errors: unknown, ambiguous, no_attachment, file_gone, and those of client/download.h.
[[nodiscard]] net::Task<void> fetch(Device& device,
                                    Fetch command,
                                    Waiting waiting,
                                    const EventSink& sink);

}  // namespace cercle::client
