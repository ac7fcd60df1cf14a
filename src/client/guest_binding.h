// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Guest binding: the letter by which a claimant becomes the holder, and hears whose card it is.
// What it may say follows from the face that he was shown before he claimed
// (identity/card_answering.h).

#include "client/guest_file.h"

namespace cercle::client::guest_binding {

/// Who writes it says that he answers for somebody if the face says so, and only then, and with
/// the names that the owner has signed there. Other letters are none of its. Errors: forged,
/// invalid_text.
[[nodiscard]] Result<void> check(const GuestFile& guest, const envelope::LetterWords& words);

/// One that was checked. A second one changes nothing.
[[nodiscard]] Result<void> take(store::Transaction& transaction,
                                const envelope::LetterWords& words);

}  // namespace cercle::client::guest_binding
