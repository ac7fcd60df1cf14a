// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Page revocations: what a directory page says of lost devices, by itself, so that a page that the
// authority has signed and that cannot be believed for another reason keeps no device from being
// shut out.

#include <vector>

#include "identity/passport.h"
#include "identity/revocation.h"

namespace cercle::identity {

/// Those that are revocations, in their order. Errors: malformed, unsupported (no page), forged.
[[nodiscard]] Result<std::vector<Revocation>> revocations_on(BytesView signed_page,
                                                             const Root& root);

}  // namespace cercle::identity
