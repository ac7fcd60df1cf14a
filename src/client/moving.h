// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Moving: a file on its way whose place at the relay is over, or has been given to something else,
// gets another. Its chunks are closed anew, since a key closes one file, for one place, and each of
// its chunks once (envelope/attachment.h).

#include "client/core.h"
#include "net/task.h"

namespace cercle::client {

/// In pieces, between which others go on. Until it is done the file waits as it did; a copy that a
/// process does not finish is forgotten by the next. Errors: not_a_member (its conversation was
/// closed meanwhile), store_corrupt, disk_*.
[[nodiscard]] net::Task<void> move_upload(Core& core, const Upload& upload);

}  // namespace cercle::client
