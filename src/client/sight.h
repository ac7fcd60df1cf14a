// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Sight: who of those whom this device sees may see each other (identity/sight.h), so that nobody
// is brought together with somebody whose name never comes to him.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/core.h"
#include "identity/sight.h"

namespace cercle::client::sight {

/// As the vault keeps them.
[[nodiscard]] std::string to_text(const identity::Sections& sections);
[[nodiscard]] identity::Sections sections_from(std::string_view text);

/// The officer's rules are these from now on.
[[nodiscard]] Result<void> take(store::Transaction& transaction,
                                const std::vector<identity::Sight>& sights);

[[nodiscard]] Result<std::vector<identity::Sight>> all(store::Database& database);

/// Before some come together with others who are there already. Errors: unseen, if two of them do
/// not see each other, or one is there of whom this device cannot say it.
[[nodiscard]] Result<void> check_meeting(Core& core,
                                         const std::set<identity::MemberId>& there,
                                         const std::set<identity::MemberId>& coming);

/// Who is in a conversation, ourselves among them.
[[nodiscard]] Result<std::set<identity::MemberId>> members_in(Core& core, protocol::LogId log);

}  // namespace cercle::client::sight
