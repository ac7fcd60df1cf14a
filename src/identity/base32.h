// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Base32 (RFC 4648 section 6) without padding: capitals and digits only, which QR codes carry
// in their denser alphanumeric mode and people can read aloud.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cercle::identity {

[[nodiscard]] std::string to_base32(BytesView bytes);

/// Either case; nothing for another character or for leftover bits that are not zero.
[[nodiscard]] std::optional<Bytes> from_base32(std::string_view text);

}  // namespace cercle::identity
