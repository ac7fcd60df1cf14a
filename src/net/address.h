// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Address: where a relay listens. RelayKey: which one it must be.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"

namespace cercle::net {

/// The SHA-256 of the server key's SubjectPublicKeyInfo in DER: what an invitation pins.
using RelayKey = Id<struct RelayKeyTag, 32>;

struct Address {
    std::string host;  // a name, or an IP without brackets
    std::uint16_t port = 0;

    friend auto operator<=>(const Address&, const Address&) = default;

    /// "HOST:PORT" or "[v6]:PORT". Errors: invalid_argument.
    [[nodiscard]] static Result<Address> parse(std::string_view text);

    /// What parse() reads.
    [[nodiscard]] std::string text() const;
};

}  // namespace cercle::net
