// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Sections: the officer changes who sees whom (decision 60). Whoever comes into sight is sent, and
// whoever goes out of it is said to be gone; what a device was sent once, it has been sent.

#include "officer/office.h"

namespace cercle::officer {

/// In one transaction: the member's sections; his devices move to a hall of those, by a letter with
/// all that they see from now on; a page for everybody for whom somebody comes into sight, goes out
/// of it, or is in other sections than before. The same sections again change nothing.
/// Errors: invalid_text, too_many, invalid_argument (the officer's own), unknown.
[[nodiscard]] Result<void> put_in_sections(client::Core& core,
                                           const AuthorityRow& authority,
                                           const Register& registered,
                                           identity::MemberId member,
                                           const identity::Sections& now);

/// In one transaction: the rule, and the pages that follow from it.
/// Errors: invalid_text, too_many, unknown (no such rule is there to be ended).
[[nodiscard]] Result<void> set_sight(client::Core& core,
                                     const AuthorityRow& authority,
                                     const Register& registered,
                                     const identity::Sight& sight,
                                     Rule rule);

}  // namespace cercle::officer
