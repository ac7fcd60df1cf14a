// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/sight.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace cercle::identity {

Sight sight_of(std::string one, std::string other) {
    if (other < one) std::swap(one, other);
    return {std::move(one), std::move(other)};
}

Result<void> check_sections(const Sections& sections) {
    if (sections.size() > most_sections) {
        return fail(Code::too_many, "a member is in 16 sections at most");
    }
    for (const std::string& section : sections) {
        if (section.size() > longest_section || !is_name(section) || section == nobodys) {
            return fail(Code::invalid_text,
                        "a section's name is 1 to 64 bytes of visible characters, without tricks,"
                        " and not \"none\"");
        }
    }
    return {};
}

bool means(std::string_view word, const Sections& sections) {
    if (word == everybody) return true;
    if (word == nobodys) return sections.empty();
    return sections.contains(std::string(word));
}

bool see_each_other(const Sections& one, const Sections& other, const std::vector<Sight>& sights) {
    const std::string all(everybody);
    if (one.contains(all) || other.contains(all)) return true;
    if (one.empty() && other.empty()) return true;
    const auto shared = [&](const std::string& section) { return other.contains(section); };
    if (std::ranges::any_of(one, shared)) return true;
    return std::ranges::any_of(sights, [&](const Sight& sight) {
        return (means(sight.one, one) && means(sight.other, other)) ||
               (means(sight.one, other) && means(sight.other, one));
    });
}

}  // namespace cercle::identity
