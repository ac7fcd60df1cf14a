// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// UTF-8, checked before a text enters the house and before it is shown.

#include <cstddef>
#include <string>
#include <string_view>

namespace cercle {

/// Well-formed by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

/// A name that may stand on a contact list: well-formed, 1 to 200 bytes, no control characters,
/// no bidirectional formatting, nothing invisible, no space but the blank and that not at an end.
[[nodiscard]] bool is_name(std::string_view text);

/// What a stranger may write: well-formed, at most so many characters, whose only control is the
/// line's end; otherwise nothing that a name may not hold either. An empty one may stand.
[[nodiscard]] bool is_plain_text(std::string_view text, std::size_t most_characters);

/// A name that somebody else has chosen, made harmless to look at: what is_name() does not take
/// reads U+FFFD, and what is longer than `longest` bytes is cut off. A second time changes nothing.
[[nodiscard]] std::string harmless_name(std::string_view text, std::size_t longest);

}  // namespace cercle
