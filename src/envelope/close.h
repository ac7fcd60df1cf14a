// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Close: content becomes the payload of a relay entry. On the trip after mls/group and before
// protocol/post. What is returned may leave only when the group's new state is stored.

#include "envelope/content.h"
#include "envelope/seen.h"
#include "mls/group.h"

namespace cercle::envelope {

/// Padded, encrypted in the group's current epoch. Errors: too_large, and mls::Group::protect's.
[[nodiscard]] Result<Bytes> close(mls::Group& group,
                                  const Content& content,
                                  const Seen& seen,
                                  Random& random);

}  // namespace cercle::envelope
