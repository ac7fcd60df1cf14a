// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Quiet: the hours in which nothing rings on this device, and whose words do all the same: members
// by their ids, holders of cards by theirs. What comes is kept and shown as ever; only its `notify`
// is another. Known to this device alone: neither the relay nor who writes learns of it.

#include <string>
#include <string_view>
#include <vector>

#include "identity/words.h"
#include "store/transaction.h"

namespace cercle::client::quiet {

struct Rules {
    std::string hours;  // as they were said (card_hours.h); empty: none
    std::vector<identity::MemberId> through;
};

[[nodiscard]] Result<Rules> rules(store::Database& database);

/// In the zone of this machine; empty: none. Errors: invalid_argument.
[[nodiscard]] Result<void> keep_hours(store::Transaction& transaction, std::string_view hours);
[[nodiscard]] Result<void> let_through(store::Transaction& transaction, identity::MemberId who);
[[nodiscard]] Result<void> hold_back(store::Transaction& transaction, identity::MemberId who);

/// Whether what came from him at that moment stays silent.
[[nodiscard]] Result<bool> silences(store::Database& database,
                                    identity::MemberId who,
                                    WallTime moment);

}  // namespace cercle::client::quiet
