// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Card inbox: what comes by this device's cards. On the trip of client/inbox; from strangers, so
// nothing here decodes more than a bounded plain text.

#include "client/core.h"
#include "protocol/frames.h"

namespace cercle::client {

/// An entry of the kind Card: a claim, a letter, a word of misuse. Errors: whatever is wrong with
/// it; then it is passed over.
[[nodiscard]] Result<void> take_card_entry(Core& core,
                                           store::Transaction& transaction,
                                           const protocol::Entry& entry);

/// How a letter that came by a card was to be shown: its tier of that moment. Nothing for others.
[[nodiscard]] Result<std::optional<protocol::Tier>> degree_of(store::Database& database,
                                                              protocol::LogId log,
                                                              envelope::MessageId message);

}  // namespace cercle::client
