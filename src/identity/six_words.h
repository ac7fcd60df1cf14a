// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Six words: what two people tell each other to see that their devices went through the same
// enrolment (docs/spec/invitation.md).
//
// Six of 2048 words are 66 bits. They are taken from a hash over what neither end could choose
// knowing what the other one chose: the newcomer's request was committed to in step 0, before the
// officer's key was to be seen, and the officer's key was signed for that step 0. So nobody
// searches for a request whose words are the right ones: he has one try in 2^66 an invitation.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cercle::identity {

inline constexpr std::size_t words_in_list = 2048;

/// Which words there are, in the order of the format.
[[nodiscard]] const std::array<std::string_view, words_in_list>& word_list();

/// Six words for a hash, with blanks between them: 11 bits each, from the first on. The hash has
/// at least nine bytes.
[[nodiscard]] std::string six_words(BytesView hash);

/// As two people's words are compared: small letters, one blank between words, nothing else. What
/// was typed with hyphens, in capitals or over several lines becomes the same.
[[nodiscard]] std::string plain_words(std::string_view typed);

}  // namespace cercle::identity
