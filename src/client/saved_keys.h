// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The keys a device is born with, as its vault keeps them until it has joined. Private to this
// folder.

#include <cstdint>
#include <tuple>

#include "base/secret.h"
#include "protocol/words.h"

namespace cercle::client {

struct SavedKeys {
    std::uint8_t version = 1;
    Secret signature_key;
    Secret device_key;
    Secret inbox_reader;
    protocol::LogId inbox;
    Secret inbox_secret;

    auto fields(this auto& self) {
        return std::tie(self.version,
                        self.signature_key,
                        self.device_key,
                        self.inbox_reader,
                        self.inbox,
                        self.inbox_secret);
    }
};

}  // namespace cercle::client
