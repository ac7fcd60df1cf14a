// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Bytes: what an enemy may read. What he may not is a Secret (secret.h), and there is no
// conversion between the two.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cercle {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// The characters of a text as bytes; lives as long as the text does.
[[nodiscard]] BytesView view_of(std::string_view text);

[[nodiscard]] Bytes to_bytes(BytesView view);
[[nodiscard]] Bytes to_bytes(std::string_view text);
[[nodiscard]] std::string to_text(BytesView bytes);

/// Appends `more` to `bytes`.
void append(Bytes& bytes, BytesView more);

/// Lowercase hexadecimal, two digits a byte.
[[nodiscard]] std::string to_hex(BytesView bytes);
/// Lowercase or uppercase digits; nothing for an odd length or another character.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

/// RFC 4648 section 4, with padding.
[[nodiscard]] std::string to_base64(BytesView bytes);

/// Equal in length and content, in a time that depends on the length alone. The one
/// comparison for tags, tokens and digests: a shorter right side never matches a prefix.
[[nodiscard]] bool equal_in_constant_time(BytesView left, BytesView right);

}  // namespace cercle
