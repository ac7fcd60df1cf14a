// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Pages: what this device does with a page of the directory that the officer has signed, whether it
// came in the directory's conversation (receive.h) or by letter (page_letters.h).

#include "client/core.h"

namespace cercle::client {

/// Judges a page that was opened, and takes what it says if it is believed (vigil.h); as it was
/// signed, it is kept for whoever may have to be told (offices.h). Errors: the disk's, and of a
/// page that says what the log cannot have.
[[nodiscard]] Result<void> enter_page(Core& core,
                                      store::Transaction& transaction,
                                      const identity::DirectoryPage& page,
                                      BytesView signed_page,
                                      WallTime at);

}  // namespace cercle::client
