// SPDX-License-Identifier: AGPL-3.0-or-later
#include "protocol/card.h"

#include <algorithm>

namespace cercle::protocol {

Result<void> CardTerms::check() const {
    if (tier < Tier::Ring || tier > Tier::Never) return fail(Code::malformed, "an unknown tier");
    if (hours.size() > most_windows) return fail(Code::malformed, "too many windows");
    // Two that touch are one: so that there is one way to say when.
    std::uint16_t earliest = 0;
    for (const Window& window : hours) {
        if (window.from < earliest || window.until <= window.from ||
            window.until > minutes_of_week) {
            return fail(Code::malformed, "windows out of their order");
        }
        earliest = static_cast<std::uint16_t>(window.until + 1);
    }
    return {};
}

Result<void> CardLetter::check() const {
    if (use < CardUse::Claim || use > CardUse::Misuse) {
        return fail(Code::malformed, "an unknown use of a card");
    }
    if (tier < Tier::Ring || tier > Tier::Never) return fail(Code::malformed, "an unknown tier");
    return {};
}

bool is_within(const CardTerms& terms, Stamp moment) {
    if (terms.hours.empty()) return true;
    // 1970 began on a Thursday.
    constexpr std::uint64_t minutes_before_thursday = 3 * 24 * 60;
    const std::uint64_t minute =
        (moment.value / 60'000 + minutes_before_thursday) % minutes_of_week;
    return std::ranges::any_of(terms.hours, [minute](const Window& window) {
        return window.from <= minute && minute < window.until;
    });
}

}  // namespace cercle::protocol
