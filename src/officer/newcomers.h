// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Newcomers: between a newcomer's first page and his coming into his hall others may announce new
// inbox secrets there (client/rotation.h), which he can never read. The office says them again once
// he is in it. And what is announced in one hall, it says in the others, whose devices cannot hear
// it there.

#include "identity/words.h"
#include "store/transaction.h"

namespace cercle::officer {

/// In the transaction in which his first page is made.
[[nodiscard]] Result<void> note_newcomer(store::Transaction& transaction,
                                         identity::DeviceId device);

}  // namespace cercle::officer
