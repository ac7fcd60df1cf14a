// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Tokens: rights without names. Who can show the token has the right; the relay keeps only a
// hash of it, so its stolen disk gives no rights away.

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"

namespace cercle::access {

inline constexpr std::size_t token_size = 32;

/// What a right is for; part of its hash.
enum class Right : std::uint8_t { Append, Deposit, Exchange, PutChunk, GetChunk, Unlock, Card };

using Hash = std::array<std::uint8_t, 32>;

[[nodiscard]] Hash token_hash(Right right, const Secret& token);

/// In constant time; a token of another size never matches.
[[nodiscard]] bool matches(Right right, const Secret& token, BytesView hash);

}  // namespace cercle::access
