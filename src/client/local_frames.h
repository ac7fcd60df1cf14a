// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What two processes of one user say to each other through the socket in a home
// (docs/spec/vault.md). Private to this folder.

#include <cstdint>
#include <tuple>
#include <variant>

#include "client/home.h"

namespace cercle::client {

inline constexpr std::uint8_t local_version = 7;

struct LocalRequest {
    std::uint8_t version = local_version;
    Lasting lasting = Lasting::No;
    Bytes command;

    auto fields(this auto& self) { return std::tie(self.version, self.lasting, self.command); }
};

struct LocalEvent {
    Bytes event;

    auto fields(this auto& self) { return std::tie(self.event); }
};

using LocalAnswer = std::variant<LocalEvent, Outcome>;

}  // namespace cercle::client
