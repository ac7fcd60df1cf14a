// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Sight: who sees whom in a circle's directory, by the sections that its members are in
// (docs/spec/invitation.md, decision 60). Sight is mutual: whoever can be written to sees by whom.
//
// What one does not see does not come to his device; nothing here hides anything.

#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"

namespace cercle::identity {

/// By name; none at all is a section of its own, of those who are in no other.
using Sections = std::set<std::string>;

/// In a rule: whoever is in the circle. As a section of a member's: he is seen by everybody, and
/// sees everybody, as the officer does.
inline constexpr std::string_view everybody = "all";
/// In a rule alone: those who are in no section.
inline constexpr std::string_view nobodys = "none";

inline constexpr std::size_t longest_section = 64;  // bytes
inline constexpr std::size_t most_sections = 16;    // of one member
inline constexpr std::size_t most_sights = 64;      // of a circle

/// The officer's rule that the members of two sections see each other.
struct Sight {
    std::string one;
    std::string other;

    auto fields(this auto& self) { return std::tie(self.one, self.other); }

    friend auto operator<=>(const Sight&, const Sight&) = default;
};

/// The same rule, whichever of the two is named first.
[[nodiscard]] Sight sight_of(std::string one, std::string other);

/// Errors: invalid_text (no name, too long, or a word that rules use), too_many.
[[nodiscard]] Result<void> check_sections(const Sections& sections);

/// Whether a rule's word means somebody who is in these sections.
[[nodiscard]] bool means(std::string_view word, const Sections& sections);

/// Whether those who are in these sections see each other: they share one, or neither is in any, or
/// a rule says so.
[[nodiscard]] bool see_each_other(const Sections& one,
                                  const Sections& other,
                                  const std::vector<Sight>& sights);

}  // namespace cercle::identity
